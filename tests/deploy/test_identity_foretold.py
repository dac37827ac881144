"""What `identity block --dry-run` foretells is what the resolver then does."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest

from deploy.identity.orders import foretold
from deploy.identity.person import Identifier, Link
from deploy.identity.web import LARGEST, TooLarge, Web, spread
from tests.identity.test_resolver import NAMES, RULES, Book, ordered, said

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Asked:
    """What boards would answer of a resolver's rows."""

    def __init__(self, book: Book) -> None:
        self.identities, self.all_links = {}, []
        for (table, key), row in book.rows.items():
            if table == "identities" and row:
                linked_at = None if row["linked_at"] is None else EPOCH + timedelta(microseconds=row["linked_at"])
                self.identities[key[0]] = Identifier(key[0], row["lead_id"], row["why"], linked_at)
            elif table == "identity_links" and row:
                in_force, first = bool(row["in_force"]), row["first_at"]
                self.all_links.append(Link(key[0], key[1], first, None, None, in_force, in_force, "", "", ""))

    def links(self, names: Collection[str]) -> list[Link]:
        return [link for link in self.all_links if link.in_force and {link.a, link.b} & {*names}]

    def known(self, names: Collection[str]) -> dict[str, Identifier]:
        return {name: self.identities[name] for name in names if name in self.identities}

    def web(self, of: str) -> Web:
        return spread(of, self.links, self.known)

    def is_hub(self, name: str) -> bool:
        linked = [link for link in self.all_links if name in (link.a, link.b) and link.first_at is not None]
        return len(linked) > RULES.hub_neighbours


def leads(book: Book, names: Collection[str]) -> set[tuple[str, frozenset[str]]]:
    by_lead: dict[str, set[str]] = {}
    for name in names:
        by_lead.setdefault(book.lead(name), set()).add(name)
    return {(lead, frozenset(some)) for lead, some in by_lead.items()}


@pytest.mark.parametrize("seed", range(60))
def test_what_is_foretold_is_what_the_resolver_does(seed: int) -> None:
    luck, book = Random(seed), Book()
    for at in range(14):
        one, other = luck.sample(NAMES, 2)
        match luck.randrange(8):
            case 0:
                book.hear(ordered(one, "block", at))
            case 1:
                book.hear(said(one, other, unmerge=at))
            case _:
                book.hear(said(one, other, first=at, merge=luck.choice([at, None])))
    for of in [name for name in NAMES if not Asked(book).is_hub(name)]:
        web = Asked(book).web(of)
        now = web.cut() ^ {of}
        expected = {(f"L({web.root(person)})", person) for person in web.people(now, RULES)}
        what = "unblock" if web.identifiers[of].why == "blocked" else "block"
        others = {*NAMES} - web.identifiers.keys()
        apart = {other: book.lead(other) for other in others}
        book.hear(ordered(of, what, 100 + len(book.log)))
        assert leads(book, web.identifiers) == expected
        assert {other: book.lead(other) for other in others} == apart, "somebody moved of whom nothing was said"


def test_a_web_that_is_too_large_is_not_told() -> None:
    def star(names: Collection[str]) -> list[Link]:
        ends = [f"crm_lead:{number}" for number in range(LARGEST + 1)]
        return [Link(end, "email:a", None, None, None, True, True, "", "", "") for end in ends]

    with pytest.raises(TooLarge):
        spread("email:a", star, lambda names: {})


def test_an_order_that_changes_nothing_says_so() -> None:
    book = Book()
    book.hear(said("crm_lead:1", "email:a", first=1))
    book.hear(ordered("email:b", "block", 1))

    def told(of: str, what: Any) -> list[str]:
        return list(foretold(Asked(book).web(of), what, "would", RULES, lambda root: f"L({root})"))

    assert told("email:b", "blocked") == ["email b is blocked already: that changes nothing"]
    assert told("crm_lead:1", "unblocked") == ["crm_lead 1 is not blocked: that changes nothing"]
    assert told("email:b", "unblocked") == ["email b joins nobody as it is: that changes nothing now"]
    assert told("crm_lead:1", "blocked")[0] == "lead L(email:a) would fall apart into 2 people:"
