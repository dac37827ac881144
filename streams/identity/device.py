"""What is kept of a device: its sessions and who was identified on it. All of it only grows.

Everything here is a join of what each event says (sets, minima, maxima), so that the order of events is of no matter,
and every change makes a session's version higher, so that what is told last is what all events together say.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import blake2b
from struct import pack, unpack

from streams.event import shortened, without_addresses
from streams.identity.messages import FOREVER
from streams.model import Micros, Record, Value

PAGE, PRICING, DEMO, OTHER = range(4)  # kinds of events; OTHER is no page: a form, an identification
_KIND = {"pricing": PRICING, "demo": DEMO}
_LANDING = (
    "url",
    "referrer",
    "utm_source",
    "utm_medium",
    "utm_campaign",
    "utm_term",
    "utm_content",
    "click_id",
    "referral_code",
    "partner_code",
    "country",
)
_LATEST: Micros = 2**52
_CROWD = 2**62

Naming = tuple[Micros, str]


@dataclass(slots=True)
class Session:
    name: str
    seen: set[int] = field(default_factory=set)
    """8 bytes of each event's key, the kind in the lowest 2 bits."""
    counts: list[int] = field(default_factory=lambda: [0, 0, 0, 0])
    """Distinct events by kind, up to the cap."""
    started: Micros = _LATEST
    ended: Micros = 0
    rep_link: bool = False
    landing_order: tuple[bool, Micros, int] | None = None
    """Of the landing event: whether it is no page, its time, its key. None: nothing of the web yet, only forms."""
    landing: dict[str, Value] = field(default_factory=dict)
    landing_source: str = ""
    landing_recorded: Micros = 0
    landing_precision: str = "second"
    named: Naming = (0, "")
    """When and as whom somebody was last identified in it; "": nobody."""
    mailbox: Naming = (0, "")
    """The same for role inboxes."""
    forms: dict[str, Record] = field(default_factory=dict)
    """LeadEvents of forms without an e-mail, by event key."""
    channel: str | None = None
    """Of the landing; None: to be found again."""
    _key: str = ""

    def key_on(self, device: str) -> str:
        """Of its event in a journey, and of its item; a session stays on its device."""
        if not self._key:
            self._key = blake2b(f"{device}\x1f{self.name}".encode(), digest_size=16).hexdigest()
        return self._key

    def count(self, key: int, kind: int, cap: int) -> None:
        key = key & ~3 | kind
        if key not in self.seen and self.counts[kind] < cap:
            self.seen.add(key)
            self.counts[kind] += 1

    def visit(self, record: Record, key: int, cap: int) -> None:
        """A web event of this session; key: 8 bytes of the event's key."""
        is_page = record["type"] != "identify"
        self.count(key, _KIND.get(record["page_kind"], PAGE) if is_page else OTHER, cap)
        at: Micros = record["occurred_at"]
        if at < self.started:
            self.started = at
        if at > self.ended:
            self.ended = at
        if record["rep_link"] and not self.rep_link:
            self.rep_link = True
            self.channel = None
        order = (not is_page, at, key)
        if self.landing_order is None or order < self.landing_order:
            self.landing_order = order
            self.landing = {**shortened({n: without_addresses(value) for n in _LANDING if (value := record[n])})}
            self.landing_source = record["source"]
            self.landing_recorded = at if record["recorded_at"] is None else record["recorded_at"]
            self.landing_precision = record["time_precision"]
            self.channel = None

    def pages(self) -> int:
        return self.counts[PAGE] + self.counts[PRICING] + self.counts[DEMO]

    def version(self, cap: int) -> int:
        """Higher with every event that changes anything here."""
        counted = len(self.seen)
        if counted < cap or max(self.counts) < cap:
            return counted
        # Some count stands still: what else may change is added (of events of one microsecond few go unnoticed).
        progress = _LATEST - self.started + self.ended + self.named[0] + self.mailbox[0] + self.rep_link
        if self.landing_order is not None:
            is_no_page, at, key = self.landing_order
            progress += ((1 if is_no_page else _LATEST) + _LATEST - at << 8) + 255 - (key >> 56)
        return counted + progress


@dataclass(slots=True)
class Device:
    name: str
    sessions: dict[str, Session] = field(default_factory=dict)
    named: dict[str, Micros] = field(default_factory=dict)
    """Every person's identifier ever given on it, with the time of the first."""
    mailboxes: dict[str, Micros] = field(default_factory=dict)
    """The same for role inboxes; they stand back where there are persons."""
    crowd: bool = False
    """More identifiers than one device can have: for ever nobody's."""
    erased: bool = False
    """To be forgotten: for ever nobody's, and without content."""
    standing: int = 0
    """Higher with everything that `named` and `mailboxes` learn."""

    def name_as(self, identifier: str, weak: bool, at: Micros, cap: int) -> bool:
        """Somebody was identified on this device. False: that is no news, as an earlier event said it.

        The event that said it first is news each time it comes, as what was said then may be lost.
        """
        book = self.mailboxes if weak else self.named
        known = book.get(identifier)
        if self.crowd:
            return known == at
        if known is not None and known < at:
            return False
        book[identifier] = at
        self.standing += _LATEST + 1 - at if known is None else known - at
        self.crowd = len(self.named) + len(self.mailboxes) > cap
        return True

    def identifiers(self) -> list[str]:
        return [*self.named, *self.mailboxes] if self.mailboxes else list(self.named)

    def forget(self, session: Session) -> None:
        """Only what is needed to take it back, now and again, stays."""
        forms = {key: without_content(form) for key, form in session.forms.items()}
        self.sessions[session.name] = Session(session.name, forms=forms)

    def version(self, session: Session, cap: int) -> int:
        if self.erased:
            return FOREVER
        return (_CROWD if self.crowd else self.standing) + session.version(cap)


def without_content(form: Record) -> Record:
    return {**form, "source": "", "event_id": "", "data": {}}


def dump(device: Device) -> Record:
    return {
        "device": device.name,
        "sessions": {name: _dump_session(session) for name, session in device.sessions.items()},
        "named": dict(device.named),
        "mailboxes": dict(device.mailboxes),
        "crowd": device.crowd,
        "erased": device.erased,
    }


def load(record: Record) -> Device:
    sessions = {name: _load_session(name, session) for name, session in record["sessions"].items()}
    times = [*record["named"].values(), *record["mailboxes"].values()]
    standing = sum(_LATEST + 1 - at for at in times)
    return Device(
        record["device"], sessions, record["named"], record["mailboxes"], record["crowd"], record["erased"], standing
    )


def _dump_session(session: Session) -> Record:
    order = session.landing_order
    return {
        "seen": pack(f">{len(session.seen)}Q", *session.seen),
        "started": session.started,
        "ended": session.ended,
        "rep_link": session.rep_link,
        "landing": None
        if order is None
        else {
            "is_no_page": order[0],
            "at": order[1],
            "key": order[2].to_bytes(8, "big"),
            "data": session.landing,
            "source": session.landing_source,
            "recorded_at": session.landing_recorded,
            "precision": session.landing_precision,
        },
        "named_at": session.named[0],
        "named": session.named[1],
        "mailbox_at": session.mailbox[0],
        "mailbox": session.mailbox[1],
        "forms": list(session.forms.values()),
    }


def _load_session(name: str, record: Record) -> Session:
    seen = record["seen"]
    session = Session(
        name,
        set(unpack(f">{len(seen) // 8}Q", seen)),
        started=record["started"],
        ended=record["ended"],
        rep_link=record["rep_link"],
        named=(record["named_at"], record["named"]),
        mailbox=(record["mailbox_at"], record["mailbox"]),
        forms={form["key"]: form for form in record["forms"]},
    )
    for key in session.seen:
        session.counts[key & 3] += 1
    landing = record["landing"]
    if landing is not None:
        session.landing_order = (landing["is_no_page"], landing["at"], int.from_bytes(landing["key"], "big"))
        session.landing = landing["data"]
        session.landing_source = landing["source"]
        session.landing_recorded = landing["recorded_at"]
        session.landing_precision = landing["precision"]
    return session
