"""A company: the rows of each fact table and kind of reference data, and what boards show of them as they are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from functools import cached_property

from streams.model import Micros
from tests.measures.oracle.terms import Terms
from tests.measures.oracle.words import LINE, STAGES, Row, day


class Company:
    """`facts`: rows by table, key columns and values; `reference`: rows by kind, those that count."""

    def __init__(self, facts: Mapping[str, list[Row]], reference: Mapping[str, list[Row]], terms: Terms) -> None:
        self._facts, self._reference, self.terms = facts, reference, terms
        self.lead = {row["lead_id"]: row for row in self.facts("leads")}
        self._of_lead: dict[str, dict[str, list[Row]]] = {}

    def facts(self, table: str) -> list[Row]:
        return self._facts.get(table, [])

    def reference(self, kind: str) -> list[Row]:
        return self._reference.get(kind, [])

    def of_lead(self, table: str, lead_id: str) -> list[Row]:
        if table not in self._of_lead:
            found = self._of_lead[table] = defaultdict(list)
            for row in self.facts(table):
                found[row["lead_id"]].append(row)
        return self._of_lead[table].get(lead_id, [])

    def leads(self, at: Micros) -> list[Row]:
        return [lead for lead in self.facts("leads") if lead["began_at"] <= at]

    @cached_property
    def _of_account(self) -> dict[str, list[Row]]:
        found: dict[str, list[Row]] = defaultdict(list)
        for lead in self.facts("leads"):
            found[lead["account"]].append(lead)
        return found

    def leads_of_account(self, account: str) -> list[Row]:
        """Of an account that is not known, none."""
        return self._of_account.get(account, []) if account else []

    # --- stages ---

    def entries(self, stage: str, at: Micros) -> list[Row]:
        """Of all leads."""
        return [
            row
            for row in self.facts("stage_entries")
            if row["stage"] == stage and not row["regressed"] and row["entered_at"] <= at
        ]

    def way(self, lead_id: str, at: Micros) -> list[Row]:
        """The entries of a lead, in order."""
        entries = [row for row in self.of_lead("stage_entries", lead_id) if not row["regressed"]]
        return sorted((row for row in entries if row["entered_at"] <= at), key=_in_order)

    def reached(
        self, lead_id: str, stage: str, at: Micros, cycles: Callable[[int], bool] = lambda cycle: True
    ) -> list[Row]:
        """The entries of the stage, or of a later one of the line, in cycles that are asked for."""
        stages = LINE[LINE.index(stage) :]
        return [row for row in self.way(lead_id, at) if row["stage"] in stages and cycles(row["cycle"])]

    def units(self, stage: str, at: Micros) -> Iterator[Row]:
        """The first entry of the stage in each cycle of each lead."""
        known = set()
        for row in sorted(self.entries(stage, at), key=_in_order):
            if (row["lead_id"], row["cycle"]) not in known:
                known.add((row["lead_id"], row["cycle"]))
                yield row

    # --- obligations ---

    def obligations(self, at: Micros) -> Iterator[Row]:
        """As they stand: the first of met and ended wins, a tie is met."""
        for row in self.facts("obligations"):
            if row["opened_at"] > at:
                continue
            met = row["met_at"] if row["met_at"] is not None and row["met_at"] <= at else None
            ended = row["ended_at"] if row["ended_at"] is not None and row["ended_at"] <= at else None
            if met is not None and (ended is None or met <= ended):
                yield row | {"state": "met" if met <= row["due_at"] else "recovered", "ended_at": ended}
                continue
            if ended is not None:
                state = "voided" if row["end_kind"] == "voided" else "lost"
            elif at >= row["due_at"]:
                state = "leaking"
            else:
                state = "warned" if at >= row["warn_at"] else "open"
            yield row | {"state": state, "met_at": met, "ended_at": ended, "met_by": "", "note": "", "office_s": None}

    # --- deals ---

    @cached_property
    def _deals(self) -> list[Row]:
        of_people = {deal["deal_id"] for deal in self.facts("deals") if deal["lead_id"]}
        return [deal for deal in self.facts("deals") if deal["lead_id"] or deal["deal_id"] not in of_people]

    def deals(self, at: Micros) -> list[Row]:
        """Each deal once: that of the person whose it is, else that of its account."""
        return [deal for deal in self._deals if deal["created_at"] <= at]

    def new_business(self, at: Micros) -> list[Row]:
        return [deal for deal in self.deals(at) if deal["kind"] == "new_business"]

    def won(self, at: Micros) -> list[Row]:
        return [deal for deal in self.new_business(at) if closed_as("won", deal, at)]

    # --- who is who ---

    @cached_property
    def identifiers(self) -> list[Row]:
        """What leads are known as: identifiers that brought events, and those that only link."""
        first: dict[tuple[str, str], Micros] = {}
        brought = [(row["lead_id"], row["identifier"], row["first_seen"]) for row in self.facts("lead_identifiers")]
        linked = [
            (row["lead_id"], row["identifier"], row["linked_at"])
            for row in self.facts("identities")
            if row["linked_at"] is not None and row["lead_id"] in self.lead
        ]
        for lead_id, identifier, since in (*brought, *linked):
            first[lead_id, identifier] = min(since, first.get((lead_id, identifier), since))
        found = []
        for (lead_id, identifier), since in first.items():
            kind, _, name = identifier.partition(":")
            record_id = "" if kind == "email" else name
            found.append({"lead_id": lead_id, "identifier": identifier, "record_id": record_id, "first_seen": since})
        return found

    @cached_property
    def records_of(self) -> dict[str, set[str]]:
        """The CRM records of each lead."""
        records: dict[str, set[str]] = defaultdict(set)
        for row in self.identifiers:
            if row["record_id"]:
                records[row["lead_id"]].add(row["record_id"])
        return records

    # --- visitors ---

    def visitors(self, at: Micros) -> list[Row]:
        """A row per device: first_seen, and the channel of its first session."""
        sessions: dict[str, list[Row]] = defaultdict(list)
        for visit in self.facts("visits"):
            sessions[visit["device"]].append(visit)
        firsts = [min(visits, key=lambda one: (one["started_at"], one["session_id"])) for visits in sessions.values()]
        return [
            {"first_seen": first["started_at"], "channel": first["channel"]}
            for first in firsts
            if first["started_at"] <= at
        ]

    # --- money ---

    @cached_property
    def reporting_currency(self) -> str | None:
        """That of the rates, whose rate is always 1; without rates the only one there is."""
        rates: dict[str, set[float]] = defaultdict(set)
        for rate in self.reference("rates"):
            rates[rate["currency"]].add(rate["rate"])
        if rates:
            return max((currency for currency, known in rates.items() if known == {1}), default="")
        money = [*self.facts("deals"), *self.reference("spend")]
        currencies = {row["currency"] for row in money if row["amount"]}
        return currencies.pop() if len(currencies) == 1 else None

    def converted(self, amount: float, currency: str, on: date) -> float | None:
        """In the reporting currency; None where there is no rate."""
        if currency == self.reporting_currency:
            return amount
        rates = [rate for rate in self.reference("rates") if rate["currency"] == currency and rate["valid_from"] <= on]
        if amount == 0:
            return 0.0
        return amount * max(rates, key=lambda rate: rate["valid_from"])["rate"] if rates else None

    def in_reporting(self, deal: Row) -> float | None:
        """At the rate of the day the deal was closed, else made."""
        on = deal["created_at"] if deal["closed_at"] is None else deal["closed_at"]
        return self.converted(deal["amount"], deal["currency"], day(on))


def closed_as(status: str, deal: Row, at: Micros) -> bool:
    return bool(deal["status"] == status and deal["closed_at"] is not None and deal["closed_at"] <= at)


def _in_order(entry: Row) -> tuple[Micros, int, str]:
    return entry["entered_at"], STAGES.index(entry["stage"]), entry["cause"]
