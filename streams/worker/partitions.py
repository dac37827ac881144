"""Which partition a key belongs to: murmur2, as Kafka's own Java producer and librdkafka's `murmur2_random` say."""

from __future__ import annotations

from aiokafka.partitioner import murmur2

_LIMIT = 200_000


class Partitions:
    """key -> partition, remembered, since murmur2 in plain Python costs more than most steps do."""

    def __init__(self, count: int) -> None:
        self.count = count
        self._known: dict[str, int] = {}

    def of(self, key: str) -> int:
        found = self._known.get(key)
        if found is None:
            if len(self._known) >= _LIMIT:
                self._known.clear()
            found = self._known[key] = (int(murmur2(key.encode())) & 0x7FFFFFFF) % self.count
        return found
