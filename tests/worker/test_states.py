from __future__ import annotations

import json
from typing import Any

from streams.model import Record
from streams.worker.config import Most
from streams.worker.states import States


class Counter:
    def fresh(self, key: str) -> dict[str, Any]:
        return {"key": key, "count": 0}

    def load(self, record: Record) -> dict[str, Any]:
        return record

    def dump(self, state: dict[str, Any]) -> Record:
        return state


def states(store: dict[bytes, bytes], limit: int = 100, size: int = 1_000_000) -> States:
    return States(Counter(), store.get, lambda record: json.dumps(record).encode(), json.loads, Most(limit, size))


def test_many_changes_of_a_key_are_one_write() -> None:
    cached = states({})
    for _ in range(5):
        cached.get("a")["count"] += 1
    (entry,) = cached.cut()
    assert entry.key == b"a"
    assert json.loads(entry.value)["count"] == 5
    assert cached.cut() == []


def test_a_touched_key_is_written_again_although_nothing_changed() -> None:
    """An aborted flush may have written it, and compaction may take that away."""
    cached = states({b"a": b'{"key": "a", "count": 3}'})
    cached.get("a")
    assert [json.loads(entry.value)["count"] for entry in cached.cut()] == [3]


def test_a_change_after_the_cut_waits_for_the_next() -> None:
    cached = states({})
    cached.get("a")["count"] = 1
    (first,) = cached.cut()
    cached.get("a")["count"] = 2
    assert json.loads(first.value)["count"] == 1
    assert [json.loads(entry.value)["count"] for entry in cached.cut()] == [2]


def test_what_is_forgotten_comes_back_from_the_store() -> None:
    store: dict[bytes, bytes] = {}
    cached = states(store, limit=4)
    for n in range(50):
        cached.get(f"k{n}")["count"] = n
        cut = cached.cut()
        store.update(cut)
        cached.stored(cut)
    assert cached.sizes()["known"] <= 4
    assert [cached.get(f"k{n}")["count"] for n in range(50)] == list(range(50))


def test_large_states_are_forgotten_by_their_size() -> None:
    store: dict[bytes, bytes] = {}
    cached = states(store, size=10_000)
    for n in range(50):
        cached.get(f"k{n}")["name"] = "x" * 1_000
        cut = cached.cut()
        store.update(cut)
        cached.stored(cut)
        assert cached.sizes()["known"] < 11
    assert cached.get("k0")["name"] == "x" * 1_000


def test_what_is_cut_but_not_stored_is_not_read_from_the_store() -> None:
    store: dict[bytes, bytes] = {}
    cached = states(store, limit=1)
    cached.get("a")["count"] = 1
    waiting = cached.cut()
    for n in range(5):
        cached.get(f"k{n}")
        cached.stored(cached.cut())
    assert cached.get("a")["count"] == 1
    cached.stored(waiting)
