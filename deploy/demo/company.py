"""The simulated company as one stream of messages, in the order in which they reach Kafka.

Each day brings stories (a visitor, a prospect, a call, a renewal); a story is told to its end when it begins, and its
messages wait for their time. So a longer span only adds, and the same seed always tells the same.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator
from functools import partial
from operator import attrgetter
from random import Random

from deploy.demo import deals, inquiries, sales
from deploy.demo.faults import bad_message
from deploy.demo.hours import at_local, is_workday
from deploy.demo.people import COMPANIES, company
from deploy.demo.story import Message, Story, World
from streams.model import DAY, HOUR, Micros

_VISITORS = (96, 34)  # on a working day, on another
_PROSPECTS = (2.6, 0.0)
_CALLS = (0.5, 0.0)
_BAD = (0.35, 0.35)
_FAIR_EVERY, _FAIR_NAMES = 41, 40
_RENEWALS_EACH_DAY = 0.13
_HOURS = (1, 1, 1, 1, 2, 3, 5, 9, 14, 17, 17, 15, 13, 15, 16, 15, 13, 10, 8, 7, 6, 5, 3, 2)  # visits by local hour

_at = attrgetter("at_us")


def simulate(seed: int, start_us: Micros, end_us: Micros, size: float = 1.0) -> Iterator[Message]:
    """Yield what reaches Kafka from `start_us` up to before `end_us` (event time, UTC µs), in that order.

    `size` scales how many people come: 1.0 is about 300 messages a day. Lazy, a day at a time; `end_us` may be far.
    Nothing was before `start_us` but customers whose contracts come up for renewal.
    """
    world = World(seed)
    waiting: list[Message] = []
    day = start_us // DAY
    while day * DAY < end_us:
        for story, tell in _stories(world, day, size):
            if story.born >= start_us:
                tell(story)
                waiting += story.messages
        waiting += _faults(world, day, start_us, size)
        waiting.sort(key=_at)
        day += 1
        ripe = bisect_left(waiting, min(day * DAY, end_us), key=_at)
        yield from waiting[:ripe]
        del waiting[:ripe]


def _stories(world: World, day: int, size: float) -> Iterator[tuple[Story, Callable[[Story], None]]]:
    """What begins on a day; stories have the same names in every size."""
    kinds = (
        ("visitor", _VISITORS, inquiries.visitor),
        ("prospect", _PROSPECTS, sales.prospect),
        ("call", _CALLS, inquiries.phone),
    )
    for name, means, tell in kinds:
        for number in range(_how_many(world.rng(name, day), means[not is_workday(day)] * size)):
            yield _story(world, name, day, number), tell
    if day % _FAIR_EVERY == 0:
        for number in range(round(_FAIR_NAMES * size)):
            yield _story(world, "fair", day, number), inquiries.fair
    for number in range(_how_many(world.rng("renewal", day), _RENEWALS_EACH_DAY * size)):
        customer = company(world.rng("customer", day, number).randrange(COMPANIES))
        story = _story(world, "renewal", day, number)
        yield story, partial(deals.renewal, company=customer, at=story.born)


def _story(world: World, kind: str, day: int, number: int) -> Story:
    name = f"{kind[0]}{day}.{number}"
    rng = world.rng("born", name)
    hour = rng.choices(range(24), _HOURS)[0]
    # Berlin is ahead of UTC: in its first two hours it is still the day before, whose messages are out already.
    return Story(world, name, max(at_local(day, hour * HOUR + int(rng.random() * HOUR)), day * DAY))


def _how_many(rng: Random, mean: float) -> int:
    """About `mean`, scattered as arrivals are."""
    return max(0, int(mean + rng.gauss(0, 1) * mean**0.5 + rng.random()))


def _faults(world: World, day: int, start_us: Micros, size: float) -> list[Message]:
    rng = world.rng("faults", day)
    times = [day * DAY + rng.randrange(DAY) for _ in range(_how_many(rng, _BAD[0] * size))]
    return [bad_message(rng, at) for at in times if at >= start_us]
