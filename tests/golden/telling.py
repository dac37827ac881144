"""Tells rows of the tables in the words of the story, so that what came out can be laid beside it line by line.

Ids are hashes: a lead is called by the person whose first identifier its id is made of, an event by its number, a visit
by device and session. What the story does not know keeps its id, and so stands out.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

from streams.event import event_key
from streams.identity.identifiers import Hasher
from tests.golden.story import EVENTS, TABLES, shown
from tests.support.in_memory import codec, definition

Row = dict[str, Any]
Line = tuple[str, ...]
OWNERS = "Whose what is"  # what the columns `whose` of events and visits say together
COLUMNS = {  # of the story's tables, and where they come from; of who is who, see Teller.told
    "What links them": ("identity_links", "one other first_event merge_event unmerge_event holds"),
    "Leads": ("leads", "lead_id crm_record_id stage cycle owner channel origin account account_by score began_at"),
    "Their way": ("stage_entries", "lead_id cycle stage entered_at cause left_at next mark"),
    "What was owed": ("obligations", "lead_id kind cause owes opened_at due_at settled_at state"),
    "Who got whom": (
        "assignments",
        "lead_id cause owner cycle assigned_at how handed_over was_ready cycle_began_at touched_at decided decided_at"
        " until_at",
    ),
    "Deals": ("deals", "deal_id whose account account_by status amount created_at closed_at before days"),
    "Visits": ("visits", "device session_id started_at pages channel ownership whose"),
    OWNERS: ("lead_events", "cause whose"),
}
HASHER = Hasher(b"a secret for tests only", definition().identity)


def identifier(text: str) -> str:
    """Of 'email ada@kestrel.example', 'lead Q-ADA' or 'contact C-ADA'."""
    kind, name = text.split()
    if kind != "email":
        return f"crm_{kind}:{name}"
    address = HASHER.address(name)
    assert address is not None
    return address.identifier


def wanted() -> dict[str, list[Line]]:
    """What the story says, by heading. The reasons why somebody is one person are for people only."""
    said = {name: [tuple(line.values()) for line in TABLES[name]] for name in COLUMNS if name != OWNERS}
    said["Who is who"] = [(line["person"], line["identifiers"]) for line in TABLES["Who is who"]]
    said[OWNERS] = [(event.number, event.whose) for event in EVENTS if event.topic != "web"]
    said[OWNERS] += [(f"{line['device']} {line['visit']}", line["whose"]) for line in TABLES["Visits"]]
    said[OWNERS] = [line for line in said[OWNERS] if line[1] != "nobody"]
    return said


def differences(rows: dict[str, list[Row]]) -> list[str]:
    """Between the story and what came out, a line each."""
    told, found = Teller(rows).told(), []
    for heading, lines in wanted().items():
        came, said = Counter(told[heading]), Counter(lines)
        for what, some in (("did not come out", said - came), ("nobody told", came - said)):
            found += [f"{heading}, {what}: {' | '.join(line)}" for line in sorted(some.elements())]
    return found


class Teller:
    """Of the rows of each table; times are UTC microseconds, and obligations have their `state` besides."""

    def __init__(self, rows: dict[str, list[Row]]) -> None:
        self._rows = rows
        people = {line["person"]: line["identifiers"].replace(" (blocked)", "") for line in TABLES["Who is who"]}
        self._identifiers = {identifier(text): text for texts in people.values() for text in texts.split(", ")}
        persons = {texts.split(", ")[0]: person for person, texts in people.items()}
        self._leads = {HASHER.lead_id(name): persons.get(text, text) for name, text in self._identifiers.items()}
        self._causes = {row["cause"]: f"{row['device']} {row['session_id']}" for row in rows["visits"]}
        for event in EVENTS:
            schema = f"events/{event.topic}"
            self._causes[event_key(codec().decode(schema, codec().encode(schema, event.record)))] = event.number
        self._why = {row["identifier"]: row["why"] for row in rows["identities"] if row["why"]}
        self.owners = {row["cause"]: self.whose(row) for row in rows["lead_events"]}

    def told(self) -> dict[str, list[Line]]:
        found = {"Who is who": sorted(self._people())}
        for heading, (table, columns) in COLUMNS.items():
            rows = [row | self._besides(table, row) for row in self._rows[table]]
            found[heading] = sorted(tuple(self._cell(name, row[name]) for name in columns.split()) for row in rows)
        return found

    def whose(self, row: Row) -> str:
        now, then = (self._leads.get(row[name], row[name]) for name in ("lead_id", "lead_then"))
        return "nobody" if not now else now if then == now else f"{now}, then {then}"

    def _people(self) -> Iterator[Line]:
        """Whoever was ever linked, blocked, or brought anything; each in the order of first links."""
        at = {
            row["identifier"]: (row["linked_at"], not row["identifier"].startswith("email:"))
            for row in self._rows["identities"]
        }
        members: dict[str, set[str]] = defaultdict(set)
        for row in (*self._rows["identities"], *self._rows["lead_identifiers"]):
            members[row["lead_id"]].add(row["identifier"])
        for lead, names in members.items():
            yield (
                self._cell("lead_id", lead),
                ", ".join(map(self._name, sorted(names, key=lambda one: (*at.get(one, ()), one)))),
            )

    def _name(self, one: str) -> str:
        return self._identifiers.get(one, one) + (f" ({self._why[one]})" if one in self._why else "")

    def _besides(self, table: str, row: Row) -> Row:
        """What the story says in one word, and the tables in other columns."""
        match table:
            case "identity_links":
                one, other = sorted(self._identifiers.get(row[end], str(row[end])) for end in "ab")
                cut = self._why.get(row["a"]) or self._why.get(row["b"])
                holds = "no" if not row["in_force"] else f"would, but is {cut}" if cut else "yes"
                assert row.get("effective", holds == "yes") == (holds == "yes"), row
                return {"one": one, "other": other, "holds": holds}
            case "stage_entries":
                return {"mark": "skipped" if row["skipped"] else "regressed" if row["regressed"] else ""}
            case "obligations":
                owes = row["owner"] if row["owed_by"] == "sales" else row["owed_by"]
                return {"owes": owes, "settled_at": row["ended_at"] if row["met_at"] is None else row["met_at"]}
            case "assignments":
                flags = {"handed_over": row["handover"], "was_ready": row["ready"]}
                return {"until_at": row["until"], **{name: "yes" if said else "no" for name, said in flags.items()}}
            case "deals":
                days = "" if row["days_to_close"] is None else f"{row['days_to_close']:.1f}"
                return {
                    "whose": self.whose(row),
                    "before": "yes" if row["before_first_contact"] else "no",
                    "days": days,
                }
            case "visits":
                whose = self.owners.get(row["cause"], "nobody")
                # a device cannot know that its two persons are one; the boards look whether somebody has the visit
                is_theirs = row["ownership"] == "shared" and whose != "nobody"
                return {"whose": whose, "ownership": "identified" if is_theirs else row["ownership"]}
            case "lead_events":
                return {"whose": self.whose(row)}
        return {}

    def _cell(self, name: str, value: Any) -> str:
        if name.endswith("_at"):
            return shown(value)
        if name == "cause" or name.endswith("_event"):
            return self._causes.get(value, str(value))
        if name == "lead_id":
            return self._leads.get(value, str(value))
        return f"{value:g}" if isinstance(value, float) else str(value)
