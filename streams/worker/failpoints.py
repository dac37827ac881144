"""Named instants at which a test may kill or stop this process; nothing happens unless the environment says so.

FUNNELWATCH_TEST_FAILPOINT=STEP:POINT:TIMES[:SIGNAL] sends this process SIGNAL (KILL) when it is for the TIMES-th time
at POINT of STEP; `*` is any step. Points of a flush: streams/worker/flush.py. Of `worker`: `fenced` (the lanes of
an assignment have their producers, nothing is recovered yet), `recovering` (a batch of a changelog was applied),
`drained` (lanes given up at a revocation or stop are finished). Of `retry` (funnelwatch rejects retry): `sent`
(acknowledged by the broker, not logged yet). Of `alerts`: `decided` (nothing sent yet) and `said` (acknowledged).
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

VARIABLE = "FUNNELWATCH_TEST_FAILPOINT"


def failpoint(given: str | None) -> Callable[[str, str], None]:
    """reached(step, point) for a value of the variable."""
    if not given:
        return _nothing
    step, point, times, *name = given.split(":")
    number = signal.Signals[f"SIG{name[0] if name else 'KILL'}"]
    left = int(times)

    def reached(at_step: str, at_point: str) -> None:
        nonlocal left
        if at_point == point and step in ("*", at_step):
            left -= 1
            if left == 0:
                os.kill(os.getpid(), number)

    return reached


def _nothing(step: str, point: str) -> None: ...


reached = failpoint(os.environ.get(VARIABLE))
