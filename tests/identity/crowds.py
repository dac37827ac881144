"""Events of the kinds of people that cost most: how many messages come of each, and how large do states become?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from random import Random
from typing import NamedTuple

from streams.identity.identifiers import IdentityRules
from tests.identity.events import crm, form, web
from tests.identity.oracle import Source
from tests.identity.world import Wire, World


def ordinary(people: int) -> Iterator[Source]:
    """Each visits, fills in a form, becomes a CRM lead, is worked on, converted, and a deal is made."""
    for number in range(people):
        device, email, at = f"device{number}", f"person{number}@firm{number}.org", number * 100
        for page in range(4):
            yield "web", web(device, "s", at + page, url="/", event_id=f"{page}")
        yield "form", form(device, email, at + 4, session_id="s")
        yield "crm", crm("lead", f"l{number}", "lead_created", at + 5, email=email)
        yield "crm", crm("lead", f"l{number}", "assigned", at + 6, email=email)
        yield "crm", crm("lead", f"l{number}", "activity_logged", at + 7)
        yield "crm", crm("lead", f"l{number}", "converted", at + 8, contact_id=f"c{number}")
        yield "crm", crm("opportunity", f"o{number}", "opportunity_created", at + 9, lead_id=f"l{number}")


def hub(records: int) -> Iterator[Source]:
    """All with the address of the front desk."""
    for number in range(records):
        yield "crm", crm("lead", f"l{number}", "lead_created", number, email="desk@firm.org")


def chain(records: int) -> Iterator[Source]:
    """Each merged with the next, the latest first, so that the root changes every time."""
    for number in range(records):
        yield "crm", crm("lead", f"l{number}", "merged", records - number, other_record_id=f"l{number + 1}")


def tablet(people: int, visits: int) -> Iterator[Source]:
    """At a booth: people come one after the other, and somebody looks around in between."""
    for number in range(people):
        yield "form", form("tablet", f"guest{number}@firm.org", number * 100, session_id=f"p{number}")
        for visit in range(visits):
            yield "web", web("tablet", f"v{number}-{visit}", number * 100 + visit + 1, url="/", event_id=f"{visit}")


def flapping(times: int) -> Iterator[Source]:
    """A record that is merged with one after the other and taken away again, with a form of its own to carry along."""
    yield "form", form(None, "ann@firm.org", 0)
    yield "crm", crm("lead", "l0", "lead_created", 1, email="ann@firm.org")
    for number in range(1, times + 1):
        yield "crm", crm("lead", f"l{number}", "lead_created", 0, email=f"bob{number}@firm.org", event_id="e")
        yield "crm", crm("lead", "l0", "merged", number * 10, other_record_id=f"l{number}")
        yield "crm", crm("lead", "l0", "unmerged", number * 10 + 1, other_record_id=f"l{number}")


class Cost(NamedTuple):
    messages: list[int]
    """Of each event, till all is quiet."""
    world: World

    @property
    def mean(self) -> float:
        return sum(self.messages) / len(self.messages)


def cost(sources: Iterable[Source], rules: IdentityRules | None = None, wire: Wire | None = None) -> Cost:
    world = World(rules or IdentityRules(), 1, Random(1), transactions=True, **({"wire": wire} if wire else {}))
    messages = []
    for source in sources:
        before = world.sent
        world.produce(source)
        world.settle()
        messages.append(world.sent - before)
    return Cost(messages, world)


CROWDS: dict[str, Callable[[], Iterator[Source]]] = {
    "ordinary people": lambda: ordinary(200),
    "one address of 1,000 records": lambda: hub(1000),
    "a chain of 300 merges": lambda: chain(300),
    "a tablet of 45 people": lambda: tablet(45, 4),
    "merged and unmerged 300 times": lambda: flapping(300),
}
