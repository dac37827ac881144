"""The whole flow, top to bottom: which step reads which topics, by which key, and what it decides on.

    web.events, form.events ─> sessionize ─┬─ rows of visits
    crm.events ───────────────> route ─────┴─> identity ─> identify ─> identity.links ─> resolve ─> identity
                                                              └─> lead.events ─> journey ─> rows of facts

What a step decides (`Send`, `Row`, `Reject`) is carried out by the lane that runs it: see worker/lane.py for how a
record is worked off and worker/flush.py for what happens, in order, before an offset is committed.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from schemas.codec import Codec, Undecodable
from streams.definition import Definition
from streams.identity.identifiers import Hasher
from streams.identity.node import Identify
from streams.identity.resolver import Resolver
from streams.identity.route import Route, keeps_state
from streams.identity.sessions import Sessionize, device_of
from streams.journey.deals import deal_of_nobody
from streams.journey.journey import Journey
from streams.judge import LATEST, refusal, too_large
from streams.model import Origin, Raw, Record, Reject, Send
from streams.step import Read, Step
from streams.topics import Topics


def flow(
    topics: Topics,
    partition_of: Callable[[str], int],
    codec: Codec,
    definition: Definition,
    email_key: bytes,
    transactions: bool = True,
) -> list[Step]:
    """The five steps, in the order of the events' way. partition_of: where Kafka puts a key."""
    rules = definition.identity_rules
    hasher = Hasher(email_key, rules)
    read = Reader(topics, partition_of, codec, hasher)
    return [
        Step(
            "sessionize",
            reads=(topics.web, topics.form, topics.rekey_devices),
            read=read.device_event,
            machine=lambda: Sessionize(rules, hasher, definition.channel_of, definition.version, not transactions),
            state="state/device",
        ),
        Step(
            "route",
            reads=(topics.crm, topics.rekey_records),
            read=read.crm_event,
            machine=lambda: Route(rules, hasher, partial(deal_of_nobody, definition), not transactions),
            state="state/record",
        ),
        Step(
            "identify",
            reads=(topics.identity,),
            read=read.internal("internal/identity"),
            machine=lambda: Identify(rules, hasher.lead_id),
            state="state/node",
        ),
        Step(
            "resolve",
            reads=(topics.links,),
            read=read.internal("internal/links"),
            machine=lambda: Resolver(rules, hasher.lead_id, definition.version),
            state=None,
        ),
        Step(
            "journey",
            reads=(topics.lead,),
            read=read.internal("internal/lead"),
            machine=lambda: Journey(definition),
            state="state/lead",
        ),
    ]


class Reader:
    """bytes -> what a step is told: decoded, judged, and found to be in the right partition."""

    def __init__(self, topics: Topics, partition_of: Callable[[str], int], codec: Codec, hasher: Hasher) -> None:
        self._source = {topics.web: "web", topics.form: "form", topics.crm: "crm"}
        self._rekey = {topics.rekey_devices, topics.rekey_records}
        self._partition_of = partition_of
        self._codec = codec
        self._hasher = hasher

    def device_event(self, raw: Raw) -> Read:
        """A web or form event, by device. A form without one goes by its e-mail's hash."""
        origin, event, refused = self._open(raw)
        if event is None:
            return Read(origin, origin.appended_at, instead=refused)
        source = self._source[origin.topic]
        device = device_of(source, event, self._hasher)
        if isinstance(device, Reject):
            return Read(origin, origin.appended_at, instead=device)
        message = {"topic": source, "record": event, "source_at": origin.appended_at}
        return self._in_place(raw, origin, device, message, "rekey_devices")

    def crm_event(self, raw: Raw) -> Read:
        """A CRM event, by record; only what keeps state must be in its record's own partition."""
        origin, event, refused = self._open(raw)
        if event is None:
            return Read(origin, origin.appended_at, instead=refused)
        message = {"record": event, "source_at": origin.appended_at}
        if not keeps_state(event):
            return Read(origin, origin.appended_at, None, message)
        return self._in_place(raw, origin, event["record_id"], message, "rekey_records")

    def internal(self, schema: str) -> Callable[[Raw], Read]:
        """A message of our own."""

        def read(raw: Raw) -> Read:
            origin = _origin(raw)
            try:
                message = self._codec.decode(schema, raw.value)
            except Undecodable as error:
                return Read(origin, origin.appended_at, instead=Reject(error.reason, error.detail))
            return Read(origin, message["source_at"], (raw.key or b"").decode(errors="replace"), message)

        return read

    def _open(self, raw: Raw) -> tuple[Origin, Record | None, Reject | None]:
        origin = _origin(raw)
        try:
            if raw.topic in self._rekey:
                origin = Origin(**self._codec.decode("internal/rekey", raw.value), key=raw.key)
            source = self._source.get(origin.topic)
            if source is None:
                return origin, None, Reject("wrong_schema", f"re-keyed from {origin.topic}, which is no source topic")
            if refused := too_large(origin.value):
                return origin, None, refused
            event = self._codec.decode(f"events/{source}", origin.value)
        except Undecodable as error:
            return origin, None, Reject(error.reason, error.detail)
        refused = refusal(source, event, origin.appended_at)
        return origin, None if refused else event, refused

    def _in_place(self, raw: Raw, origin: Origin, key: str, message: Record, detour: Any) -> Read:
        if raw.topic in self._rekey or self._partition_of(key) == raw.partition:
            return Read(origin, origin.appended_at, key, message)
        again = {
            "topic": origin.topic,
            "partition": origin.partition,
            "offset": origin.offset,
            "appended_at": origin.appended_at,
            "value": origin.value,
        }
        return Read(origin, origin.appended_at, instead=Send(detour, key, again))


def _origin(raw: Raw) -> Origin:
    appended_at = max(0, min(raw.timestamp * 1000, LATEST))  # a producer may set it to anything
    return Origin(raw.topic, raw.partition, raw.offset, appended_at, raw.key, raw.value)
