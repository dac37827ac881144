"""Every metric of the worker, in one place: its name, its meaning, and where its value comes from.

What can be read at the moment of asking stands in `READ`. What happens and is gone again, a duration, say, is counted
by a field of `Metrics`, which streams/worker/watch.py tells it. Labels are steps, topics, partitions, tables and
reasons, of which there are few, and never anything of an event.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info, ProcessCollector, Summary
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from streams.alert import CHANGES
from streams.model import Micros
from streams.worker.vitals import Lag, Vitals

_PREFIX = "funnelwatch"
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_AGES = (0.1, 0.25, 0.5, 0.75, 1.0, 1.5, 2.5, 5.0, 15.0, 60.0, 300.0, 1_800.0, 7_200.0, 86_400.0)
_SIZES = (1, 10, 50, 100, 500, 1_000, 2_500, 5_000, 10_000, 50_000, 100_000)

Samples = Iterable[tuple[Sequence[object], float]]  # values of the labels, and the metric's


class Read(NamedTuple):
    """A metric that is read when it is asked for."""

    family: type[GaugeMetricFamily | CounterMetricFamily]
    name: str
    meaning: str
    labels: tuple[str, ...]
    samples: Callable[[Vitals], Samples]


def _of(lag: Lag) -> tuple[object, ...]:
    return lag.lane.step, lag.lane.topic, lag.lane.partition


_GAUGE, _COUNTER = GaugeMetricFamily, CounterMetricFamily
_TOPIC = ("step", "topic", "partition")
_LANE = ("step", "partition")
_TABLE = ("table", "partition")

READ = (
    Read(_GAUGE, "lag_records", "Records in Kafka that are not committed yet", _TOPIC,
         lambda now: ((_of(lag), lag.records) for lag in now.lags if lag.records is not None)),
    Read(_GAUGE, "lag_seconds", "Age of the oldest event that was fetched and is not committed yet", _LANE,
         lambda now: ((lane[:2], lane.behind) for lane in now.lanes)),
    Read(_GAUGE, "committed_offset", "Next offset that would be read after a restart", _TOPIC,
         lambda now: ((_of(lag), lag.lane.committed) for lag in now.lags if lag.lane.committed is not None)),
    Read(_GAUGE, "waiting_records", "Records in memory that are not worked off yet", _LANE,
         lambda now: ((lane[:2], lane.waiting) for lane in now.lanes)),
    Read(_GAUGE, "uncommitted_records", "Records in memory that are not committed yet, those waiting among them", _LANE,
         lambda now: ((lane[:2], lane.uncommitted) for lane in now.lanes)),
    Read(_COUNTER, "events", "Records worked off", _TOPIC,
         lambda now: ((_of(lag), lag.lane.worked.events) for lag in now.lags)),
    Read(_COUNTER, "messages", "Messages sent to other steps because of them", _TOPIC,
         lambda now: ((_of(lag), lag.lane.worked.messages) for lag in now.lags)),
    Read(_COUNTER, "rows", "Rows of facts decided because of them", _TOPIC,
         lambda now: ((_of(lag), lag.lane.worked.rows) for lag in now.lags)),
    Read(_GAUGE, "table_keys", "Keys in the store of a table, as RocksDB estimates them", _TABLE,
         lambda now: ((one[:2], one.keys) for one in now.keys)),
    Read(_GAUGE, "states_cached", "States in memory", _LANE,
         lambda now: ((lane[:2], lane.cached) for lane in now.lanes)),
    Read(_GAUGE, "states_dirty", "States in memory that the next flush writes", _LANE,
         lambda now: ((lane[:2], lane.dirty) for lane in now.lanes)),
    Read(_GAUGE, "assigned_partitions", "Topic partitions that the group has given to this worker, changelogs included",
         (), lambda now: [((), now.assigned or 0)]),
    Read(_GAUGE, "in_recovery", "1 until tables and folds are as they were left; the worker does no work before", (),
         lambda now: [((), not now.ready)]),
    Read(_GAUGE, "recovery_remaining_records", "Records of changelogs and folds still to be read before work begins",
         _TABLE, lambda now: ((left[:2], left.records) for left in now.left)),
    Read(_GAUGE, "sink_away", "1 while ClickHouse does not answer", (),
         lambda now: [((), now.sink_away is not None)]),
    Read(_GAUGE, "sink_away_seconds", "For how long it has not answered, else 0", (),
         lambda now: [((), now.sink_away or 0.0)]),
)  # fmt: skip


class Metrics(Collector):
    """One worker's registry. `read` looks at the worker when metrics are asked for."""

    def __init__(self, read: Callable[[], Vitals]) -> None:
        self._read = read
        self.registry = CollectorRegistry()
        self.build = Info(
            "build", "Always 1; the labels say what this worker is", namespace=_PREFIX, registry=self.registry
        )
        self.freshness = Spreads("freshness_seconds", "From an event's arrival in Kafka to its commit, rows written")
        self.flush_seconds = self._histogram("flush_seconds", "One flush, whole", _SECONDS, "step")
        self.flush_phase_seconds = Summary(
            "flush_phase_seconds",
            "Flushes up to each point of streams/worker/flush.py, from the one before",
            ("step", "phase"),
            namespace=_PREFIX,
            registry=self.registry,
        )
        self.flush_records = self._histogram("flush_records", "Records of one flush", _SIZES, "step")
        self.insert_seconds = self._histogram("insert_seconds", "One insert, with its retries", _SECONDS, "table")
        self.insert_rows = self._histogram("insert_rows", "Rows of one insert", _SIZES, "table")
        self.insert_retries = self._count(
            "insert_retries", "Inserts that ClickHouse did not take, and that were repeated", "table"
        )
        self.rejects = self._count("rejects", "Records refused, by the topic they came by", "topic", "reason")
        self.recovered = self._count("recovered_records", "Records of changelogs that were applied to a table", "table")
        self.assignments = self._count("assignments", "Times that the group gave partitions to this worker")
        self.alerts = self._count("alerts", "Alerts sent to the topic of leaks, by what they say", "change")
        for change in CHANGES:  # a rate of what never happened is 0, and not nothing
            self.alerts.labels(change)
        self.alerts_held = self._gauge("alerts_held", "Alerts held back now, as data may be missing")
        self.alerts_waiting = self._gauge(
            "alerts_waiting", "1 while no alerts are told, as ClickHouse or Kafka does not answer"
        )
        self.registry.register(self.freshness)
        self.registry.register(self)
        ProcessCollector(registry=self.registry)

    def describe(self) -> Iterator[Metric]:
        return (read.family(f"{_PREFIX}_{read.name}", read.meaning, labels=read.labels) for read in READ)

    def collect(self) -> Iterator[Metric]:
        now = self._read()
        for read in READ:
            family = read.family(f"{_PREFIX}_{read.name}", read.meaning, labels=read.labels)
            for labels, value in read.samples(now):
                family.add_metric([str(label) for label in labels], float(value))
            yield family

    def _histogram(self, name: str, meaning: str, buckets: Sequence[float], *labels: str) -> Histogram:
        return Histogram(name, meaning, labels, namespace=_PREFIX, buckets=buckets, registry=self.registry)

    def _count(self, name: str, meaning: str, *labels: str) -> Counter:
        return Counter(name, meaning, labels, namespace=_PREFIX, registry=self.registry)

    def _gauge(self, name: str, meaning: str) -> Gauge:
        return Gauge(name, meaning, namespace=_PREFIX, registry=self.registry)


class Spreads(Collector):
    """A histogram by step that takes a whole flush at once: the library's takes 2 µs for each value."""

    def __init__(self, name: str, meaning: str) -> None:
        self._name, self._meaning = f"{_PREFIX}_{name}", meaning
        self._counts: dict[str, list[int]] = {}
        self._sums: dict[str, float] = {}

    def add(self, step: str, since: Sequence[Micros], now: Micros) -> None:
        """since: instants that are `now - since` ago."""
        counts = self._counts.setdefault(step, [0] * (len(_AGES) + 1))
        ordered = sorted(since)
        older = [len(ordered), *(bisect_left(ordered, now - round(bound * 1e6)) for bound in _AGES), 0]
        for bucket, (at_least, more) in enumerate(pairwise(older)):
            counts[bucket] += at_least - more
        self._sums[step] = self._sums.get(step, 0.0) + max(0, now * len(ordered) - sum(ordered)) / 1e6

    def collect(self) -> Iterator[Metric]:
        family = HistogramMetricFamily(self._name, self._meaning, labels=("step",))
        for step, counts in self._counts.items():
            so_far, buckets = 0, []
            for bound, count in zip((*map(str, _AGES), "+Inf"), counts, strict=True):
                so_far += count
                buckets.append((bound, float(so_far)))
            family.add_metric([step], buckets, self._sums[step])
        yield family
