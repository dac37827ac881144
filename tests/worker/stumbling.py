"""The real worker, but its journey fails on an event of the campaign `stumble`, with an error that quotes the event.

python -m tests.worker.stumbling          (settings as for `funnelwatch worker`)
"""

from __future__ import annotations

from collections.abc import Iterator

from deploy.settings import load
from deploy.worker import run
from streams.journey.journey import Journey, LeadState
from streams.model import Record, Row
from tests.whole.test_discretion import MARKER

CAMPAIGN = "stumble"
_apply = Journey.apply


def apply(self: Journey, state: LeadState, offset: int, message: Record) -> Iterator[Row]:
    if CAMPAIGN in str(message):
        raise KeyError(f"jane.{MARKER}@acme.example of {message}")
    return _apply(self, state, offset, message)


if __name__ == "__main__":
    Journey.apply = apply  # type: ignore[method-assign]
    run(load())
