"""Stories of few people, devices and records, so that they meet all the time; told badly, and what must come out.

    python -m tests.identity.stories [--runs N] [--from SEED]      (`make test-long`)

A seed is a story and its fate: the events, the guards, the number of partitions, what goes wrong and when. Every tenth
is long, as some faults need a long log.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from random import Random

from rich.progress import track

from streams.identity.identifiers import IdentityRules
from tests.identity.events import crm, form, web
from tests.identity.oracle import Source, truth
from tests.identity.world import World

SMALL = IdentityRules(hub_neighbours=3, lead_identifiers=4, look_back=3, remembered_neighbours=3)

EMAILS = ["a@x.org", "b@x.org", "c@gmail.com", "info@x.org"]
RECORDS = ["r1", "r2", "r3"]


def some_event(random: Random) -> Source:
    """Of few people, devices and records, so that they meet all the time."""
    at = random.randint(0, 9)
    lot = random.random()
    device, session = random.choice(["d1", "d2"]), random.choice(["s1", "s2", "s3", None])
    if lot < 0.3:
        kind = random.choice([None, "pricing", "demo"])
        url = random.choice(["/", "/pricing", None])
        rep = random.random() < 0.2
        return "web", web(
            device, session, at, url=url, page_kind=kind, rep_link=rep, event_id=str(random.randint(1, 3))
        )
    if lot < 0.38:
        return "web", web(device, session, at, email=random.choice(EMAILS))
    if lot < 0.43:
        return some_order(random, at)
    if lot < 0.5:
        email = random.choice([*EMAILS, None])
        kind = random.choice(["content", "demo_request", "imported_list"])
        if email and random.random() < 0.3:
            return "form", form(None, email, at, form_kind=kind)
        return "form", form(device, email, at, session_id=session, form_kind=kind)
    kind, record = random.choice(["lead", "lead", "contact"]), random.choice(RECORDS)
    if lot < 0.65:
        return "crm", crm(kind, record, "lead_updated", at, email=random.choice([*EMAILS, None]))
    if lot < 0.73:
        other = {"contact_id": random.choice(RECORDS)} if kind == "lead" else {"lead_id": random.choice(RECORDS)}
        return "crm", crm(kind, record, "converted", at, **other)
    if lot < 0.87:
        type_ = random.choice(["merged", "merged", "unmerged"])
        return "crm", crm(kind, record, type_, at, other_record_id=random.choice(RECORDS))
    contacts = [{"contact_id": each, "role": None} for each in random.sample(RECORDS, random.choice([0, 0, 1, 2]))]
    return "crm", crm(
        "opportunity",
        random.choice(["o1", "o2"]),
        random.choice(["opportunity_created", "opportunity_won"]),
        at,
        contacts=contacts,
        primary_contact_id=random.choice([*RECORDS, None, None, None]),
        lead_id=random.choice([*RECORDS, None, None, None]),
    )


def some_order(random: Random, at: int) -> Source:
    lot = random.random()
    if lot < 0.1:
        return "web", web(random.choice(["d1", "d2"]), None, at, type="erased")
    type_ = random.choice(["blocked", "blocked", "unblocked"]) if lot < 0.75 else "erased"
    kind = random.choice(["lead", "contact", "email"])
    record = random.choice(EMAILS if kind == "email" else RECORDS)
    email = random.choice([*EMAILS, None, None]) if kind != "email" else None
    return "crm", crm(kind, record, type_, at, email=email)


def check(world: World, sources: list[Source], rules: IdentityRules) -> None:
    expected = truth(sources, rules)
    assert world.leads() == expected.leads
    assert {lead: inbox.beyond() for lead, inbox in world.inboxes() if inbox.beyond()} == expected.beyond
    assert {key: row["ownership"] for key, row in world.table("visits").items()} == expected.ownership
    deals = {record["record_id"] for _, record in sources if record.get("record_kind") == "opportunity"}
    assert {key[1] for key in world.table("deals")} == deals
    assert {key: bool(row["in_force"]) for key, row in world.table("identity_links").items()} == expected.in_force
    identities = world.table("identities")
    assert {key[0]: row["lead_id"] for key, row in identities.items()} == expected.lead_of
    assert {key[0]: row["why"] for key, row in identities.items()} == expected.why


def story(
    random: Random, rules: IdentityRules, faults: float, most: int = 24, partitions: int = 3, transactions: bool = False
) -> None:
    sources = [some_event(random) for _ in range(random.randint(1, most))]
    told = [*sources, *random.sample(sources, random.randint(0, len(sources) // 3))]
    random.shuffle(told)
    world = World(rules, random.randint(1, partitions), random, transactions)
    world.run(told, faults)
    check(world, sources, rules)


def story_of(seed: int) -> None:
    """Raises AssertionError with the seed."""
    random = Random(seed)
    rules = IdentityRules(
        hub_neighbours=random.choice([2, 3, 3, 4]),
        lead_identifiers=random.choice([3, 4, 4, 6]),
        look_back=random.choice([0, 3, 3, 9]),
        remembered_neighbours=random.choice([1, 3, 8]),
        events_per_lead=(2000, 2000, 8)[seed % 3],
    )
    faults = random.choice([0.0, 0.05, 0.15, 0.15, 0.4])
    most = 150 if seed % 10 == 0 else 24
    try:
        story(random, rules, faults, most, partitions=4, transactions=random.random() < 0.5)
    except AssertionError as error:
        raise AssertionError(f"seed {seed}: {error}") from error


def _failed(seeds: range) -> str:
    for seed in seeds:
        try:
            story_of(seed)
        except AssertionError as error:
            return str(error)
    return ""


def _blocks(first: int, runs: int, size: int = 50) -> Iterable[range]:
    return (range(start, min(start + size, first + runs)) for start in range(first, first + runs, size))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=100_000)
    parser.add_argument("--from", type=int, default=1_000_000, dest="first", metavar="SEED")
    given = parser.parse_args()
    blocks = list(_blocks(given.first, given.runs))
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        for failed in track(pool.map(_failed, blocks), f"{given.runs:,} stories", total=len(blocks)):
            if failed:
                pool.shutdown(cancel_futures=True)
                print(failed, file=sys.stderr)
                return 1
    print(f"{given.runs:,} stories, seeds {given.first} to {given.first + given.runs - 1}: all ended as they must")
    return 0


if __name__ == "__main__":
    sys.exit(main())
