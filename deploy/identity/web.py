"""What would come of a block or an unblock: the identifiers around one, and how they fall into people.

The rules of streams/identity/resolver.py, on what boards know of a few identifiers.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field

from deploy.identity.person import Identifier, Link, root_of
from streams.identity.identifiers import IdentityRules

LARGEST = 500  # identifiers: beyond, nobody wants to read what comes of it
CUT = ("hub", "blocked")
People = frozenset[frozenset[str]]


class TooLarge(ValueError):
    """The web is larger than can be told."""


@dataclass(slots=True)
class Web:
    """The identifiers that links in force connect with one, its block or not; links of hubs and blocked ones end it."""

    of: str
    identifiers: dict[str, Identifier] = field(default_factory=dict)
    pairs: set[tuple[str, str]] = field(default_factory=set)

    def people(self, cut: Collection[str], rules: IdentityRules) -> People:
        """If these linked nobody."""
        group = {name: frozenset({name}) for name in self.identifiers}
        for a, b in sorted(self.pairs):
            if a not in cut and b not in cut and group[a] is not group[b]:
                both = group[a] | group[b]
                group.update(dict.fromkeys(both, both))
        return frozenset(
            part
            for one in group.values()
            for part in ([one] if len(one) <= rules.lead_identifiers else [frozenset({name}) for name in one])
        )

    def cut(self) -> set[str]:
        return {one.name for one in self.identifiers.values() if one.why in CUT}

    def root(self, person: Collection[str]) -> str:
        """That the lead's id would be made of."""
        return root_of([self.identifiers[name] for name in person])


def spread(
    of: str,
    links_in_force: Callable[[Collection[str]], Iterable[Link]],
    identities: Callable[[Collection[str]], dict[str, Identifier]],
) -> Web:
    """Raises TooLarge."""
    web, edge = Web(of), {of}
    while edge:
        web.identifiers |= {name: Identifier(name, "") for name in edge} | identities(edge)
        if len(web.identifiers) > LARGEST:
            raise TooLarge(f"more than {LARGEST} identifiers")
        through = {name for name in edge if name == of or web.identifiers[name].why not in CUT}
        found = {(link.a, link.b) for link in links_in_force(through)} if through else set()
        if len(found) > 4 * LARGEST:
            raise TooLarge(f"more than {4 * LARGEST} links")
        web.pairs |= found
        edge = {end for pair in found for end in pair} - web.identifiers.keys()
        if len(edge) > LARGEST:
            raise TooLarge(f"more than {LARGEST} identifiers")
    return web
