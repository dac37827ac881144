"""`funnelwatch erase`: a person is to be forgotten. What is known of them, and the events that forget it.

What is erased is a list of identifiers and devices, each by an event of its own: what would follow from links could be
undone by what becomes known later.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing

from deploy.cli.errors import Failure
from deploy.identity.forget import Device, Plan, events, lines, many, plan
from deploy.identity.orders import now, send
from deploy.identity.person import read_person
from deploy.identity.who import UnknownLead, ask, identified, lead_of, nobody
from deploy.identity.words import in_full
from deploy.settings import Settings
from sinks.reader import BoardsReader

_DEVICE = "device:"


def erase(
    settings: Settings,
    asked: str,
    by: str,
    dry_run: bool,
    wait: bool,
    shared_too: bool,
    confirm: Callable[[], bool],
) -> int:
    """The exit code: 1 where an address must be named yet, or nothing was confirmed.

    Raises UnknownLead, Failure, and what `send` does.
    """
    with closing(BoardsReader(settings.boards_address)) as reader:
        planned, said = _look(reader, settings, asked.strip(), shared_too)
        print("\n".join(said))
        orders = events(planned, now(reader), by)
        if dry_run:
            print(f"dry run: {many(len(orders), 'order')}, nothing was sent")
            return 0
        if not orders:
            raise UnknownLead(f"{asked}: nothing that an order could name; give an address")
        if not confirm():
            print("nothing was erased")
            return 1
        send(settings, orders, wait)
        print(f"{many(len(orders), 'order')} sent" + ("" if wait else "; boards follow"))
        for name in planned.addresses:
            print(f"still to do: {in_full(name)}, by its address: funnelwatch erase ADDRESS")
        if wait:
            _check(reader, planned)
    return 1 if planned.addresses else 0


def _look(reader: BoardsReader, settings: Settings, asked: str, shared_too: bool) -> tuple[Plan, list[str]]:
    """What is to be done, and what is said of it. Raises UnknownLead."""
    if asked.startswith(_DEVICE):
        name = asked.removeprefix(_DEVICE)
        sql = "SELECT count() AS visits FROM boards.visits WHERE anonymous_id = {v:String}"
        known = Device(name, 0, 0, int(ask(reader, sql, v=name)[0]["visits"]))
        planned = Plan(names=[], addresses=[], linked=[], going=[known], staying=[])
        return planned, [f"Device {name}", *lines(planned, None)]
    who = identified(reader, asked, settings)
    lead = lead_of(reader, who)
    if not lead and not who.record_id:
        raise nobody(asked)
    person = read_person(reader, lead) if lead else None
    planned = plan(who, person, _devices(reader, lead) if lead else [], shared_too)
    return planned, [f"Lead {lead}" if lead else f"{asked}: nothing is known", *lines(planned, person)]


def _devices(reader: BoardsReader, lead: str) -> list[Device]:
    """On which the lead has visits."""
    sql = """
        WITH
            devices AS
            (
                SELECT anonymous_id FROM boards.visits
                WHERE cause IN
                    (SELECT cause FROM boards.lead_events WHERE lead_id = {lead:String} AND type = 'session')
            ),
            visits AS
            (
                SELECT anonymous_id, cause, ownership FROM boards.visits
                WHERE anonymous_id IN (SELECT anonymous_id FROM devices)
            ),
            sessions AS
            (
                SELECT cause, lead_id FROM boards.lead_events
                WHERE type = 'session' AND cause IN (SELECT cause FROM visits)
            )
        SELECT
            v.anonymous_id AS name,
            countIf(s.lead_id = {lead:String}) AS own,
            countIf(s.lead_id != {lead:String} AND (s.lead_id != '' OR v.ownership = 'shared')) AS others,
            count() AS total
        FROM visits AS v LEFT JOIN sessions AS s ON s.cause = v.cause
        GROUP BY name ORDER BY name"""
    return [Device(**row) for row in ask(reader, sql, lead=lead)]


def _check(reader: BoardsReader, planned: Plan) -> None:
    """Raises Failure where boards still show any of it."""
    sql = """
        SELECT count() AS n FROM
        (
            SELECT identifier FROM boards.lead_events WHERE has({names:Array(String)}, identifier)
            UNION ALL SELECT identifier FROM boards.lead_identifiers WHERE has({names:Array(String)}, identifier)
            UNION ALL SELECT identifier FROM boards.identities WHERE has({names:Array(String)}, identifier)
            UNION ALL SELECT anonymous_id FROM boards.visits WHERE has({devices:Array(String)}, anonymous_id)
        )"""
    names, devices = [one.identifier for one in planned.names], [one.name for one in planned.going]
    if left := ask(reader, sql, names=names, devices=devices)[0]["n"]:
        raise Failure(f"{left} rows of it are still on boards; funnelwatch doctor says whether a worker is behind")
    print("nothing of what was to be erased stands on boards any more")
