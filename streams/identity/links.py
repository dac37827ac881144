"""What is known of a pair of identifiers: the earliest link, the latest merge, the latest unmerge."""

from __future__ import annotations

from typing import NamedTuple

from streams.model import Micros, Record


class Registers(NamedTuple):
    """Marks are records: at, event_key, source, event_id. A merge is a link, too, so it may be the earliest one."""

    first: Record | None = None
    merge: Record | None = None
    unmerge: Record | None = None

    @classmethod
    def of(cls, kind: str, mark: Record) -> Registers:
        """What one event says; kind: routine, merge or unmerge."""
        if kind == "unmerge":
            return cls(unmerge=mark)
        return cls(first=mark, merge=mark if kind == "merge" else None)

    @classmethod
    def load(cls, record: Record) -> Registers:
        return cls(record["first"], record["merge"], record["unmerge"])

    def dump(self) -> Record:
        return self._asdict()

    def joined(self, other: Registers) -> Registers:
        return Registers(
            _chosen(self.first, other.first, latest=False),
            _chosen(self.merge, other.merge, latest=True),
            _chosen(self.unmerge, other.unmerge, latest=True),
        )

    def in_force(self) -> bool:
        """Unless an unmerge is later than the latest merge; it wins a tie, and a routine link does not undo it."""
        if self.unmerge is None:
            return self.first is not None
        return self.merge is not None and bool(self.merge["at"] > self.unmerge["at"])


def at(mark: Record | None) -> Micros | None:
    return None if mark is None else mark["at"]


def _chosen(one: Record | None, other: Record | None, latest: bool) -> Record | None:
    if one is None or other is None:
        return other if one is None else one
    newer = (other["at"], other["event_key"]) > (one["at"], one["event_key"])
    return other if newer is latest else one
