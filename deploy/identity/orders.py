"""`funnelwatch identity block` and `unblock`: an operator's word on an identifier, as an event like any other."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import closing
from typing import Literal

from deploy import topics
from deploy.cli.errors import Failure
from deploy.identity.person import links_of, read_identities
from deploy.identity.web import TooLarge, Web, spread
from deploy.identity.who import UnknownLead, Who, ask, identified
from deploy.identity.words import alone, called, in_full
from deploy.load import progress, wait_for_worker
from deploy.producing import EventProducer
from deploy.settings import Settings
from deploy.worker import codec_of
from sinks.reader import BoardsReader
from streams.definition.load import load_definition
from streams.identity.identifiers import Hasher, IdentityRules
from streams.model import Micros, Record

Order = Literal["blocked", "unblocked", "erased"]
SOURCE = "funnelwatch"
_NAMED = 5


def crm_order(what: Order, who: Who, at: Micros, by: str, reason: str) -> tuple[str, str, Record]:
    """Topic, key and event (schemas/events/crm.avsc)."""
    said: Record = {"source": SOURCE, "event_id": f"{what}:{at}", "type": what, "occurred_at": at}
    said |= {"record_kind": who.record_kind, "record_id": who.record_id, "reason": reason or None, "changed_by": by}
    return "crm", who.record_id, said


def send(settings: Settings, events: Sequence[tuple[str, str, Record]], wait: bool) -> None:
    """Returns when Kafka has them, or with `wait` when what follows from them stands in ClickHouse.

    Raises KafkaUnavailable, TopicsError, WorkerSilent.
    """
    topics.check([one for one in topics.look(settings) if one.topic.purpose == "source"])
    codec, producer = codec_of(settings), EventProducer(settings)
    for topic, key, record in events:
        # as of the boards' clock, which in a demo runs ahead of the wall's
        producer.send(topic, key.encode(), codec.encode(f"events/{topic}", record), record["occurred_at"] // 1000)
    producer.flush()
    if wait:
        with progress() as bars:
            wait_for_worker(settings, bars)


def now(reader: BoardsReader) -> Micros:
    return int(ask(reader, "SELECT toUnixTimestamp64Micro(funnel_now()) AS now")[0]["now"])


def order(settings: Settings, what: Order, asked: str, reason: str, by: str, dry_run: bool, wait: bool) -> None:
    """Prints what comes of it. Raises UnknownLead, Failure, and what `send` does."""
    settings.need("email_key")
    with closing(BoardsReader(settings.boards_address)) as reader:
        who = _whom(identified(reader, asked, settings), what)
        print(f"{who.asked} is {in_full(who.identifier)}")
        lines, concerned = _foretold(reader, settings, who.identifier, what, "would" if dry_run else "will")
        print("\n".join(lines))
        if dry_run:
            print("dry run: nothing was sent")
            return
        send(settings, [crm_order(what, who, now(reader), by, reason)], wait)
        if not wait:
            print(f"sent: {who.asked} is {what} from now on, and boards follow")
            return
        print(f"{who.asked} is {what}; who is who now:")
        for line in _as_it_is(reader, settings, concerned):
            print(f"  {line}")


def _whom(who: Who, what: Order) -> Who:
    if who.lead:
        raise UnknownLead(f"{who.lead} is a lead; one of its addresses or records is {what}, identity show names them")
    if not who.record_id:
        raise UnknownLead(f"{who.asked} is but a hash; an order names the address itself")
    if who.weak:
        raise Failure(f"{who.asked} is a role inbox: it joins nobody, {what} or not")
    return who


def _foretold(
    reader: BoardsReader, settings: Settings, identifier: str, what: Order, will: str
) -> tuple[list[str], set[str]]:
    """What is to come by what boards know, and whom it may concern."""
    rules, itself = load_definition(settings.definition).identity_rules, {identifier}
    if _neighbours(reader, identifier) > rules.hub_neighbours:
        return [f"{called(identifier)} is {alone('hub', rules)}, blocked or not"], itself
    try:
        web = spread(
            identifier,
            lambda names: links_of(reader, names, "in_force"),
            lambda names: read_identities(reader, names),
        )
    except TooLarge as error:
        return [f"what comes of it cannot be told in advance: {error} are connected with it"], itself
    assert settings.email_key is not None
    hasher = Hasher(settings.email_key.get_secret_value().encode(), rules)
    return list(foretold(web, what, will, rules, hasher.lead_id)), {*web.identifiers}


def foretold(web: Web, what: Order, will: str, rules: IdentityRules, lead_id_of: Callable[[str], str]) -> Iterator[str]:
    """Who falls apart or comes together. will: or would."""
    is_blocked, name = web.identifiers[web.of].why == "blocked", called(web.of)
    if is_blocked == (what == "blocked"):
        yield f"{name} is {'blocked already' if is_blocked else 'not blocked'}: that changes nothing"
        return
    cut = web.cut()
    before, after = web.people(cut, rules), web.people(cut ^ {web.of}, rules)
    if before == after:
        yield f"{name} joins nobody as it is: that changes nothing now"
        return
    ids = sorted(lead_id_of(web.root(person)) for person in before - after)
    leads = f"{'lead' if len(ids) == 1 else 'leads'} {', '.join(ids)}" if len(ids) <= _NAMED else f"{len(ids)} leads"
    changed = sorted(after - before, key=lambda person: (-len(person), sorted(person)))
    many = f"{len(changed)} people" if len(changed) > 1 else "one person"
    if len(before) < len(after):
        yield f"{leads} {will} fall apart into {many}:"
    else:
        yield f"{leads} {will} come together as {many}:"
    for person in changed:
        yield f"  {lead_id_of(web.root(person))}: {', '.join(called(each) for each in sorted(person))}"


def _as_it_is(reader: BoardsReader, settings: Settings, names: Collection[str]) -> Iterator[str]:
    rules = load_definition(settings.definition).identity_rules
    found = read_identities(reader, names).values()
    for one in sorted(found, key=lambda one: (one.lead, one.name)):
        yield f"{one.lead}: {called(one.name)}" + (f", alone: {alone(one.why, rules)}" if one.why else "")


def _neighbours(reader: BoardsReader, identifier: str) -> int:
    """How many others it was ever linked with."""
    sql = """
        SELECT count() AS others FROM boards.identity_links
        WHERE (a = {v:String} OR b = {v:String}) AND first_at IS NOT NULL"""
    return int(ask(reader, sql, v=identifier)[0]["others"])
