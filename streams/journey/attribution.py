"""Where a lead comes from: the channel of each touch, and the origin of the lead as shown by its start."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from streams.definition import Definition
from streams.definition.model import TouchRule
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
        rule = definition.touch_rules.first(seen.facts)
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
        self._known: dict[int, Origin | None] = {}

    def at(self, time: Micros, profile: Profile) -> Origin:
        """As it looked at `time`: later events do not count, and what came after the lead's start never does."""
        start = time if self._start is None else min(time, self._start)
        record = time if self._start is None else min(time, self._start + self._rules.record_grace)
        oldest = start - self._rules.look_back
        usable = [
            clue for clue in self._clues if clue.at <= (record if clue.said_by_record else start) and clue.at >= oldest
        ]
        for origins in ((PARTNER, REFERRAL), (MARKETING, SALES), (DIRECT,)):
            for clue in usable:
                if clue.origin in origins:
                    return Origin(clue.channel, clue.origin)
        return Origin(profile.claimed_by_marketing or profile.claimed_by_sales, UNKNOWN)


def _clues(definition: Definition, history: History, touches: list[Touch]) -> list[Clue]:
    """In order of time; at one time the order of the events, partner before referral, codes before touches."""
    rules = definition.origin
    touch_of = {id(touch.seen): touch for touch in touches}
    sales_moments = frozenset(rules.sales.moments)
    clues = []
    for seen in history.seen:
        at, record = seen.event.occurred_at, "record_kind" in seen.facts
        for origin, evidence in ((PARTNER, rules.partner), (REFERRAL, rules.referral)):
            if evidence.when(seen.facts):
                clues.append(Clue(at, origin, evidence.channel, record))
        if rules.sales.when(seen.facts):
            clues.append(Clue(at, SALES, rules.sales.channel, said_by_record=True))
        elif not sales_moments.isdisjoint(seen.moments):
            clues.append(Clue(at, SALES, rules.sales.channel, said_by_record=False))
        touch = touch_of.get(id(seen))
        if touch is not None and touch.rule.by == "marketing" and touch.rule.direction == "inbound":
            direct = not touch.channel or touch.channel in definition.direct
            clues.append(Clue(at, DIRECT if direct else MARKETING, touch.channel, said_by_record=False))
    return clues
