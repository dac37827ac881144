"""The rows of one lead: a pure function of the events that are present."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from streams.definition import Definition
from streams.identity.inbox import Brought
from streams.journey.assignments import AssignmentMaker
from streams.journey.attribution import Attribution, Touch, touches_of
from streams.journey.business_time import Offices
from streams.journey.deals import deal_id_of, deal_row
from streams.journey.history import History, HistoryReader, Seen
from streams.journey.lines import line_of
from streams.journey.obligations import Ledger
from streams.journey.profile import Profile, ProfileReader
from streams.journey.stages import Entry, Walk
from streams.model import LeadEvent, Micros

Columns = dict[str, Any]
Key = tuple[str, tuple[str, ...]]  # table, key columns
UNCHANGED: Columns = {}  # in the place of a row: it is as it was made last
KNOWN = "known"  # stage of a lead that entered none: an imported name, a bare CRM record


@dataclass(slots=True)
class Reading:
    """How a lead was read last, to go on from there when no more than later events come."""

    history: History
    walk: Walk
    made_of: dict[tuple[str, str], Any]
    """What the rows of single events were made of, by table and event."""


class RowMaker:
    """Makes rows by one definition; keeps compiled rules, and nothing about leads."""

    def __init__(self, definition: Definition) -> None:
        self._definition = definition
        self._version = definition.version
        self._profiles = ProfileReader(definition)
        self._reader = HistoryReader(definition, self._profiles)
        offices = Offices(definition)
        self._ledger = Ledger(definition, offices)
        self._assignments = AssignmentMaker(definition, offices)

    def rows(
        self, lead_id: str, events: Iterable[LeadEvent], nodes: Mapping[str, Brought], beyond: int = 0
    ) -> dict[Key, Columns]:
        """Every row of the lead; none if it has no events. `nodes`: its identifiers and what each brought; `beyond`:
        how many events it has besides, which do not count."""
        return self.changed_rows(lead_id, events, nodes, beyond, None)[0]

    def changed_rows(
        self,
        lead_id: str,
        events: Iterable[LeadEvent],
        nodes: Mapping[str, Brought],
        beyond: int,
        known: Reading | None,
    ) -> tuple[dict[Key, Columns], Reading | None]:
        """As `rows`, and how they were read; UNCHANGED are rows that were made of the same in the `known` reading."""
        history = self._reader.read(events, nodes, known.history if known else None)
        if not history.seen:
            return {}, None
        walk = known.walk if known and known.history is history else Walk(self._definition)
        reading = Reading(history, walk, {})
        made_before = known.made_of if known else {}
        entries = walk.on(history)
        touches = touches_of(self._definition, history)
        start = next(
            (entry.entered_at for entry in entries if not self._definition.stage_named[entry.stage].first_only), None
        )
        origins = Attribution(self._definition, history, touches, start)
        began_at = entries[0].entered_at if entries else history.seen[0].counts_at
        then = {key: lead for brought in nodes.values() for key, lead in brought.then.items()}
        bringer = {key: identifier for identifier in sorted(nodes) for key in nodes[identifier].events}
        rows: dict[Key, Columns] = {
            ("leads", (lead_id,)): self._lead(history, entries, origins, began_at) | {"events_beyond_cap": beyond}
        }

        def put(table: str, cause: str, columns: Columns, *key: str) -> None:
            columns["lead_then"] = then.get(cause, lead_id)
            rows[table, (lead_id, *(key or (cause,)))] = columns

        def put_of_one(table: str, event: LeadEvent, made_of: tuple[Any, ...], make: Callable[[], Columns]) -> None:
            """A row that follows from this event, `made_of` and whose the event was then, and from nothing else."""
            what = reading.made_of[table, event.key] = (event, *made_of, then.get(event.key))
            if made_before.get((table, event.key)) == what:
                rows[table, (lead_id, event.key)] = UNCHANGED
            else:
                put(table, event.key, make())

        for entry in entries:
            columns = self._entry(entry, history, origins, began_at)
            put("stage_entries", entry.cause.key, columns, entry.cause.key, entry.stage)
        for kind, cause, columns in self._ledger.rows(history, entries, origins):
            put("obligations", cause, columns, kind, cause)
        for cause, columns in self._assignments.rows(history, entries, origins):
            put("assignments", cause, columns)
        for touch in touches:
            put_of_one("touches", touch.seen.event, (touch.rule, touch.channel), partial(self._touch, touch))
        channels = {touch.seen.event.key: touch.channel for touch in touches}
        for seen in history.seen:
            event = seen.event
            channel, identifier = channels.get(event.key, ""), bringer.get(event.key, "")
            made_of = (channel, identifier, seen.moments)
            put_of_one("lead_events", event, made_of, partial(self._event, seen, channel, identifier))
            if event.type == "activity_logged":
                put_of_one("activities", event, (), partial(self._activity, seen))
        for deal_id, columns in self._deals(history, origins):
            put("deals", columns["cause"], columns, deal_id)
        for identifier, brought in nodes.items():
            kind, _, record_id = identifier.partition(":")
            rows["lead_identifiers", (lead_id, identifier)] = {
                "kind": kind,
                "record_id": "" if kind == "email" else record_id,
                "first_seen": brought.since,
                "definition_version": self._version,
            }
        return rows, reading

    def _lead(self, history: History, entries: list[Entry], origins: Attribution, began_at: Micros) -> Columns:
        last = history.seen[-1]
        profile, owner = last.profile, last.owner
        origin, clue = origins.at(last.counts_at, profile), origins.clue(last.counts_at)
        standing = next((entry for entry in reversed(entries) if not entry.regressed), None)
        return {
            "crm_record_id": history.records.crm_record_id(),
            "stage": standing.stage if standing else KNOWN,
            "cycle": last.cycle,
            "owner": owner.person,
            "owner_kind": owner.kind,
            "channel": origin.channel,
            "origin": origin.origin,
            "origin_at": clue.at if clue else None,
            "claimed_by_sales": profile.claimed_by_sales,
            "claimed_by_marketing": profile.claimed_by_marketing,
            "account": profile.account or profile.email_domain,
            "account_by": _account_by(profile),
            "company": profile.company,
            "size_band": profile.size_band,
            "industry": profile.industry,
            "region": profile.region,
            "department": profile.department,
            "job_title": profile.job_title,
            "score": float(history.score),
            "hot": int(history.hot),
            "began_at": began_at,
            "stage_since": standing.entered_at if standing else began_at,
            "last_event_at": last.counts_at,
            "events": len(history.seen),
            "definition_version": self._version,
            "definition_signed": int(self._definition.signed),
        }

    def _entry(self, entry: Entry, history: History, origins: Attribution, began_at: Micros) -> Columns:
        then = history.seen[entry.place]
        origin = origins.at(entry.entered_at, then.profile)
        return {
            "cycle": entry.cycle,
            "source": entry.cause.source,
            "event_id": entry.cause.event_id,
            "entered_at": entry.entered_at,
            "left_at": entry.left_at,
            "next": entry.next,
            "skipped": int(entry.skipped),
            "regressed": int(entry.regressed),
            "began_at": began_at,
            "owner": then.owner.person,
            "channel": origin.channel,
            "origin": origin.origin,
            "size_band": then.profile.size_band,
            "industry": then.profile.industry,
            "region": then.profile.region,
            "score": float(then.score),
            "ready": int(history.was_ready(entry.entered_at)),
            "hot": int(then.hot),
            **_reason(entry, history),
            "definition_version": self._version,
        }

    def _deals(self, history: History, origins: Attribution) -> Iterator[tuple[str, Columns]]:
        if not history.deals.deals:
            return
        contact = next((seen.counts_at for seen in history.seen if not deal_id_of(seen.event)), None)
        last = history.seen[-1]
        origin = origins.at(last.counts_at, last.profile)
        for deal_id, deal in history.deals.deals.items():
            columns = deal_row(deal, contact, self._profiles.claim)
            if not columns["account"]:
                columns["account"] = last.profile.account or last.profile.email_domain
                columns["account_by"] = _account_by(last.profile)
            for side in ("claimed_by_sales", "claimed_by_marketing"):
                columns[side] = columns[side] or getattr(last.profile, side)
            yield deal_id, {**columns, **origin._asdict(), "definition_version": self._version}

    def _touch(self, touch: Touch) -> Columns:
        event, facts = touch.seen.event, touch.seen.facts
        return {
            "occurred_at": event.occurred_at,
            "kind": touch.rule.kind,
            "side": touch.rule.by,
            "channel": touch.channel,
            "campaign": str(facts.get("campaign") or facts.get("utm_campaign") or ""),
            "direction": touch.rule.direction,
            "source": event.source,
            "event_id": event.event_id,
            "definition_version": self._version,
        }

    def _activity(self, seen: Seen) -> Columns:
        event, facts = seen.event, seen.facts
        return {
            "occurred_at": event.occurred_at,
            "recorded_at": event.recorded_at,
            "kind": str(facts["activity_kind"]),
            "direction": str(facts["activity_direction"]),
            "human": int(bool(facts["activity_human"])),
            "outcome": str(facts.get("activity_outcome", "")),
            "actor": str(facts.get("actor_id", "")),
            "actor_role": str(facts["actor_role"]),
            "counts_from": seen.counts_at,
            "source": event.source,
            "event_id": event.event_id,
            "definition_version": self._version,
        }

    def _event(self, seen: Seen, channel: str, identifier: str) -> Columns:
        event = seen.event
        return {
            "occurred_at": event.occurred_at,
            "recorded_at": event.recorded_at,
            "type": event.type,
            "summary": line_of(seen, channel),
            "moments": list(seen.moments),
            "source": event.source,
            "event_id": event.event_id,
            "definition_version": self._version,
            "identifier": identifier,
        }


def rows_of(
    definition: Definition, lead_id: str, events: Iterable[LeadEvent], nodes: Mapping[str, Brought]
) -> dict[Key, Columns]:
    """RowMaker.rows for one call; whoever asks often keeps a RowMaker."""
    return RowMaker(definition).rows(lead_id, events, nodes)


def _reason(entry: Entry, history: History) -> Columns:
    """Why the stage was entered: as first said, at once or while the lead stood there."""
    for seen in history.seen[entry.place :]:
        if entry.left_at is not None and seen.counts_at > entry.left_at:
            break
        reason, reason_class = seen.facts.get("reason"), seen.facts.get("reason_class")
        if reason or reason_class:
            return {"reason": str(reason or ""), "reason_class": str(reason_class or "")}
    return {"reason": "", "reason_class": ""}


def _account_by(profile: Profile) -> str:
    """How the account is known: the CRM says it, or it is the domain of the company's e-mail."""
    return "crm" if profile.account else "domain" if profile.email_domain else ""
