"""What the lane of one step does with a record: read it, hand it to the pure step, keep its states."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from streams.model import Effect, KeyedStep, Micros, Origin, Raw
from streams.step import Fold, Read, Step
from streams.worker.states import Changed, States


class _Work:
    """Where the record in hand came from."""

    _last: Read

    def source_at(self) -> Micros:
        return self._last.source_at

    def origin(self) -> Origin:
        return self._last.origin


class KeyedWork(_Work):
    """A step with a state per key."""

    def __init__(self, step: Step, machine: KeyedStep[object], states: States) -> None:
        self._read = step.read
        self._machine = machine
        self._states = states

    def take(self, record: Raw) -> Iterator[Effect]:
        self._last = read = self._read(record)
        if read.instead is not None:
            yield read.instead
        elif read.message is not None:
            state = self._machine.fresh("") if read.key is None else self._states.get(read.key)
            yield from self._machine.apply(state, record.offset, read.message)

    def fold_again(self, record: Raw) -> None:  # noqa: ARG002
        raise AssertionError("a keyed step is never folded again")

    def cut(self) -> Sequence[Changed]:
        return self._states.cut()

    def stored(self, cut: Sequence[Changed]) -> None:
        self._states.stored(cut)

    def sizes(self) -> Mapping[str, int]:
        return self._states.sizes()


class FoldWork(_Work):
    """A step that is the fold of its log, read from the beginning after every start."""

    def __init__(self, step: Step, machine: Fold) -> None:
        self._read = step.read
        self._machine = machine

    def take(self, record: Raw) -> Iterator[Effect]:
        self._last = read = self._read(record)
        if read.instead is not None:
            yield read.instead
        elif read.message is not None:
            yield from self._machine.apply(record.offset, read.message)

    def fold_again(self, record: Raw) -> None:
        read = self._read(record)
        if read.message is not None:
            self._machine.replay(record.offset, read.message)

    def cut(self) -> Sequence[Changed]:
        return ()

    def stored(self, cut: Sequence[Changed]) -> None:
        pass

    def sizes(self) -> Mapping[str, int]:
        return {}
