"""What is known of a pair of identifiers, and what was ordered of one.

Both are joins: of each kind of event one is kept, the earliest or the latest, so their order is of no matter. Marks are
records: `at` (UTC microseconds) and `event_key`.
"""

from __future__ import annotations

from typing import NamedTuple

from streams.model import Record


class Registers(NamedTuple):
    """Of a pair: the earliest link, the latest merge, the latest unmerge. A merge is a link, too."""

    first: Record | None = None
    merge: Record | None = None
    unmerge: Record | None = None

    @classmethod
    def of(cls, kind: str, mark: Record) -> Registers:
        """What one event says; kind: routine, merge or unmerge."""
        if kind == "unmerge":
            return cls(unmerge=mark)
        return cls(first=mark, merge=mark if kind == "merge" else None)

    def joined(self, other: Registers) -> Registers:
        return Registers(
            _chosen(self.first, other.first, latest=False),
            _chosen(self.merge, other.merge, latest=True),
            _chosen(self.unmerge, other.unmerge, latest=True),
        )


class Orders(NamedTuple):
    """Of one identifier: the latest block, the latest unblock, the earliest erasure."""

    block: Record | None = None
    unblock: Record | None = None
    erase: Record | None = None

    @classmethod
    def of(cls, kind: str, mark: Record) -> Orders:
        """What one event says; kind: block, unblock or erase."""
        return cls(**{kind: mark})

    def joined(self, other: Orders) -> Orders:
        return Orders(
            _chosen(self.block, other.block, latest=True),
            _chosen(self.unblock, other.unblock, latest=True),
            _chosen(self.erase, other.erase, latest=False),
        )

    def blocked(self) -> bool:
        """A later unblock lifts a block, a simultaneous one does not."""
        return self.block is not None and (self.unblock is None or bool(self.block["at"] >= self.unblock["at"]))


NO_ORDERS = Orders()


def _chosen(one: Record | None, other: Record | None, latest: bool) -> Record | None:
    if one is None or other is None:
        return other if one is None else one
    newer = (other["at"], other["event_key"]) > (one["at"], one["event_key"])
    return other if newer is latest else one
