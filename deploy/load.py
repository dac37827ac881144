"""`funnelwatch load`: files to events by a mapping, into Kafka, and if asked until they stand in ClickHouse."""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn

from deploy import topics
from deploy.producing import EventProducer
from deploy.settings import Settings
from deploy.wait import Waiter, Watchdog
from deploy.worker import codec_of
from schemas.codec import Codec, Unencodable
from streams.judge import refusal, too_large
from streams.sources.mapping import MappedEvent, Mapping, Rejected, events, load_mapping

SHOWN = 5
Counts = Counter[str]


@dataclass(frozen=True, slots=True)
class Ready:
    """An event that the worker will take; `value` is its encoded record."""

    event: MappedEvent
    value: bytes


def progress() -> Progress:
    """A bar with its ETA, on stderr."""
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("ETA"),
        TimeRemainingColumn(),
        console=Console(stderr=True),
    )


def dry(files: Sequence[Path], mapping_file: Path) -> int:
    """Prints the first events and what would be sent."""
    counts, rejected = Counts(), 0
    for one in _judged(load_mapping(mapping_file), files, Codec(None)):
        if isinstance(one, Rejected):
            rejected += 1
            _tell(one)
            continue
        made = one.event
        if counts.total() < SHOWN:
            filled = {name: value for name, value in made.record.items() if value not in (None, [])}
            print(json.dumps({"topic": made.topic, "key": made.key.decode(), "event": filled}, ensure_ascii=False))
        counts[made.topic] += 1
    print(f"would send {_counted(counts)}; {rejected} rows rejected")
    return 1 if rejected else 0


def load(settings: Settings, files: Sequence[Path], mapping_file: Path, wait: bool) -> int:
    """Raises SourceError or MappingError before anything is sent, KafkaUnavailable, TopicsError."""
    mapping = load_mapping(mapping_file)
    topics.check([one for one in topics.look(settings) if one.topic.purpose == "source"])
    codec, producer = codec_of(settings), EventProducer(settings)
    counts, rejected = Counts(), 0
    with progress() as bars:
        total = _count(mapping, files, bars)
        sending = bars.add_task("sending", total=total)
        for made in _judged(mapping, files, codec):
            bars.advance(sending)
            if isinstance(made, Rejected):
                rejected += 1
                _tell(made, bars.console)
                continue
            producer.send(made.event.topic, made.event.key, made.value)
            counts[made.event.topic] += 1
        producer.flush()
        if wait:
            wait_for_worker(settings, bars)
    where = "stand in ClickHouse" if wait else "sent"
    print(f"{_counted(counts)} {where}; {rejected} rows rejected")
    return 1 if rejected else 0


def wait_for_worker(settings: Settings, bars: Progress, check: Callable[[], None] = lambda: None) -> None:
    """Returns when all that is in the source topics now stands in ClickHouse; `check` may raise to end the waiting.

    Raises WorkerSilent.
    """
    waiter, watchdog = Waiter(settings), Watchdog(settings)
    tasks = [bars.add_task(name, total=None, visible=False) for name in waiter.hops]
    totals: dict[int, int] = {}

    def left(hop: int, remaining: int) -> None:
        total = totals[hop] = max(totals.get(hop, 0), remaining)
        bars.update(tasks[hop], total=total, completed=total - remaining, visible=total > 0)

    def look() -> None:
        watchdog.look()
        check()

    try:
        waiter.wait(left, check=look)
    finally:
        waiter.close()
        watchdog.close()


def _all(mapping: Mapping, files: Sequence[Path]) -> Iterator[MappedEvent | Rejected]:
    for file in files:
        yield from events(mapping, file)


def _judged(mapping: Mapping, files: Sequence[Path], codec: Codec) -> Iterator[Ready | Rejected]:
    """What the worker would refuse is a rejected row here, as a whole, while its line can still be named."""
    for file in files:
        for line, row in groupby(events(mapping, file), lambda made: made.line):
            ready: list[Ready | Rejected] = []
            for made in row:
                if isinstance(made, Rejected):
                    ready = [made]
                    break
                value = _encoded(codec, made)
                record = {"recorded_at": None, **made.record}  # mapped ones lack the fields that nothing fills
                why = too_large(value) or refusal(made.topic, record, time.time_ns() // 1000)
                if why is not None:
                    ready = [Rejected(file.name, line, f"{why.reason}: {why.detail}")]
                    break
                ready.append(Ready(made, value))
            yield from ready


def _encoded(codec: Codec, made: MappedEvent) -> bytes:
    try:
        return codec.encode(f"events/{made.topic}", made.record)
    except Unencodable as error:  # the mapping checks records by the same schema: a mistake in ours
        raise AssertionError(f"{made.topic} event {made.record}: {error}") from error


def _count(mapping: Mapping, files: Sequence[Path], bars: Progress) -> int:
    """How many events and rejects there are: for the ETA, and so that a file that cannot be used stops us early."""
    reading = bars.add_task("reading", total=None)
    count = 0
    for _ in _all(mapping, files):
        count += 1
        bars.advance(reading)
    bars.update(reading, total=count)
    return count


def _tell(rejected: Rejected, console: Console | None = None) -> None:
    line = f"{rejected.file}:{rejected.line}: {rejected.reason}"
    if console is None:
        print(line, file=sys.stderr)
    else:
        console.print(line, markup=False, highlight=False, soft_wrap=True)


def _counted(counts: Counts) -> str:
    each = ", ".join(f"{topic} {number}" for topic, number in sorted(counts.items()))
    return f"{counts.total()} events" + (f" ({each})" if each else "")
