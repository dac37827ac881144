"""resolve: who is one person. The single writer of conclusions, folding `identity.links` record by record.

A lead is a connected component of links in force. An identifier with too many distinct neighbours is cut: it links
nobody. In a component of too many identifiers everyone is their own lead. Both are judged by what there is, never by
who came first. A lead's root is its identifier with the earliest first link, so people who come in order never move.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from streams.identity.identifiers import IdentityRules
from streams.identity.links import Registers, at
from streams.identity.messages import assignment
from streams.model import Effect, Micros, Record, Row

_NEVER: Micros = 2**62


class Conclusion(NamedTuple):
    root: str
    members: tuple[str, ...]


class Resolver:
    """`apply` and `replay` fold one record of schemas/internal/links.avsc at its offset, in the order of the log."""

    def __init__(self, rules: IdentityRules, lead_id_of: Callable[[str], str], definition_version: str) -> None:
        self._rules = rules
        self._lead_id_of = lead_id_of
        self._definition_version = definition_version
        self._pairs: dict[tuple[str, str], Registers] = {}
        self._neighbours: dict[str, set[str]] = {}
        """All that were ever linked, in force or not."""
        self._linked_at: dict[str, Micros] = {}
        """Time of the earliest link."""

    def replay(self, offset: int, record: Record) -> None:  # noqa: ARG002
        """Fold without a word: what followed from it was said before."""
        self._learn(record["a"], record["b"], self._joined(record))

    def apply(self, offset: int, record: Record) -> Iterator[Effect]:
        """Assignments for exactly those whose lead or fellow identifiers change; a known record changes nothing."""
        a, b = record["a"], record["b"]
        joined = self._joined(record)
        if joined == self._pairs.get((a, b)):
            return
        touched = [a, b, *self._let_go(a, b, joined), *self._let_go(b, a, joined)]
        before = self._conclusions(touched)
        self._learn(a, b, joined)
        after = self._conclusions([*touched, *before])
        for each in sorted(after):
            # Who is not among `before` was in an oversize component, and is now together with others.
            if after[each] != before.get(each):
                lead = self._lead_id_of(after[each].root)
                yield assignment(each, lead, offset, after[each].members, record["source_at"])
        yield self._row(a, b, joined)

    def _joined(self, record: Record) -> Registers:
        new = Registers(record["first"], record["merge"], record["unmerge"])
        known = self._pairs.get((record["a"], record["b"]))
        return new if known is None else known.joined(new)

    def _learn(self, a: str, b: str, registers: Registers) -> None:
        self._pairs[a, b] = registers
        if registers.first is not None:
            linked_at = registers.first["at"]
            for one, other in ((a, b), (b, a)):
                self._neighbours.setdefault(one, set()).add(other)
                self._linked_at[one] = min(linked_at, self._linked_at.get(one, _NEVER))

    def _is_cut(self, identifier: str) -> bool:
        return len(self._neighbours.get(identifier, ())) > self._rules.hub_neighbours

    def _let_go(self, one: str, other: str, registers: Registers) -> set[str]:
        """Whom `one` holds together so far, and no longer when it gets this neighbour and so is cut."""
        known = self._neighbours.get(one, set())
        is_new = registers.first is not None and other not in known
        return known if is_new and len(known) == self._rules.hub_neighbours else set()

    def _conclusions(self, around: Iterable[str]) -> dict[str, Conclusion]:
        """For these and everyone of their components."""
        found: dict[str, Conclusion] = {}
        for each in around:
            if each not in found:
                members = self._component(each)
                if members is None:
                    found[each] = _alone(each)
                else:
                    conclusion = Conclusion(min(members, key=self._seniority), tuple(sorted(members)))
                    found.update(dict.fromkeys(members, conclusion))
        return found

    def _component(self, start: str) -> set[str] | None:
        """Whom the links in force join with this one; None if they are too many."""
        members = {start}
        if self._is_cut(start):
            return members
        edge = [start]
        while edge:
            one = edge.pop()
            for other in self._neighbours.get(one, ()):
                pair = (one, other) if one < other else (other, one)
                if other not in members and self._pairs[pair].in_force() and not self._is_cut(other):
                    members.add(other)
                    edge.append(other)
                    if len(members) > self._rules.lead_identifiers:
                        return None
        return members

    def _seniority(self, identifier: str) -> tuple[Micros, bool, str]:
        return self._linked_at.get(identifier, _NEVER), not identifier.startswith("email:"), identifier

    def _row(self, a: str, b: str, registers: Registers) -> Row:
        mark = registers.first or registers.merge or registers.unmerge
        assert mark is not None
        values = {
            "first_at": at(registers.first),
            "merged_at": at(registers.merge),
            "unmerged_at": at(registers.unmerge),
            "in_force": int(registers.in_force()),
            "source": mark["source"],
            "event_id": mark["event_id"],
            "definition_version": self._definition_version,
        }
        return Row("identity_links", (a, b), values)


def _alone(identifier: str) -> Conclusion:
    return Conclusion(identifier, (identifier,))
