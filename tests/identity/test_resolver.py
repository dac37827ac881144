from __future__ import annotations

from random import Random
from typing import Any

from streams.identity.identifiers import IdentityRules
from streams.identity.resolver import Resolver
from streams.model import Record, Row, Send

RULES = IdentityRules(hub_neighbours=3, lead_identifiers=4)
NAMES = ["crm_contact:1", "crm_contact:2", "crm_lead:1", "crm_lead:2", "email:a", "email:b", "email:c"]


def mark(at: int) -> Record:
    return {"at": at, "event_key": f"k{at}", "source": "crm", "event_id": f"e{at}"}


def said(
    one: str, other: str, first: int | None = None, merge: int | None = None, unmerge: int | None = None
) -> Record:
    a, b = sorted((one, other))
    marks = {"first": first, "merge": merge, "unmerge": unmerge}
    return {"source_at": 7, "a": a, "b": b} | {name: None if at is None else mark(at) for name, at in marks.items()}


class Book:
    """What everyone was last told."""

    def __init__(self, rules: IdentityRules = RULES) -> None:
        self.rules = rules
        self.log: list[Record] = []
        self.resolver = Resolver(rules, lambda root: f"L({root})", "v1")
        self.told: dict[str, tuple[str, tuple[str, ...]]] = {}
        self.versions: dict[str, int] = {}

    def hear(self, record: Record) -> dict[str, tuple[str, tuple[str, ...]]]:
        offset = len(self.log)
        self.log.append(record)
        news = {}
        for effect in self.resolver.apply(offset, record):
            if isinstance(effect, Send):
                assigned = effect.message["assignment"]
                assert effect.topic == "identity"
                assert assigned["version"] == offset
                assert effect.message["source_at"] == 7
                news[effect.key] = (assigned["lead"], tuple(assigned["members"]))
        self.told |= news
        return news

    def lead(self, identifier: str) -> str:
        return self.told.get(identifier, (f"L({identifier})", ()))[0]


def test_a_record_with_an_address_joins_it_and_the_address_is_the_root() -> None:
    book = Book()
    news = book.hear(said("crm_lead:1", "email:a", first=5))
    both = ("crm_lead:1", "email:a")
    assert news == {"crm_lead:1": ("L(email:a)", both), "email:a": ("L(email:a)", both)}


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


def test_the_row_of_a_pair_says_what_is_known_of_it() -> None:
    resolver = Resolver(RULES, str, "v1")
    [*_, row] = resolver.apply(0, said("crm_lead:1", "crm_lead:2", first=5, merge=5, unmerge=8))
    expected: dict[str, Any] = {"first_at": 5, "merged_at": 5, "unmerged_at": 8, "in_force": 0, "source": "crm"}
    expected |= {"event_id": "e5", "definition_version": "v1"}
    assert row == Row("identity_links", ("crm_lead:1", "crm_lead:2"), expected)


def from_scratch(log: list[Record], rules: IdentityRules) -> dict[str, tuple[str, tuple[str, ...]]]:
    pairs: dict[tuple[str, str], dict[str, list[int]]] = {}
    for record in log:
        found = pairs.setdefault((record["a"], record["b"]), {"first": [], "merge": [], "unmerge": []})
        for name, times in found.items():
            if record[name]:
                times.append(record[name]["at"])
    group = {name: {name} for name in NAMES}
    linked = {pair: said for pair, said in pairs.items() if said["first"]}
    count = {name: sum(name in pair for pair in linked) for name in NAMES}
    for (a, b), known in linked.items():
        holds = not known["unmerge"] or max(known["merge"], default=-1) > max(known["unmerge"])
        if holds and max(count[a], count[b]) <= rules.hub_neighbours:
            joined = group[a] | group[b]
            group |= dict.fromkeys(joined, joined)
    since = {
        name: min((min(said["first"]) for pair, said in linked.items() if name in pair), default=0) for name in NAMES
    }
    result = {}
    for name, members in group.items():
        kept = members if len(members) <= rules.lead_identifiers else {name}
        root = min(kept, key=lambda each: (since[each], not each.startswith("email"), each))
        result[name] = (f"L({root})", tuple(sorted(kept)))
    return result


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
            kind = random.choice(["first", "first", "merge", "unmerge"])
            marks = {"first": at, "merge": at} if kind == "merge" else {kind: at}
            news = book.hear(said(one, other, **marks))
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
