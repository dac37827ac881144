"""What the boards know of refused messages: how many, which, and which were retried."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from deploy.rejects.place import Place
from sinks.reader import BoardsReader, Result
from streams.reasons import CAPS


@dataclass(frozen=True, slots=True)
class Which:
    """since: seconds before now, by the boards' clock, in which they reached Kafka."""

    places: Sequence[Place] = ()
    topic: str | None = None
    reason: str | None = None
    since: float | None = None
    limit: int | None = None
    retried_too: bool = False

    def where(self) -> tuple[str, dict[str, Any]]:
        """As SQL with its parameters."""
        said, values = ["1"], dict[str, Any]()
        if self.places:
            said.append("has({places:Array(String)}, concat(topic, '/', toString(partition), '/', toString(offset)))")
            values["places"] = [str(place) for place in self.places]
        if self.topic is not None:
            said.append("topic = {topic:String}")
            values["topic"] = self.topic
        if self.reason is not None:
            said.append("reason = {reason:String}")
            values["reason"] = self.reason
        if self.since is not None:
            said.append("appended_at >= funnel_now() - toIntervalMicrosecond({since:Int64})")
            values["since"] = int(self.since * 1e6)
        if not self.retried_too:
            said.append("retried_at IS NULL")
        return " AND ".join(said), values


class Known(NamedTuple):
    """One refused message, as boards know it."""

    place: Place
    reason: str
    detail: str
    appended_at: datetime
    refused_at: datetime
    retried_at: datetime | None

    @property
    def is_a_caps(self) -> bool:
        return self.reason in CAPS


def counted(reader: BoardsReader, retried_too: bool) -> Result:
    """By topic and reason. Raises QueryError."""
    return reader.query(f"""
        SELECT topic, reason, countIf(retried_at IS NULL) AS open, countIf(retried_at IS NOT NULL) AS retried,
            min(appended_at) AS first, max(appended_at) AS last
        FROM boards.rejects GROUP BY topic, reason {"" if retried_too else "HAVING open > 0"}
        ORDER BY topic, open DESC, reason""")


def single(reader: BoardsReader, which: Which, limit: int) -> tuple[Result, int]:
    """Those that were refused last, first; and how many there are without the limit. Raises QueryError."""
    where, values = which.where()
    found = reader.query(
        f"""
        SELECT concat(topic, '/', toString(partition), '/', toString(offset)) AS place, reason, detail, appended_at,
            refused_at, retried_at
        FROM boards.rejects WHERE {where}
        ORDER BY refused_at DESC, topic, partition, offset DESC LIMIT {limit}""",
        values,
    )
    return found, int(reader.query(f"SELECT count() FROM boards.rejects WHERE {where}", values).rows[0][0])


def chosen(reader: BoardsReader, which: Which) -> list[Known]:
    """Those that were refused first, first. Raises QueryError."""
    where, values = which.where()
    rows = reader.query(
        f"""
        SELECT topic, partition, offset, reason, detail, appended_at, refused_at, retried_at
        FROM boards.rejects WHERE {where}
        ORDER BY refused_at, topic, partition, offset LIMIT {which.limit or _ALL}""",
        values,
    ).rows
    return [Known(Place(*row[:3]), *row[3:]) for row in rows]


_ALL = 2**63 - 1
