"""What happened to one lead, in order, with everything that each event says beside its own fields.

The order is (when it counts, rank of the stage that such an event may enter, event key), so that simultaneous events
advance a lead the same way in every run. An event counts when it happened, but for an activity known only by day or
logged late: else whoever logs a call afterwards could move the lead, and its promises, in the past.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from streams.definition import Definition
from streams.definition.channels import referrer_host
from streams.definition.origins import TouchRule
from streams.journey.deals import DealBook, deal_id_of
from streams.journey.ownership import Owner, Ownership
from streams.journey.profile import NOBODY, Profile, ProfileReader
from streams.journey.records import Records
from streams.model import LeadEvent, Micros, Value


@dataclass(slots=True)
class Seen:
    """An event in its place, by `counts_at`; the rest is as of right after it."""

    event: LeadEvent
    facts: dict[str, Value]
    moments: tuple[str, ...]
    counts_at: Micros
    profile: Profile
    owner: Owner
    touch: TouchRule | None  # the rule by which it is one
    origins: tuple[str, ...]  # of which its fields are evidence
    stage: str = ""
    cycle: int = 0
    score: float = 0.0
    hot: bool = False


@dataclass(slots=True)
class History:
    seen: list[Seen]
    ownership: Ownership
    records: Records
    deals: DealBook
    statuses: dict[str, str] = field(default_factory=dict)  # record -> the stage that its status stands for, '' if none
    opted_out: set[str] = field(default_factory=set)  # records
    score: float = 0.0  # as of now: what was done before the lead last left the funnel is spent
    hot: bool = False
    ready: list[tuple[Micros, bool, LeadEvent]] = field(default_factory=list)  # when the sales-ready rule held

    def goes_on(self, ordered: list[LeadEvent], records: Records, deals: DealBook) -> bool:
        """Whether these are the events that were seen and at most some after them, and all that is said of the whole
        (`records`, `deals`: nothing seen yet) is what it was: then what was seen stays as it is."""
        if len(ordered) < len(self.seen) or any(
            seen.event is not event for seen, event in zip(self.seen, ordered, strict=False)
        ):
            return False
        before = self.records
        same_records = records.made_at == before.made_at and set(records.theirs) == set(before.theirs)
        return same_records and deals.kinds == self.deals.kinds

    def was_ready(self, time: Micros) -> bool:
        """Whether the sales-ready rule held at `time`."""
        place = bisect_right(self.ready, time, key=lambda change: change[0])
        return bool(place) and self.ready[place - 1][1]

    def last_until(self, time: Micros) -> int:
        """Place of the last event that counts at or before `time`; -1 if there is none."""
        return bisect_right(self.seen, time, key=lambda seen: seen.counts_at) - 1


class HistoryReader:
    """Reads events by the rules of a definition; keeps nothing about leads."""

    def __init__(self, definition: Definition, profiles: ProfileReader) -> None:
        self._definition = definition
        self._profiles = profiles

    def read(
        self, events: Iterable[LeadEvent], identifiers: Collection[str] = (), known: History | None = None
    ) -> History:
        """`identifiers`: of the person. `known`: what was read last; it goes on where nothing but later events came."""
        ordered = sorted(events, key=lambda event: (self._counts_at(event), self._rank(event), event.key))
        records, deals = Records.of(ordered, identifiers), DealBook(self._definition, ordered)
        if known is None or not known.goes_on(ordered, records, deals):
            known = History([], Ownership(), records, deals)
        for event in ordered[len(known.seen) :]:
            self._see(known, event)
        return known

    def _see(self, history: History, event: LeadEvent) -> None:
        definition = self._definition
        facts: dict[str, Value] = {**event.data, "type": event.type}
        counts_at = self._counts_at(event)
        if event.type == "activity_logged":
            self._complete_activity(facts)
        if event.data.get("record_kind"):
            self._status(event, facts, history.statuses)
            _opt_out(event, facts, history.opted_out)
            snapshot = event.type == "lead_updated" and not history.records.knows(event)
            history.records.see(event, facts, counts_at)
            history.ownership.see(event, facts, counts_at, len(history.seen), snapshot=snapshot)
            history.deals.see(event, facts)
        elif "referrer" in facts and (host := referrer_host(facts["referrer"], definition.own_sites)):
            facts["referrer_host"] = host
        profile = history.seen[-1].profile if history.seen else NOBODY
        profile = self._profiles.after(profile, event.type, event.data, claims=not deal_id_of(event))
        moments = definition.moment_rules.all(facts)
        touch, origins = definition.touch_rules.first(facts), definition.origin_rules.all(facts)
        history.seen.append(Seen(event, facts, moments, counts_at, profile, history.ownership.now, touch, origins))

    def _rank(self, event: LeadEvent) -> int:
        status = event.data.get("status")
        if status is not None:
            stage = self._definition.stage_of_status.get(str(status).strip().casefold())
            if stage is not None:
                return self._definition.rank[stage]
        return self._definition.rank_of_type.get(event.type, 0)

    def _status(self, event: LeadEvent, facts: dict[str, Value], statuses: dict[str, str]) -> None:
        """Only a change of a record's status says something; the same again, or none of ours, does not."""
        status = event.data.get("status")
        if status is None or event.data.get("record_kind") == "opportunity":
            return
        record_id = str(event.data.get("record_id") or "")
        stage = self._definition.stage_of_status.get(str(status).strip().casefold(), "")
        first = record_id not in statuses
        if stage and statuses.get(record_id) != stage:
            facts["becomes"] = stage
            if first and event.type == "lead_updated":
                facts["undated"] = True  # a snapshot: the status may be years old
        statuses[record_id] = stage

    def _complete_activity(self, facts: dict[str, Value]) -> None:
        kind = facts.setdefault("activity_kind", "other")
        facts.setdefault("activity_human", not facts.get("sequence"))
        facts.setdefault("activity_direction", "two_way" if kind == "meeting" else "outbound")
        facts.setdefault("actor_role", self._definition.activities.role)

    def _counts_at(self, event: LeadEvent) -> Micros:
        """An activity known only by day, or logged late, counts when it was logged."""
        if event.type != "activity_logged":
            return event.occurred_at
        late = event.recorded_at - event.occurred_at > self._definition.activities.late_after
        return event.recorded_at if late or event.precision == "day" else event.occurred_at


def _opt_out(event: LeadEvent, facts: dict[str, Value], opted_out: set[str]) -> None:
    """Snapshots repeat the opt-out; only its turning on is an event."""
    said = event.data.get("opted_out")
    record_id = str(event.data.get("record_id") or "")
    if said is True and record_id not in opted_out:
        opted_out.add(record_id)
        facts["opts_out"] = True
    elif said is False:
        opted_out.discard(record_id)
