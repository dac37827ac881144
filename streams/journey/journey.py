"""The journey as a step: messages of one lead in, changed rows out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import blake2b

from streams.definition import Definition
from streams.identity.inbox import Inbox
from streams.journey.rows import UNCHANGED, Columns, Key, Reading, RowMaker
from streams.model import Record, Row

_COLUMNS = {"stage_entries": 2, "obligations": 2}  # of a key, beside the lead; other tables have one at most
MANY = 20  # events of a lead from which on its reading is kept in memory: it is some 2 KB for each
MOST_GONE = 10_000  # rows that were taken back: who is merged and unmerged for ever keeps no more of them
_GONE = b""  # said of a row that was taken back: kept, so that a redelivery takes it back again


@dataclass(slots=True)
class LeadState:
    """Shape: schemas/state/lead.avsc. `emitted`: row → digest of its columns as last said. `reading`: of a lead of many
    events, as it was read last; it is not stored."""

    lead_id: str
    inbox: Inbox = field(default_factory=Inbox)
    applied: int = -1
    emitted: dict[str, bytes] = field(default_factory=dict)
    reading: Reading | None = None


class Journey:
    """KeyedStep over internal/lead messages; the key is the lead id."""

    def __init__(self, definition: Definition, many: int = MANY) -> None:
        self._maker = RowMaker(definition)
        self._many = many

    def fresh(self, key: str) -> LeadState:
        return LeadState(key)

    def load(self, record: Record) -> LeadState:
        return LeadState(record["lead"], Inbox.load(record["inbox"]), record["applied"], record["emitted"])

    def dump(self, state: LeadState) -> Record:
        return {
            "lead": state.lead_id,
            "applied": state.applied,
            "inbox": state.inbox.dump(),
            "emitted": dict(state.emitted),
        }

    def apply(self, state: LeadState, offset: int, message: Record) -> Iterator[Row]:
        """Rows that differ from those said before; all of them if the message was seen before (a redelivery).

        A redelivered message repeats what the state says, as of the newest message folded in, not of its own offset.
        """
        changed = state.inbox.apply(message)
        redelivered = offset <= state.applied
        state.applied = max(state.applied, offset)
        if not changed and not redelivered:
            return iter(())
        inbox, known = state.inbox, None if redelivered else state.reading
        events = inbox.events()
        rows, reading = self._maker.changed_rows(state.lead_id, events, inbox.nodes(), inbox.beyond(), known)
        state.reading = reading if len(events) >= self._many else None
        return _say(state, rows, everything=redelivered)


def _say(state: LeadState, rows: dict[Key, Columns], *, everything: bool) -> Iterator[Row]:
    revision = state.applied if everything else None
    said = []
    names = set()
    for (table, key), columns in rows.items():
        name = "\x1f".join((table, *key[1:]))
        names.add(name)
        if columns is UNCHANGED:
            continue
        digest = _digest(columns)
        if everything or state.emitted.get(name) != digest:
            state.emitted[name] = digest
            said.append(Row(table, key, columns, revision))
    for name, digest in state.emitted.items():
        if name not in names and (everything or digest != _GONE):
            state.emitted[name] = _GONE
            table = name.partition("\x1f")[0]
            # The last column may be somebody else's id, which may hold the separator.
            _, *rest = name.split("\x1f", _COLUMNS.get(table, 1))
            said.append(Row(table, (state.lead_id, *rest), None, revision))
    if (too_many := len(state.emitted) - len(names) - MOST_GONE) > 0:
        gone = [name for name, digest in state.emitted.items() if digest == _GONE]
        for name in gone[:too_many]:
            del state.emitted[name]
    return iter(said)


def _digest(columns: Columns) -> bytes:
    return blake2b(repr(list(columns.values())).encode(errors="surrogatepass"), digest_size=8).digest()
