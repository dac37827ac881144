"""`funnelwatch rejects retry`: after a fix, what was refused is sent again, and what would be refused still is not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace

from deploy import topics
from deploy.cli.errors import Failure
from deploy.rejects.boards import Known, Which, chosen
from deploy.rejects.kept import Kept
from deploy.rejects.look import reading
from deploy.rejects.place import Place, is_internal
from deploy.rejects.send import Resender
from deploy.settings import Settings
from deploy.worker import codec_of
from sinks.client import SinkError, connect
from sinks.live import live_generation
from sinks.reader import BoardsReader
from streams.definition.load import load_definition
from streams.model import Record
from streams.still_refused import StillRefused


@dataclass
class Outcome:
    """What became of those that were chosen."""

    sendable: list[tuple[Place, Record]] = field(default_factory=list)  # of a dry run, without their values
    sent: int = 0
    still: Counter[str] = field(default_factory=Counter)
    gone: list[Place] = field(default_factory=list)
    refused: list[tuple[Place, str]] = field(default_factory=list)
    never: Counter[str] = field(default_factory=Counter)  # what caps drop, and our own messages

    @property
    def left_out(self) -> int:
        return self.still.total() + len(self.gone) + len(self.refused) + self.never.total()


def retry(settings: Settings, which: Which, dry_run: bool, even_refused: bool) -> int:
    """The exit code: 1 where something was left out. `which.retried_too`: send also what was sent again before.

    Raises Failure before anything is sent, KafkaUnavailable, RegistryError, SinkError, TopicsError.
    """
    topics.check([one for one in topics.look(settings) if one.topic.purpose == "source"])
    with closing(BoardsReader(settings.boards_address)) as reader:
        found = chosen(reader, replace(which, retried_too=True) if which.places else which)
    if which.places:
        _check(which, found)
    outcome, able = Outcome(), []
    for known in found:
        if why := _never(known, settings):
            outcome.never[why] += 1
        else:
            able.append(known)
    if not found:
        print("nothing to retry: no reject that was asked for is open")
        return 0
    if dry_run:
        _go_through(settings, able, even_refused, None, outcome)
    else:
        _send(settings, able, even_refused, outcome)
    print("\n".join(_said(outcome, dry_run)))
    return 1 if outcome.left_out else 0


def _check(which: Which, found: Sequence[Known]) -> None:
    """Raises Failure for the first place that cannot be retried by what boards know."""
    by_place = {known.place: known for known in found}
    for place in which.places:
        known = by_place.get(place)
        if known is None:
            raise Failure(f"{place} was never refused; funnelwatch rejects list --limit 20 says what was")
        if known.retried_at is not None and not which.retried_too:
            raise Failure(
                f"{place} was retried already, at {known.retried_at:%Y-%m-%d %H:%M:%S}; --again sends it once more"
            )
        if is_internal(place.topic) or known.is_a_caps:
            raise Failure(
                f"{place}: {known.reason}: {known.detail}; what a cap drops, or was our own, cannot be retried"
            )


def _never(known: Known, settings: Settings) -> str:
    """Why it can never be retried, if so."""
    if is_internal(known.place.topic) or known.is_a_caps:
        return known.reason
    return "" if known.place.topic in topics.names(settings).sources else f"of {known.place.topic}, no source topic"


def _send(settings: Settings, able: Sequence[Known], even_refused: bool, outcome: Outcome) -> None:
    client = connect(settings.clickhouse_address)
    try:
        generation = live_generation(client)
        if generation is None:
            raise SinkError("no generation is live; funnelwatch migrate")
        sender = Resender(settings, client, generation)
        try:
            _go_through(settings, able, even_refused, sender, outcome)
        finally:
            sender.flush()
        outcome.sent, outcome.refused = len(sender.sent), sender.refused
    finally:
        client.close()


def _go_through(
    settings: Settings, able: Sequence[Known], even_refused: bool, sender: Resender | None, outcome: Outcome
) -> None:
    """Judges the bytes of each, and sends what the worker would take."""
    codec = codec_of(settings)
    judge = StillRefused(topics.names(settings), codec, load_definition(settings.definition))
    for topic in sorted({known.place.topic for known in able}):
        left = {known.place for known in able if known.place.topic == topic}
        with closing(Kept(settings, codec, topic)) as kept, reading(kept.name) as told:
            for known, record in kept.find(able, told):
                left.discard(known.place)
                why = judge.why(record)
                if why is not None and not (even_refused and judge.is_whole(record)):
                    outcome.still[why.reason] += 1
                elif sender is None:
                    outcome.sendable.append(
                        (known.place, record | {"value": None, "bytes": len(record["value"] or b"")})
                    )
                else:
                    sender.send(known.place, record)
        outcome.gone += sorted(left)


def _said(outcome: Outcome, dry_run: bool) -> Iterator[str]:
    for place, record in outcome.sendable:
        yield f"{place}  {record['reason']}  {record['bytes']} bytes"
    if dry_run:
        yield f"dry run: {_many(len(outcome.sendable))} would be sent, nothing was"
    else:
        yield f"{_many(outcome.sent)} sent again"
    if outcome.still:
        yield f"left out, as they would be refused still: {_counted(outcome.still)} (--all sends them anyway)"
    if outcome.never:
        yield f"left out, as they cannot be retried: {_counted(outcome.never)}"
    for place in outcome.gone:
        yield f"{place}: its bytes are not kept any more"
    for place, why in outcome.refused:
        yield f"{place}: not taken by Kafka: {why}"


def _many(number: int) -> str:
    return f"{number} message{'' if number == 1 else 's'}"


def _counted(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {number}" for name, number in sorted(counts.items()))
