"""The steps between topics that are lists: lanes that run in any order, crash, go back and say things again.

What a real deployment does to messages, all in one process and by one Random: partitions interleave; a lane that
crashes has said any part of what it had to say, the rest may arrive late (a stalled owner that came back) or never;
its state goes back to the last commit, or stands ahead of the offsets, even of what it said; source records and
internal messages are repeated.
"""

from __future__ import annotations

import pickle
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from random import Random
from typing import Any
from zlib import crc32

from streams.definition import load_definition
from streams.identity.identifiers import Hasher, IdentityRules
from streams.identity.inbox import Inbox
from streams.identity.node import Identify, Node
from streams.identity.resolver import Resolver
from streams.identity.route import Route, keeps_state
from streams.identity.sessions import Sessionize, device_of
from streams.journey.deals import deal_of_nobody
from streams.model import Effect, KeyedStep, Record, Reject, Row, Send
from tests.identity.events import EMAIL_KEY
from tests.identity.oracle import Belonging, Source, Visit

DEAL_OF_NOBODY = partial(deal_of_nobody, load_definition(None))
Message = tuple[str, Record]  # key and value
Wire = Callable[[str, Record], Record]  # (schema name, record) -> as it comes out of Avro
Place = tuple[str, int]  # topic and partition


class Journey:
    """Stands in for the journey: it keeps the inbox and decides nothing."""

    def fresh(self, key: str) -> Inbox:
        return Inbox()

    def load(self, record: Record) -> Inbox:
        return Inbox.load(record["inbox"])

    def dump(self, state: Inbox) -> Record:
        return {"lead": "", "applied": 0, "inbox": state.dump(), "emitted": {}}

    def apply(self, state: Inbox, offset: int, message: Record) -> Iterator[Effect]:
        state.apply(message)
        return iter(())


@dataclass
class Lane:
    reads: list[Place]
    step: KeyedStep[Any]
    state: str = ""
    next: dict[Place, int] = field(default_factory=lambda: defaultdict(int))
    committed: dict[Place, int] = field(default_factory=dict)
    states: dict[str, Any] = field(default_factory=dict)
    stored: dict[str, bytes] = field(default_factory=dict)
    touched: set[str] = field(default_factory=set)
    said: list[Send] = field(default_factory=list)


class World:
    def __init__(
        self,
        rules: IdentityRules,
        partitions: int,
        random: Random,
        transactions: bool = False,
        wire: Wire = lambda _, record: record,
    ) -> None:
        self.wire = wire
        self.rules = rules
        self.random = random
        self.partitions = partitions
        self.transactions = transactions
        self.hasher = Hasher(EMAIL_KEY, rules)
        self.topics: dict[Place, list[Message]] = defaultdict(list)
        self.rows: dict[tuple[str, tuple[str, ...]], tuple[int, dict[str, Any] | None]] = {}
        self.rejects: list[Reject] = []
        self.late: list[list[Send]] = []
        self.sent = 0
        self.eagerness = random.choice([0.05, 0.2, 0.4])  # to commit: much may be under way when a lane crashes
        self.assigned: dict[tuple[str, int], Record] = {}
        self.written: dict[tuple[str, Any, int], dict[str, Any] | None] = {}
        self.resolver_is_away = False
        self.lanes: list[Lane] = []
        for number in range(partitions):
            sessionize = Sessionize(
                rules,
                self.hasher,
                lambda landing: str(landing.get("utm_source", "direct")),
                in_vain=not transactions,
            )
            self.lanes += [
                Lane([("web", number), ("form", number), ("rekey_devices", number)], sessionize, "device"),
                Lane(
                    [("crm", number), ("rekey_records", number)],
                    Route(rules, self.hasher, DEAL_OF_NOBODY, in_vain=not transactions),
                    "record",
                ),
                Lane([("identity", number)], Identify(rules, self.hasher.lead_id), "node"),
                Lane([("lead", number)], Journey(), "lead"),
            ]
        self.resolver = Resolver(rules, self.hasher.lead_id, "v1")
        self.resolved = self.resolver_committed = 0
        self.resolver_said: list[Send] = []

    def produce(self, source: Source) -> None:
        topic, record = source
        key = record["record_id"] if topic == "crm" else device_of(topic, record, self.hasher)
        if isinstance(key, Reject):
            self.rejects.append(key)
            return
        message = {"record": record, "source_at": 0} if topic == "crm" else {"topic": topic, "record": record}
        if self.random.random() < 0.2 and (topic != "crm" or keeps_state(record)):  # put into another partition
            topic = "rekey_records" if topic == "crm" else "rekey_devices"
        self._append(topic, key, {**message, "source_at": 0})

    def _append(self, topic: str, key: str, message: Record) -> None:
        if topic in ("identity", "links", "lead"):
            message = self.wire(f"internal/{topic}", message)
        number = 0 if topic == "links" else crc32(key.encode()) % self.partitions
        self.topics[topic, number].append((key, message))

    def _deliver(self, said: Iterable[Send]) -> None:
        for send in said:
            self.sent += 1
            if send.topic == "identity" and (assignment := send.message["assignment"]):
                known = self.assigned.setdefault((send.key, assignment["version"]), assignment)
                assert known == assignment, "one version, two contents"
            self._append(send.topic, send.key, send.message)

    def _took(self, effects: Iterable[Effect], offset: int) -> Iterator[Send]:
        for effect in effects:
            if isinstance(effect, Send):
                yield effect
            elif isinstance(effect, Row):
                self._write(effect, offset if effect.revision is None else effect.revision)
            else:
                self.rejects.append(effect)

    def _write(self, row: Row, revision: int) -> None:
        where = row.table, row.key
        if row.table not in ("visits", "deals"):  # before a crash the same number of other events may have been seen
            assert self.written.setdefault((*where, revision), row.values) == row.values, (row, revision)
        if where not in self.rows or self.rows[where][0] <= revision:
            self.rows[where] = revision, row.values

    def work(self, lane: Lane, most: int) -> bool:
        """Fold a few records; False where there is nothing to do."""
        waiting = [place for place in lane.reads if lane.next[place] < len(self.topics[place])]
        if not waiting:
            return False
        place = self.random.choice(waiting)
        for _ in range(most):
            offset = lane.next[place]
            if offset >= len(self.topics[place]):
                break
            key, message = self.topics[place][offset]
            lane.next[place] = offset + 1
            state = self._state(lane, key)
            if lane.state == "record" and not keeps_state(message["record"]):
                state = lane.step.fresh("")
            lane.said += self._took(lane.step.apply(state, offset, message), offset)
        return True

    def _state(self, lane: Lane, key: str) -> Any:
        if key not in lane.states:
            stored = lane.stored.get(key)
            lane.states[key] = lane.step.fresh(key) if stored is None else lane.step.load(pickle.loads(stored))
        lane.touched.add(key)
        return lane.states[key]

    def commit(self, lane: Lane) -> None:
        self._deliver(lane.said)
        lane.said = []
        self._store(lane)
        lane.committed = dict(lane.next)

    def _store(self, lane: Lane) -> None:
        for key in lane.touched:
            lane.stored[key] = pickle.dumps(self.wire(f"state/{lane.state}", lane.step.dump(lane.states[key])))
        lane.touched.clear()

    def crash(self, lane: Lane) -> None:
        if not self.transactions:
            self._say_in_part(lane.said)
            if self.random.random() < 0.4:
                self._store(lane)
        lane.said = []
        lane.states.clear()
        lane.touched.clear()
        lane.next = defaultdict(int, lane.committed)

    def _say_in_part(self, said: list[Send]) -> None:
        kept = self.random.choice([0, len(said), self.random.randint(0, len(said))])
        self._deliver(said[:kept])
        rest = said[kept:]
        if self.random.random() < 0.5:
            if self.random.random() < 0.5:  # several stalled owners
                self.random.shuffle(rest)
            self.late.append(rest)

    def resolve(self, most: int) -> bool:
        if self.resolver_is_away:
            return False
        log = self.topics["links", 0]
        behind = self.resolved < len(log)
        for offset in range(self.resolved, min(len(log), self.resolved + most)):
            self.resolver_said += self._took(self.resolver.apply(offset, log[offset][1]), offset)
            self.resolved = offset + 1
        return behind

    def commit_resolver(self) -> None:
        self._deliver(self.resolver_said)
        self.resolver_said = []
        self.resolver_committed = self.resolved

    def crash_resolver(self) -> None:
        if not self.transactions:
            self._say_in_part(self.resolver_said)
        self.resolver_said = []
        self.resolver = Resolver(self.rules, self.hasher.lead_id, "v1")
        self.resolved = self.resolver_committed
        for offset in range(self.resolved):
            self.resolver.replay(offset, self.topics["links", 0][offset][1])

    def repeat_something(self) -> None:
        """An internal message of any age arrives again."""
        places = [place for place, log in self.topics.items() if log and place[0] in ("identity", "links", "lead")]
        if places:
            place = self.random.choice(sorted(places))
            self.topics[place].append(self.random.choice(self.topics[place]))

    def run(self, sources: list[Source], faults: float) -> None:
        """All sources in their order, with about this share of steps going wrong; then until all is quiet."""
        random = self.random
        waiting = list(reversed(sources))
        afterwards = random.randint(0, 60)
        while waiting or afterwards:
            lot = random.random()
            if lot < 0.35:
                if waiting:
                    self.produce(waiting.pop())
                else:
                    afterwards -= 1
            elif lot < 0.45:
                self.resolve(random.randint(1, 3))
                if random.random() < 0.5:
                    self.commit_resolver()
            else:
                lane = random.choice(self.lanes)
                self.work(lane, random.randint(1, 4))
                if random.random() < self.eagerness:
                    self.commit(lane)
            if random.random() < faults:
                self._go_wrong()
        self.resolver_is_away = False
        self._deliver(send for said in self.late for send in said)
        self.settle()

    def _go_wrong(self) -> None:
        lot = self.random.random()
        if lot < 0.6:
            self.crash(self.random.choice(self.lanes))
        elif lot < 0.7:
            self.crash_resolver()
        elif lot < 0.75:
            self.resolver_is_away = not self.resolver_is_away
        elif lot < 0.87:
            self.repeat_something()
        elif self.late:
            self._deliver(self.late.pop(self.random.randrange(len(self.late))))

    def settle(self) -> None:
        for _ in range(1000):
            for lane in self.lanes:
                self.commit(lane)
            self.commit_resolver()
            busy = [self.work(lane, 1000) for lane in self.lanes] + [self.resolve(1000)]
            if not any(busy):
                return
        raise AssertionError("it never gets quiet")

    def inboxes(self) -> Iterator[tuple[str, Inbox]]:
        for lane in self.lanes:
            if lane.reads[0][0] == "lead":
                for lead, stored in lane.stored.items():
                    yield lead, Inbox.load(pickle.loads(stored)["inbox"])

    def nodes(self) -> Iterator[Node]:
        for lane in self.lanes:
            if lane.reads[0][0] == "identity":
                for stored in lane.stored.values():
                    yield lane.step.load(pickle.loads(stored))

    def leads(self) -> dict[str, frozenset[Belonging]]:
        """What each lead holds, with the lead to whom it belonged when it happened."""
        found = {}
        for lead, inbox in self.inboxes():
            then = {key: former for brought in inbox.nodes().values() for key, former in brought.then.items()}
            if events := inbox.events():
                found[lead] = frozenset(
                    Belonging(_visit(e) if e.type == "session" else e.key, then.get(e.key, lead)) for e in events
                )
        return found

    def table(self, name: str) -> dict[tuple[str, ...], dict[str, Any]]:
        return {key: values for (table, key), (_, values) in self.rows.items() if table == name and values is not None}


def _visit(event: Any) -> Visit:
    data = event.data
    return Visit(
        data["anonymous_id"],
        data["session_id"],
        event.occurred_at,
        data["ended_at"],
        data["pages"],
        data["pricing_pages"],
        data.get("url"),
        data["rep_link"],
    )
