from __future__ import annotations

from random import Random
from typing import Any

from streams.identity.identifiers import IdentityRules
from streams.identity.resolver import Resolver
from streams.model import Record, Row, Send

RULES = IdentityRules(hub_neighbours=3, lead_identifiers=4)
NAMES = ["crm_contact:1", "crm_contact:2", "crm_lead:1", "crm_lead:2", "email:a", "email:b", "email:c"]


def mark(at: int) -> Record:
    return {"at": at, "event_key": f"{at:032x}"}


def said(
    one: str, other: str, first: int | None = None, merge: int | None = None, unmerge: int | None = None
) -> Record:
    a, b = sorted((one, other))
    return record(a, b, first=first, merge=merge, unmerge=unmerge)


def ordered(one: str, kind: str, at: int) -> Record:
    return record(one, "", **{kind: at})


def record(a: str, b: str, **times: int | None) -> Record:
    marks = {name: None if at is None else mark(at) for name, at in times.items()}
    nothing = dict.fromkeys(("first", "merge", "unmerge", "block", "unblock", "erase"))
    return {"source_at": 7, "a": a, "b": b} | nothing | marks


Told = tuple[str, tuple[str, ...], tuple[tuple[int, str], ...]]
"""Lead, members, former leads."""


class Book:
    """What everyone was last told."""

    def __init__(self, rules: IdentityRules = RULES) -> None:
        self.rules = rules
        self.log: list[Record] = []
        self.resolver = Resolver(rules, lambda root: f"L({root})", "v1")
        self.told: dict[str, Told] = {}
        self.rows: dict[tuple[str, tuple[Any, ...]], dict[str, Any] | None] = {}

    def hear(self, record: Record) -> dict[str, Told]:
        offset = len(self.log)
        self.log.append(record)
        news = {}
        for effect in self.resolver.apply(offset, record):
            if isinstance(effect, Send):
                assigned = effect.message["assignment"]
                assert effect.topic == "identity"
                assert assigned["version"] == offset
                assert effect.message["source_at"] == 7
                former = tuple((each["until"], each["lead"]) for each in assigned["former"])
                news[effect.key] = (assigned["lead"], tuple(assigned["members"]), former)
            elif isinstance(effect, Row):
                self.rows[effect.table, effect.key] = effect.values
        self.told |= news
        return news

    def lead(self, identifier: str) -> str:
        return self.told[identifier][0] if identifier in self.told else f"L({identifier})"


def test_a_record_with_an_address_joins_it_and_the_address_is_the_root() -> None:
    book = Book()
    news = book.hear(said("crm_lead:1", "email:a", first=5))
    both = ("crm_lead:1", "email:a")
    former = ((5, "L(crm_lead:1)"),)
    assert news == {"crm_lead:1": ("L(email:a)", both, former), "email:a": ("L(email:a)", both, ())}


def test_who_comes_later_moves_to_who_was_there() -> None:
    book = Book()
    book.hear(said("crm_lead:1", "email:a", first=5))
    book.hear(said("crm_contact:1", "email:b", first=6))
    book.hear(said("crm_contact:1", "crm_lead:1", first=9))
    assert {book.lead(each) for each in ("crm_lead:1", "crm_contact:1", "email:a", "email:b")} == {"L(email:a)"}


def test_a_link_known_already_changes_nothing() -> None:
    book = Book()
    book.hear(said("crm_lead:1", "email:a", first=5))
    assert list(book.resolver.apply(1, said("crm_lead:1", "email:a", first=5))) == []
    assert list(book.resolver.apply(2, said("crm_lead:1", "email:a", first=6))) == []


def test_unmerge_parts_and_only_a_later_merge_joins_again() -> None:
    book = Book()
    pair = "crm_lead:1", "crm_lead:2"
    book.hear(said(*pair, first=5, merge=5))
    book.hear(said(*pair, unmerge=6))
    assert book.lead("crm_lead:2") == "L(crm_lead:2)"
    book.hear(said(*pair, first=9))
    book.hear(said(*pair, first=6, merge=6))
    assert book.lead("crm_lead:2") == "L(crm_lead:2)", "a routine link does not, and the unmerge wins the tie"
    book.hear(said(*pair, first=7, merge=7))
    assert book.lead("crm_lead:2") == "L(crm_lead:1)"


def test_a_hub_lets_everyone_go_again() -> None:
    book = Book()
    for number in range(3):
        book.hear(said(f"crm_lead:{number}", "email:desk", first=number))
    assert {book.lead(f"crm_lead:{number}") for number in range(3)} == {"L(email:desk)"}
    news = book.hear(said("crm_lead:3", "email:desk", first=3))
    assert set(news) == {"email:desk", "crm_lead:0", "crm_lead:1", "crm_lead:2"}
    assert {book.lead(f"crm_lead:{number}") for number in range(4)} == {f"L(crm_lead:{number})" for number in range(4)}


def test_too_many_are_nobody_until_the_chain_breaks() -> None:
    book = Book()
    chain = [f"crm_lead:{number}" for number in range(5)]
    for number in range(4):
        book.hear(said(chain[number], chain[number + 1], first=number, merge=number))
    assert [book.lead(each) for each in chain] == [f"L({each})" for each in chain]
    book.hear(said(chain[1], chain[2], unmerge=9))
    assert [book.lead(each) for each in chain] == [f"L({chain[0]})"] * 2 + [f"L({chain[2]})"] * 3


def test_a_block_cuts_until_a_later_unblock() -> None:
    book = Book()
    book.hear(said("crm_lead:1", "email:a", first=5))
    book.hear(said("crm_lead:2", "email:a", first=6))
    news = book.hear(ordered("email:a", "block", 8))
    assert set(news) == {"crm_lead:1", "crm_lead:2", "email:a"}
    assert book.lead("crm_lead:2") == "L(crm_lead:2)"
    assert book.rows["identities", ("email:a",)] is not None
    book.hear(ordered("email:a", "unblock", 8))
    assert book.lead("crm_lead:2") == "L(crm_lead:2)", "the block wins the tie"
    book.hear(ordered("email:a", "unblock", 9))
    assert book.lead("crm_lead:2") == "L(email:a)"
    assert book.hear(ordered("email:a", "block", 7)) == {}, "an older one"


def test_an_erased_one_links_nobody_and_leaves_no_row() -> None:
    book = Book()
    book.hear(said("crm_lead:1", "email:a", first=5))
    book.hear(ordered("email:a", "erase", 1))
    assert book.lead("crm_lead:1") == "L(crm_lead:1)"
    book.hear(said("crm_lead:2", "email:a", first=6))
    book.hear(ordered("email:a", "unblock", 9))
    gone = [("identities", ("email:a",))] + [("identity_links", (f"crm_lead:{n}", "email:a")) for n in (1, 2)]
    assert [book.rows[row] for row in gone] == [None] * 3


def test_former_leads_are_those_that_it_had_as_links_came() -> None:
    book = Book()
    book.hear(said("crm_lead:1", "email:b", first=3))
    book.hear(said("crm_contact:1", "email:a", first=1))
    book.hear(said("crm_contact:1", "crm_lead:1", first=7))
    assert book.told["crm_lead:1"][2] == ((3, "L(crm_lead:1)"), (7, "L(email:b)"))
    assert book.told["email:b"][2] == ((7, "L(email:b)"),)
    assert book.told["email:a"][2] == ()
    news = book.hear(said("crm_contact:1", "crm_lead:1", first=5))
    assert {name: former for name, (_, _, former) in news.items()} == {
        "crm_lead:1": ((3, "L(crm_lead:1)"), (5, "L(email:b)")),
        "email:b": ((5, "L(email:b)"),),
    }


def test_a_change_is_logged_with_its_cause() -> None:
    book = Book()
    book.hear(said("crm_lead:1", "email:a", first=3))
    book.hear(said("crm_lead:1", "crm_lead:2", first=9, merge=9))
    book.hear(said("crm_lead:1", "crm_lead:2", first=8))
    changes = {key: values for (table, key), values in book.rows.items() if table == "identity_changes"}
    assert changes == {
        ("crm_lead:1", 0): _change("linked", "crm_lead:1", "email:a", 3, "L(crm_lead:1)"),
        ("crm_lead:2", 1): _change("merged", "crm_lead:1", "crm_lead:2", 9, "L(crm_lead:2)"),
    }


def _change(what: str, a: str, b: str, at: int, then: str) -> dict[str, Any]:
    event = {"event": f"{at:032x}", "at": at, "changed_at": 7}
    return {"from_lead": then, "to_lead": "L(email:a)", "what": what, "a": a, "b": b, **event}


def test_the_row_of_a_pair_says_what_is_known_of_it() -> None:
    resolver = Resolver(RULES, str, "v1")
    [*_, row] = resolver.apply(0, said("crm_lead:1", "crm_lead:2", first=5, merge=6, unmerge=8))
    expected: dict[str, Any] = {"first_at": 5, "merged_at": 6, "unmerged_at": 8, "in_force": 0}
    expected |= {"first_event": f"{5:032x}", "merge_event": f"{6:032x}", "unmerge_event": f"{8:032x}"}
    assert row == Row("identity_links", ("crm_lead:1", "crm_lead:2"), expected | {"definition_version": "v1"})


def from_scratch(log: list[Record], rules: IdentityRules) -> dict[str, Told]:
    pairs: dict[tuple[str, str], dict[str, list[int]]] = {}
    orders: dict[str, dict[str, list[int]]] = {}
    for record in log:
        kinds = ("first", "merge", "unmerge") if record["b"] else ("block", "unblock", "erase")
        known = pairs.setdefault((record["a"], record["b"]), {}) if record["b"] else orders.setdefault(record["a"], {})
        for kind in kinds:
            if record[kind]:
                known.setdefault(kind, []).append(record[kind]["at"])
    linked = {pair: said for pair, said in pairs.items() if "first" in said}
    cut = {
        name
        for name, said in orders.items()
        if "erase" in said or max(said.get("block", [-1])) >= max(said.get("unblock", [0]))
    }
    cut |= {name for name in NAMES if sum(name in pair for pair in linked) > rules.hub_neighbours}
    since = {
        name: min((min(said["first"]) for pair, said in linked.items() if name in pair), default=0) for name in NAMES
    }
    holding = {
        pair: min(said["first"])
        for pair, said in linked.items()
        if not cut & set(pair) and ("unmerge" not in said or max(said.get("merge", [-1])) > max(said["unmerge"]))
    }

    def group_at(name: str, time: int, among: set[str]) -> set[str]:
        group = {name}
        for _ in among:
            for pair, at in holding.items():
                if at <= time and group & set(pair) and set(pair) <= among:
                    group |= set(pair)
        return group

    def lead(group: set[str]) -> str:
        return f"L({min(group, key=lambda each: (since[each], not each.startswith('email'), each))})"

    result: dict[str, Told] = {}
    for name in NAMES:
        members = group_at(name, 99, set(NAMES))
        if len(members) > rules.lead_identifiers:
            members = {name}
        leads = [lead(group_at(name, time, members)) for time in range(-1, 10)]
        former = tuple((time, leads[time]) for time in range(10) if leads[time] != leads[time + 1])
        result[name] = (lead(members), tuple(sorted(members)), former)
    return result


PAIRED = ("first", "merge", "unmerge")


def some_link(random: Random) -> Record:
    one, other = random.sample(NAMES, 2)
    return said(one, other, first=random.randint(0, 9))


def test_after_every_record_exactly_the_difference_was_said() -> None:
    for seed in range(400):
        random = Random(seed)
        book = Book()
        before = from_scratch([], RULES)
        for _ in range(30):
            one, other = random.sample(NAMES, 2)
            at = random.randint(0, 9)
            kind = random.choice(["first", "first", "first", "merge", "unmerge", "block", "unblock", "erase"])
            marks = {"first": at, "merge": at} if kind == "merge" else {kind: at}
            if kind == "erase" and random.random() < 0.5:  # rarely, as it is for good
                continue
            news = book.hear(said(one, other, **marks) if kind in PAIRED else ordered(one, kind, at))
            now = from_scratch(book.log, RULES)
            assert news == {name: now[name] for name in NAMES if now[name] != before[name]}, seed
            before = now


def test_a_refolded_resolver_goes_on_as_if_nothing_had_been() -> None:
    random = Random(3)
    for _ in range(50):
        log = [some_link(random) for _ in range(20)]
        steady, restarted = Resolver(RULES, str, "v1"), Resolver(RULES, str, "v1")
        for offset, record in enumerate(log[:12]):
            list(steady.apply(offset, record))
            restarted.replay(offset, record)
        for offset, record in enumerate(log[12:], start=12):
            assert list(steady.apply(offset, record)) == list(restarted.apply(offset, record))
