"""resolve: who is one person. The single writer of conclusions, folding `identity.links` record by record.

A lead is a connected component of links in force. An identifier is cut, i.e. links nobody, if it has too many distinct
neighbours (a hub), was blocked, or was erased. In a component of too many identifiers everyone is their own lead. All
of that is judged by what there is, never by who came first. A lead's root is its identifier with the earliest first
link, so people who come in order never move.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from streams.identity.graph import NEVER, Graph, Mark, Marks, mark
from streams.identity.identifiers import IdentityRules
from streams.identity.links import NO_ORDERS, Orders
from streams.identity.messages import Former, assignment
from streams.model import Effect, Micros, Record, Row

HUB, BLOCKED, ERASED, OVERSIZE = "hub", "blocked", "erased", "oversize"


class Conclusion(NamedTuple):
    """Of one identifier; `why` it is alone although it has links: hub, blocked, erased, oversize or ''."""

    root: int
    members: frozenset[int]
    former: tuple[Former, ...] = ()
    why: str = ""


class Cause(NamedTuple):
    """What a record says that was not known: linked, merged, unmerged, blocked, unblocked or erased."""

    what: str
    mark: Mark


class Resolver:
    """`apply` and `replay` fold one record of schemas/internal/links.avsc at its offset, in the order of the log."""

    def __init__(self, rules: IdentityRules, lead_id_of: Callable[[str], str], definition_version: str) -> None:
        self._rules = rules
        self._lead_id_of = lead_id_of
        self._definition_version = definition_version
        self._graph = Graph()
        self._orders: dict[int, Orders] = {}

    def replay(self, offset: int, record: Record) -> None:  # noqa: ARG002
        """Fold without a word: what followed from it was said before."""
        graph = self._graph
        one = graph.number(record["a"])
        if not record["b"]:
            self._orders[one] = self._orders.get(one, NO_ORDERS).joined(_orders(record))
            return
        other = graph.number(record["b"])
        pair = graph.pair(one, other)
        known = graph.marks(pair)
        joined = known.joined(record)
        if joined != known:
            graph.learn(one, other, pair, joined)

    def apply(self, offset: int, record: Record) -> Iterator[Effect]:
        """What differs: assignments for exactly those whose lead, fellow identifiers or former leads change, and rows.
        A known record changes nothing."""
        return iter(self._link(offset, record) if record["b"] else self._order(offset, record))

    def _link(self, offset: int, record: Record) -> list[Effect]:
        graph = self._graph
        one, other = graph.number(record["a"]), graph.number(record["b"])
        pair = graph.pair(one, other)
        known = graph.marks(pair)
        joined = known.joined(record)
        if joined == known:
            return []
        touched = [one, other]
        if joined.first is not None and known.first is None:
            for each in (one, other):
                if graph.neighbours[each] == self._rules.hub_neighbours:  # and so is cut by one more
                    touched += graph.joined_with(each)
        before = self._conclusions(touched, former=False)
        if not self._joins(before, one, other, joined):
            before = self._conclusions(touched)
        graph.learn(one, other, pair, joined)
        effects = self._differences(before, (one, other), offset, record, _news(known, joined))
        effects.append(self._link_row(one, other, joined))
        return effects

    def _joins(self, before: dict[int, Conclusion], one: int, other: int, joined: Marks) -> bool:
        """Whether two components become one: then everybody's fellows change, and former leads need not be compared."""
        if other in before[one].members or not joined.in_force():
            return False
        return not self._why_cut(one, 1) and not self._why_cut(other, 1)

    def _order(self, offset: int, record: Record) -> list[Effect]:
        graph = self._graph
        one = graph.number(record["a"])
        known = self._orders.get(one, NO_ORDERS)
        joined = known.joined(_orders(record))
        if joined == known:
            return []
        # A hub is cut whatever is ordered of it, and its neighbours may be many.
        is_hub = graph.neighbours[one] > self._rules.hub_neighbours
        touched = [one] if is_hub else [one, *graph.joined_with(one)]
        before = self._conclusions(touched)
        self._orders[one] = joined
        effects = self._differences(before, (one,), offset, record, _ordered(known, joined))
        if joined.erase and not known.erase:
            for other, _ in graph.pairs_of(one):
                a, b = sorted((graph.name(one), graph.name(other)))
                effects.append(Row("identity_links", (a, b), None))
        return effects

    def _differences(
        self, before: dict[int, Conclusion], said: tuple[int, ...], offset: int, record: Record, cause: Cause
    ) -> list[Effect]:
        """said: those that the record itself names."""
        graph = self._graph
        source_at: Micros = record["source_at"]
        fellows: dict[frozenset[int], list[str]] = {}
        effects: list[Effect] = []
        root, lead = -1, ""
        for each, now in self._conclusions(before).items():
            # Who is not among `before` was in an oversize component, and is now together with others.
            then = before.get(each) or Conclusion(each, frozenset((each,)), (), OVERSIZE)
            if now == then and each not in said:
                continue
            name = graph.name(each)
            if now.root != root:
                root, lead = now.root, self._lead(now.root)
            moved = now.root != then.root
            if moved or now.members != then.members or now.former != then.former:
                members = fellows.get(now.members)
                if members is None:
                    members = fellows[now.members] = sorted(map(graph.name, now.members))
                effects.append(assignment(name, lead, offset, members, now.former, source_at))
            if moved:
                effects.append(self._change(name, offset, self._lead(then.root), lead, record, cause))
            if moved or now.why != then.why or each in said:
                values = None if now.why == ERASED else self._identity(each, lead, now.why)
                effects.append(Row("identities", (name,), values))
        return effects

    # -- conclusions

    def _why_cut(self, one: int, more: int = 0) -> str:
        """more: with so many more neighbours."""
        orders = self._orders.get(one) if self._orders else None
        if orders is not None:
            if orders.erase:
                return ERASED
            if orders.blocked():
                return BLOCKED
        return HUB if self._graph.neighbours[one] + more > self._rules.hub_neighbours else ""

    def _conclusions(self, around: Iterable[int], former: bool = True) -> dict[int, Conclusion]:
        """For these and everyone of their components. former: with their former leads."""
        found: dict[int, Conclusion] = {}
        for each in around:
            if each in found:
                continue
            why = self._why_cut(each)
            members = frozenset((each,)) if why else self._component(each)
            if len(members) > self._rules.lead_identifiers:
                members, why = frozenset((each,)), OVERSIZE
            if len(members) == 1:
                found[each] = Conclusion(each, members, (), why)
            elif former:
                self._conclude(members, found)
            else:
                found.update(dict.fromkeys(members, Conclusion(min(members, key=self._seniority), members)))
        return found

    def _component(self, start: int) -> frozenset[int]:
        """Whom the links in force join with this one, who is not cut; ends once they are too many."""
        joined_with, most = self._graph.joined_with, self._rules.lead_identifiers
        seen, edge = {start}, [start]
        for one in edge:
            for other in joined_with(one):
                if other not in seen and not self._why_cut(other):
                    seen.add(other)
                    edge.append(other)
            if len(seen) > most:
                break
        return frozenset(seen)

    def _conclude(self, members: frozenset[int], found: dict[int, Conclusion]) -> None:
        """As links came in time: the more senior root takes over, and who followed the other one has a former lead."""
        if len(members) == 2:  # nearly everybody
            ((at, one, other),) = self._graph.links_among(members)
            senior, junior = (one, other) if self._seniority(one) < self._seniority(other) else (other, one)
            found[senior] = Conclusion(senior, members)
            found[junior] = Conclusion(senior, members, (Former(at, self._lead(junior)),))
            return
        root = {each: each for each in members}
        group = {each: [each] for each in members}
        former: dict[int, tuple[Former, ...]] = {}
        for at, one, other in self._graph.links_among(members):
            senior, junior = root[one], root[other]
            if senior == junior:
                continue
            if self._seniority(junior) < self._seniority(senior):
                senior, junior = junior, senior
            left = Former(at, self._lead(junior))
            for each in group[junior]:
                root[each] = senior
                known = former.get(each, ())
                if not known or known[-1].until < at:  # of one moment only what was before it counts
                    former[each] = (*known, left)
            group[senior] += group.pop(junior)
            if len(group) == 1:
                break
        for each in members:
            found[each] = Conclusion(senior, members, former.get(each, ()))

    def _seniority(self, one: int) -> tuple[Micros, bytes]:
        return self._graph.linked_at[one], self._graph.keys[one]

    def _lead(self, root: int) -> str:
        return self._lead_id_of(self._graph.name(root))

    # -- rows

    def _identity(self, one: int, lead: str, why: str) -> dict[str, Any]:
        linked_at = self._graph.linked_at[one]
        return {
            "lead_id": lead,
            "why": why,
            "linked_at": None if linked_at == NEVER else linked_at,
            "definition_version": self._definition_version,
        }

    def _link_row(self, one: int, other: int, marks: Marks) -> Row:
        key = self._graph.name(one), self._graph.name(other)
        if self._orders and ERASED in (self._why_cut(one), self._why_cut(other)):
            return Row("identity_links", key, None)
        first, merge, unmerge = marks
        values = {
            "first_at": first and first[0],
            "merged_at": merge and merge[0],
            "unmerged_at": unmerge and unmerge[0],
            "in_force": int(marks.in_force()),
            "first_event": first[1].hex() if first else "",
            "merge_event": merge[1].hex() if merge else "",
            "unmerge_event": unmerge[1].hex() if unmerge else "",
            "definition_version": self._definition_version,
        }
        return Row("identity_links", key, values)

    @staticmethod
    def _change(name: str, offset: int, then: str, now: str, record: Record, cause: Cause) -> Row:
        values = {
            "from_lead": then,
            "to_lead": now,
            "what": cause.what,
            "a": record["a"],
            "b": record["b"],
            "event": cause.mark[1].hex(),
            "at": cause.mark[0],
            "changed_at": record["source_at"],
        }
        return Row("identity_changes", (name, offset), values)


def _orders(record: Record) -> Orders:
    return Orders(record["block"], record["unblock"], record["erase"])


def _news(known: Marks, joined: Marks) -> Cause:
    """The strongest that is new."""
    for what, then, now in (
        ("unmerged", known.unmerge, joined.unmerge),
        ("merged", known.merge, joined.merge),
        ("linked", known.first, joined.first),
    ):
        if now is not None and now != then:
            return Cause(what, now)
    raise AssertionError("nothing is new")


def _ordered(known: Orders, joined: Orders) -> Cause:
    for what, then, now in (
        ("erased", known.erase, joined.erase),
        ("unblocked", known.unblock, joined.unblock),
        ("blocked", known.block, joined.block),
    ):
        found = mark(now)
        if found is not None and now != then:
            return Cause(what, found)
    raise AssertionError("nothing is new")
