"""Where a lead comes from: the channel of each touch, and the origin of the lead as shown by its start."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from streams.definition import Definition
from streams.definition.origins import TouchRule
from streams.journey.history import History, Seen
from streams.journey.profile import Profile, slug
from streams.model import Micros

UNKNOWN = "unknown"
PARTNER, REFERRAL, MARKETING, SALES, DIRECT = "partner", "referral", "marketing", "sales", "direct"


class Origin(NamedTuple):
    channel: str
    origin: str


@dataclass(frozen=True, slots=True)
class Touch:
    seen: Seen
    rule: TouchRule
    channel: str


@dataclass(frozen=True, slots=True)
class Clue:
    """Evidence of an origin. `said_by_record`: it stands in the CRM's record, which is made after the event itself."""

    at: Micros
    origin: str
    channel: str
    said_by_record: bool


def touches_of(definition: Definition, history: History) -> list[Touch]:
    """What brought us and the person together, in order. A form that cannot tell has the channel of its visit."""
    touches = []
    visits: dict[object, str] = {}
    for seen in history.seen:
        rule = seen.touch
        if rule is None:
            continue
        channel = rule.channel or _channel(definition, seen)
        visit = seen.facts.get("session_id")
        if visit is not None:
            if seen.event.type == "session":
                visits[visit] = channel
            elif not channel or channel in definition.direct:
                channel = visits.get(visit, channel)
        touches.append(Touch(seen, rule, channel))
    return touches


def _channel(definition: Definition, seen: Seen) -> str:
    said = seen.facts.get("campaign_channel")
    if said:
        return slug(str(said))
    return definition.channel_rules.first(seen.facts) or ""


class Attribution:
    """Origin and channel of one lead, as of any time."""

    def __init__(self, definition: Definition, history: History, touches: list[Touch], start: Micros | None) -> None:
        """`start`: when the lead entered its first stage beyond a visit; None if it did not."""
        self._rules = definition.origin
        self._start = start
        self._clues = _clues(definition, history, touches)
        self._found: dict[tuple[Micros, Micros], Clue | None] = {}

    def at(self, time: Micros, profile: Profile) -> Origin:
        """As it looked at `time`: later events do not count, and what came after the lead's start never does."""
        clue = self.clue(time)
        if clue is None:
            return Origin(profile.claimed_by_marketing or profile.claimed_by_sales, UNKNOWN)
        return Origin(clue.channel, clue.origin)

    def clue(self, time: Micros) -> Clue | None:
        """What decides the origin, as it looked at `time`."""
        start = time if self._start is None else min(time, self._start)
        record = time if self._start is None else min(time, self._start + self._rules.record_grace)
        if (start, record) not in self._found:
            self._found[start, record] = self._earliest(start, record)
        return self._found[start, record]

    def _earliest(self, start: Micros, record: Micros) -> Clue | None:
        oldest = start - self._rules.look_back
        usable = [clue for clue in self._clues if oldest <= clue.at <= (record if clue.said_by_record else start)]
        for origins in ((PARTNER, REFERRAL), (MARKETING, SALES), (DIRECT,)):
            for clue in usable:
                if clue.origin in origins:
                    return clue
        return None


def _clues(definition: Definition, history: History, touches: list[Touch]) -> list[Clue]:
    """In order of time; at one time the order of the events, partner before referral, codes before touches."""
    rules = definition.origin
    channels = {PARTNER: rules.partner.channel, REFERRAL: rules.referral.channel, SALES: rules.sales.channel}
    touch_of = {touch.seen.event.key: touch for touch in touches}
    sales_moments = frozenset(rules.sales.moments)
    clues = []
    for seen in history.seen:
        at = seen.event.occurred_at
        record = "record_kind" in seen.facts
        clues += [Clue(at, origin, channels[origin], record) for origin in seen.origins]
        if not sales_moments.isdisjoint(seen.moments):  # when it counts: a call noted afterwards claims no lead
            clues.append(Clue(seen.counts_at, SALES, rules.sales.channel, said_by_record=False))
        touch = touch_of.get(seen.event.key)
        if touch is not None and touch.rule.by == "marketing" and touch.rule.direction == "inbound":
            direct = not touch.channel or touch.channel in definition.direct
            clues.append(Clue(at, DIRECT if direct else MARKETING, touch.channel, said_by_record=False))
    clues.sort(key=lambda clue: clue.at)
    return clues
