"""Who owed what: obligations as the definition declares them, over the history of one lead.

Nothing here knows the time of asking; `state_at` says how an obligation stands at any time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from streams.definition import Definition
from streams.definition.duration import Duration
from streams.definition.model import Obligation
from streams.journey.attribution import Attribution, Origin
from streams.journey.business_time import Office, Offices
from streams.journey.history import History, Seen
from streams.journey.stages import Entry
from streams.journey.timeline import Owed, Timeline
from streams.model import SECOND, Micros

State = Literal["open", "warned", "leaking", "met", "recovered", "lost", "voided"]


def state_at(obligation: Mapping[str, Any], time: Micros) -> State | None:
    """How a row of `obligations` stands at `time`; None before it was opened. What came after `time` does not count."""
    if time < obligation["opened_at"]:
        return None
    met, ended = obligation["met_at"], obligation["ended_at"]
    if met is not None and met <= time:
        return "met" if met <= obligation["due_at"] else "recovered"
    if ended is not None and ended <= time:
        return "lost" if obligation["end_kind"] == "lost" else "voided"
    if time < obligation["warn_at"]:
        return "open"
    return "warned" if time < obligation["due_at"] else "leaking"


class Ledger:
    """Makes the obligations of leads by the rules of a definition."""

    def __init__(self, definition: Definition, offices: Offices) -> None:
        self._definition = definition
        self._version = definition.version
        self._offices = offices

    def rows(
        self, history: History, entries: list[Entry], origins: Attribution
    ) -> Iterator[tuple[str, str, dict[str, Any]]]:
        """Kind, event key of the cause, and the columns of each obligation of the lead."""
        timeline = Timeline(self._definition, history, entries)
        for kind, rule in self._definition.obligations.items():
            for owed in timeline.owed(rule):
                yield kind, owed.opener.seen.event.key, self._row(rule, owed, history, origins)

    def _row(self, rule: Obligation, owed: Owed, history: History, origins: Attribution) -> dict[str, Any]:
        opener, opened_at, met, ended, end_kind = owed
        place = opener.place if opened_at == opener.at else history.last_until(opened_at)
        then = history.seen[place]
        profile = then.profile
        origin = origins.at(opened_at, profile)
        office = self._offices.of(_owner(history, opener.deal, opened_at), profile.region)
        within = self._within(rule, then, origin)
        due_at = office.after(opened_at, within)
        settled = met or ended
        if ended and ended.at > due_at:
            end_kind = "lost"  # who calls a lead junk once it has leaked has not kept the promise
        owed_until = min(due_at, settled.at) if settled else due_at  # a miss belongs to the owner at due
        cause = opener.seen.event
        return {
            "cycle": opener.cycle,
            "owed_by": rule.owed_by,
            "owner": _owner(history, opener.deal, owed_until),
            "opened_at": opened_at,
            "warn_at": _warn_at(rule, office, opened_at, within, due_at),
            "due_at": due_at,
            "met_at": met.at if met else None,
            "ended_at": ended.at if ended else None,
            "end_kind": end_kind,
            "void_reason": ended.note if ended else "",
            "note": met.note if met else "",
            "rolling": int(rule.rolling),
            "met_by": met.event.key if met else "",
            "opened_by_source": f"{cause.source}/{cause.event_id}",
            "met_by_source": f"{met.event.source}/{met.event.event_id}" if met else "",
            "office_s": office.between(opened_at, met.at) / SECOND if met and within.clock == "business" else None,
            "stage": opener.entry.stage if opener.entry else then.stage,
            "channel": origin.channel,
            "origin": origin.origin,
            "size_band": profile.size_band,
            "industry": profile.industry,
            "region": profile.region,
            "hot": int(then.hot),
            "definition_version": self._version,
        }

    def _within(self, rule: Obligation, then: Seen, origin: Origin) -> Duration:
        if len(rule.due) == 1:
            return rule.due[0].within
        facts = {**then.profile.facts(), "hot": then.hot, "score": then.score, **origin._asdict()}
        return next(line.within for line in rule.due if line.when is None or line.when(facts))


def _warn_at(rule: Obligation, office: Office, opened_at: Micros, within: Duration, due_at: Micros) -> Micros:
    if isinstance(rule.warn, Duration):
        return min(due_at, office.after(opened_at, rule.warn))
    return office.after(opened_at, within, rule.warn)


def _owner(history: History, deal_id: str, at: Micros) -> str:
    """The deal's own owner where it is about a deal and one was named, else the lead's."""
    deal = history.deals.deals.get(deal_id)
    return (deal.owner_at(at) if deal else "") or history.ownership.at(at).person
