"""All identifiers and pairs that were ever said, in arrays: about 200 bytes for each.

Identifiers and pairs have numbers, in the order of their first appearance. A pair has two half edges, 2 * pair at its
first end and 2 * pair + 1 at the other; those of an identifier are a chain, from `_head` along `_next`.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from typing import NamedTuple

from streams.model import Micros, Record

NEVER: Micros = 2**62
_KEY = 16  # bytes of an event's key
_NO_KEY = bytes(_KEY)
_EMAIL = "email:"
_HASH = 32  # hex digits of an e-mail's hash

Mark = tuple[Micros, bytes]
"""When, and by which event (its key)."""


def mark(record: Record | None) -> Mark | None:
    return None if record is None else (record["at"], bytes.fromhex(record["event_key"]))


class Marks(NamedTuple):
    """Of a pair: the earliest link, the latest merge, the latest unmerge."""

    first: Mark | None = None
    merge: Mark | None = None
    unmerge: Mark | None = None

    def joined(self, record: Record) -> Marks:
        """With what a record of schemas/internal/links.avsc says."""
        first, merge, unmerge = mark(record["first"]), mark(record["merge"]), mark(record["unmerge"])
        if self is NOTHING:
            return Marks(first, merge, unmerge)
        return Marks(
            min(filter(None, (self.first, first)), default=None),
            max(filter(None, (self.merge, merge)), default=None),
            max(filter(None, (self.unmerge, unmerge)), default=None),
        )

    def in_force(self) -> bool:
        """Unless an unmerge is later than the latest merge; it wins a tie, and a routine link does not undo it."""
        if self.unmerge is None:
            return self.first is not None
        return self.merge is not None and self.merge[0] > self.unmerge[0]


NOTHING = Marks()


class Graph:
    def __init__(self) -> None:
        self._numbers: dict[bytes, int] = {}
        self.keys: list[bytes] = []
        """Compact names, of which the order is: e-mails first, then by name."""
        self.linked_at = array("q")
        """By identifier: time of its earliest link."""
        self.neighbours = array("i")
        """By identifier: how many others it was ever linked with, in force or not."""
        self._head = array("i")
        self._next = array("i")
        self._end = array("i")  # by half edge: the identifier that it leads to
        self._in_force = bytearray()
        self._first_at = array("q")
        self._first_key = bytearray()
        self._merges: dict[int, Mark] = {}
        self._unmerges: dict[int, Mark] = {}

    def number(self, name: str) -> int:
        key = _compact(name)
        number = self._numbers.get(key)
        if number is None:
            number = self._numbers[key] = len(self.keys)
            self.keys.append(key)
            self.linked_at.append(NEVER)
            self.neighbours.append(0)
            self._head.append(-1)
        return number

    def name(self, number: int) -> str:
        key = self.keys[number]
        if key[0] == 0:
            return _EMAIL + key[1:].hex()
        return _EMAIL + key[1:].decode() if key[0] == 1 else key.decode()

    def pair(self, one: int, other: int) -> int:
        """The pair's number, -1 if nothing is known of it."""
        if self.neighbours[one] > self.neighbours[other]:
            one, other = other, one
        end, following, half = self._end, self._next, self._head[one]
        while half >= 0:
            if end[half] == other:
                return half >> 1
            half = following[half]
        return -1

    def marks(self, pair: int) -> Marks:
        if pair < 0:
            return NOTHING
        at = self._first_at[pair]
        key = bytes(self._first_key[pair * _KEY : pair * _KEY + _KEY])
        return Marks(None if at == NEVER else (at, key), self._merges.get(pair), self._unmerges.get(pair))

    def learn(self, one: int, other: int, pair: int, marks: Marks) -> None:
        """From now on `marks` are what is known of the pair; pair -1: it is new."""
        if pair < 0:
            pair = self._add(one, other)
        if marks.first is not None:
            at, key = marks.first
            if self._first_at[pair] == NEVER:
                self.neighbours[one] += 1
                self.neighbours[other] += 1
            self._first_at[pair] = at
            self._first_key[pair * _KEY : pair * _KEY + _KEY] = key
            if at < self.linked_at[one]:
                self.linked_at[one] = at
            if at < self.linked_at[other]:
                self.linked_at[other] = at
        if marks.merge is not None:
            self._merges[pair] = marks.merge
        if marks.unmerge is not None:
            self._unmerges[pair] = marks.unmerge
        self._in_force[pair] = marks.in_force()

    def _add(self, one: int, other: int) -> int:
        pair = len(self._in_force)
        self._end.extend((other, one))
        self._next.extend((self._head[one], self._head[other]))
        self._head[one], self._head[other] = 2 * pair, 2 * pair + 1
        self._in_force.append(0)
        self._first_at.append(NEVER)
        self._first_key += _NO_KEY
        return pair

    def pairs_of(self, number: int) -> Iterator[tuple[int, int]]:
        """(other identifier, pair) of all that is known of this one."""
        half = self._head[number]
        while half >= 0:
            yield self._end[half], half >> 1
            half = self._next[half]

    def joined_with(self, number: int) -> list[int]:
        """Those with whom its links are in force."""
        end, following, in_force, half = self._end, self._next, self._in_force, self._head[number]
        found = []
        while half >= 0:
            if in_force[half >> 1]:
                found.append(end[half])
            half = following[half]
        return found

    def links_among(self, members: frozenset[int]) -> list[tuple[Micros, int, int]]:
        """(time of the earliest link, one, other) of the links in force between these, in order of time."""
        ends, following, in_force, first_at = self._end, self._next, self._in_force, self._first_at
        found = []
        for one in members:
            half = self._head[one]
            while half >= 0:
                other = ends[half]
                if other > one and in_force[half >> 1] and other in members:
                    found.append((first_at[half >> 1], one, other))
                half = following[half]
        found.sort()
        return found


def _compact(name: str) -> bytes:
    if not name.startswith(_EMAIL):
        return name.encode()
    rest = name[len(_EMAIL) :]
    if len(rest) == _HASH:
        try:
            return b"\x00" + bytes.fromhex(rest)
        except ValueError:
            pass
    return b"\x01" + rest.encode()
