"""What a worker needs to know to run. Built by deploy from the settings; plain values only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from streams.topics import Topics


class Most(NamedTuple):
    """How much a lane may hold, whichever comes first. size: bytes."""

    records: int
    size: int


_WAITING = Most(records=20_000, size=16_000_000)
_AHEAD = Most(records=5_000, size=32_000_000)
_CACHED = Most(records=50_000, size=32_000_000)


@dataclass(frozen=True, slots=True)
class WorkerConfig:
    """One worker process of one generation. Times in seconds."""

    bootstrap_servers: str  # host:port[,host:port]
    topics: Topics
    partitions: int  # of the source topics and of the tables
    data_dir: Path  # RocksDB stores live here, one folder per app id
    email_key: bytes  # HMAC key of e-mail hashes and lead ids
    transactions: bool = True
    idempotent: bool = True
    security: Mapping[str, object] = field(default_factory=dict)  # aiokafka's security arguments
    session_timeout: float = 10.0
    poll_interval: float = 300.0  # a consumer that does not fetch for so long leaves its group
    flush_every: float = 0.1  # least pause between two flushes of a lane
    busy_flush_every: float = 0.5  # the same while records wait to be worked off
    insert_every: float = 0.3  # between the beginnings of two inserts of a table, which take the rows of all lanes
    waiting: Most = _WAITING  # in a lane, before it is not fetched any more
    ahead: Most = _AHEAD  # worked off ahead of a flush
    cached: Most = _CACHED  # decoded states kept per lane; size: of their encoded form
    stuck_after: float = 120.0  # a step that does not come back for so long never will
    stop_grace: float = 15.0  # how long the process may take to stop
    alert_every: float = 10.0  # between two looks for what is to be said of leaks; 0: nothing is
    alert_within: float = 30 * 86_400.0  # a leak that fell due longer ago is no news
    alert_hold: float = 86_400.0  # no alert is held back for longer, whatever data is missing
    commit_within: float = 300.0  # a lane with work that commits nothing for so long is called stuck
    log_level: str = "INFO"
    log_format: str = "text"  # or json
    definition_version: str = ""  # of the lead definition; shown, not used
    version: str = ""  # of this program; shown, not used

    @property
    def drain_seconds(self) -> float:
        """How long a revoked or stopping lane may take to finish."""
        return self.stop_grace * 0.6

    @property
    def app_id(self) -> str:
        return self.topics.group
