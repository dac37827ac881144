"""The core alone: events decoded, the steps, their messages through Avro from one to the next; no Kafka, no ClickHouse.

    python -m tests.bench.core --events N --seed N [--take N] --warm N

Prints the seconds that it took, as JSON. Then it writes its rows: what every other variant's rows are compared with.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter, deque

from sinks.writer import Batch
from tests.bench.domain import Domain, Loop, Raw, domain
from tests.bench.events import Encoded, encoded


class Core:
    def __init__(self, made: Domain) -> None:
        self._loop = Loop(made)
        self._names = {"web": made.topics.web, "form": made.topics.form, "crm": made.topics.crm}
        self._offsets: Counter[str] = Counter()
        self.messages = 0

    def take(self, events: list[Encoded]) -> None:
        now = int(time.time() * 1000)
        for event in events:
            waiting = deque([(self._names[event.topic], event.key, event.value)])
            while waiting:
                topic, key, value = waiting.popleft()
                self._offsets[topic] += 1
                waiting.extend(self._loop.take(Raw(topic, 0, self._offsets[topic], now, key, value)))
                self.messages += 1

    def rows(self) -> Batch:
        return self._loop.batch


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("events", "seed", "take", "warm"):
        parser.add_argument(f"--{name}", type=int, required=name != "take")
    given = parser.parse_args()
    made = domain(lambda key: 0)
    core = Core(made)
    core.take(encoded(given.warm, given.seed, "warm"))
    events = encoded(given.events, given.seed)[: given.take]
    core.messages = 0
    began = time.perf_counter()
    core.take(events)
    seconds = time.perf_counter() - began
    rows = core.rows()
    print(json.dumps({"seconds": seconds, "messages": core.messages, "rows": len(rows)}), flush=True)
    made.writer().write(rows)


if __name__ == "__main__":
    main()
