"""The states of one lane: a write-back cache over one partition of a Faust table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple, Protocol

from streams.model import Record
from streams.worker.config import Most


class Machine(Protocol):
    """What the cache needs of a step: see streams.model.KeyedStep."""

    def fresh(self, key: str) -> Any: ...

    def load(self, record: Record) -> Any: ...

    def dump(self, state: Any) -> Record: ...


class Changed(NamedTuple):
    """One changelog entry."""

    key: bytes
    value: bytes


class States:
    """Decoded states by key; reads through to the store, hands out what changed since the last cut."""

    def __init__(
        self,
        machine: Machine,
        read: Callable[[bytes], bytes | None],
        encode: Callable[[Record], bytes],
        decode: Callable[[bytes], Record],
        most: Most,
    ) -> None:
        self._machine = machine
        self._read = read
        self._encode = encode
        self._decode = decode
        self._most = most
        self._known: dict[str, Any] = {}
        self._sizes: dict[str, int] = {}  # bytes of each when it was last encoded
        self._size = 0  # of all of them
        self._dirty: set[str] = set()
        self._unsafe: dict[str, bytes] = {}  # cut, but perhaps not in the store yet

    def get(self, key: str) -> Any:
        """The state to change; it will be part of the next cut."""
        state = self._known.get(key)
        if state is None:
            stored = self._unsafe.get(key) or self._read(key.encode())
            state = self._machine.fresh(key) if stored is None else self._machine.load(self._decode(stored))
            self._known[key] = state
            self._weigh(key, len(stored or b""))
        self._dirty.add(key)
        return state

    def cut(self) -> list[Changed]:
        """Everything touched since the last cut, encoded now, as a later change must not slip in."""
        cut = []
        for key in self._dirty:
            value = self._encode(self._machine.dump(self._known[key]))
            self._unsafe[key] = value
            self._weigh(key, len(value))
            cut.append(Changed(key.encode(), value))
        self._dirty.clear()
        return cut

    def stored(self, cut: Iterable[Changed]) -> None:
        """The store has these now, so that clean states may be forgotten."""
        for key, value in cut:
            name = key.decode()
            if self._unsafe.get(name) is value:
                del self._unsafe[name]
        if len(self._known) > self._most.records or self._size > self._most.size:
            self._forget()

    def _weigh(self, key: str, size: int) -> None:
        self._size += size - self._sizes.get(key, 0)
        self._sizes[key] = size

    def _forget(self) -> None:
        """Clean ones, until half the room is free: the longest known first."""
        for key in [key for key in self._known if key not in self._dirty]:
            if len(self._known) <= self._most.records // 2 and self._size <= self._most.size // 2:
                return
            del self._known[key]
            self._size -= self._sizes.pop(key)

    def sizes(self) -> Mapping[str, int]:
        return {"known": len(self._known), "dirty": len(self._dirty)}
