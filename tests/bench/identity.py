"""What identity costs: the resolver's speed and memory, messages per event, and the size of states.

    python -m tests.bench.identity [--people N]       (`make bench-identity`)

All in one process on one core, without Kafka. A person has an address, a CRM lead, often a contact, sometimes a merge.
"""

from __future__ import annotations

import argparse
import gc
import time
import tracemalloc
from collections import defaultdict
from collections.abc import Iterator
from random import Random
from statistics import mean

from rich.progress import track

from schemas.codec import Codec
from streams.identity.identifiers import Hasher, IdentityRules
from streams.identity.links import Orders, Registers
from streams.identity.messages import evidence
from streams.identity.resolver import Resolver
from streams.model import Record
from tests.identity.crowds import CROWDS, cost, ordinary
from tests.identity.events import EMAIL_KEY
from tests.support.in_memory import Funnel

RULES = IdentityRules()


def links(people: int) -> Iterator[Record]:
    """The log of `identity.links` that so many people make."""
    random = Random(1)

    def said(one: str, other: str, at: int, merged: bool = False) -> Record:
        mark = {"at": at, "event_key": f"{random.getrandbits(128):032x}"}
        return evidence(one, other, at, Registers(mark, mark if merged else None), Orders()).message

    for number in range(people):
        at = 1_700_000_000_000_000 + number * 1000
        lead, email = f"crm_lead:00Q5e{number:010d}AA", f"email:{random.getrandbits(128):032x}"
        yield said(lead, email, at)
        if random.random() < 0.5:
            contact = f"crm_contact:0035e{number:010d}AA"
            yield said(lead, contact, at + 5)
            if random.random() < 0.5:
                yield said(contact, email, at + 6)
        if number and random.random() < 0.05:
            yield said(lead, f"crm_lead:00Q5e{random.randrange(number):010d}AA", at + 9, merged=True)


def resolver() -> Resolver:
    return Resolver(RULES, Hasher(EMAIL_KEY, RULES).lead_id, "v1")


def speed(people: int) -> None:
    codec = Codec(None)
    log = list(track(links(people), "the log", total=None, transient=True))
    identifiers = len({record[end] for record in log for end in ("a", "b")})
    gc.collect()
    gc.freeze()  # what the log itself costs the garbage collector is not the resolver's
    fold = resolver()
    began = time.perf_counter()
    effects = sum(1 for offset, record in enumerate(log) for _ in fold.apply(offset, record))
    applied = time.perf_counter() - began
    encoded = [codec.encode("internal/links", record) for record in log]
    del log, fold
    gc.collect()
    gc.freeze()
    fold = resolver()
    began = time.perf_counter()
    for offset, value in enumerate(encoded):
        fold.replay(offset, codec.decode("internal/links", value))
    folded = time.perf_counter() - began
    print(f"resolver: {len(encoded):,} links of {identifiers:,} identifiers")
    print(f"  concluding: {len(encoded) / applied:,.0f} links/s, {effects / len(encoded):.1f} messages and rows a link")
    print(f"  folding again: {len(encoded) / folded:,.0f} links/s with decoding; 1,000,000 identifiers in"
          f" {folded / identifiers * 1e6:.1f} s")  # fmt: skip
    some = encoded[: len(encoded) // 4]
    names: set[str] = set()
    for value in some:
        record = codec.decode("internal/links", value)
        names |= {record["a"], record["b"]}
    count = len(names)
    del names
    tracemalloc.start()
    fold = resolver()
    for offset, value in enumerate(some):
        fold.replay(offset, codec.decode("internal/links", value))
    print(f"  memory: {tracemalloc.get_traced_memory()[0] / count:.0f} bytes per identifier (of {count:,})")
    tracemalloc.stop()


def crowds() -> None:
    codec = Codec(None)
    print("\nmessages per event (mean, most) and mean bytes of a stored state, by kind of people:")
    for name, make in CROWDS.items():
        found = cost(make())
        sizes: dict[str, list[int]] = defaultdict(list)
        for lane in found.world.lanes:
            if lane.state != "lead":  # the simulator has no journeys: see below
                for state in lane.states.values():
                    sizes[lane.state].append(len(codec.encode(f"state/{lane.state}", lane.step.dump(state))))
        told = ", ".join(f"{of} {mean(found):,.0f}" for of, found in sorted(sizes.items()))
        print(f"  {name:<32} {found.mean:6.2f} {max(found.messages):5d}   {told}")
    funnel = Funnel()
    funnel.take((topic, b"", funnel.codec.encode(f"events/{topic}", record)) for topic, record in ordinary(200))
    leads = [len(state) for (step, _), state in funnel.states.items() if step == "journey"]
    print(f"  a stored lead with its journey, ordinary people of 10 events: {mean(leads):,.0f} bytes")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=400_000)
    given = parser.parse_args()
    speed(given.people)
    crowds()


if __name__ == "__main__":
    main()
