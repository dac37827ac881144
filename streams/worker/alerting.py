"""The timer that says of leaks: who runs it, and what it does at each look. What is said, decides streams/alerts.py.

It belongs to the worker that has partition 0 of `identity.links`, of which there is one, and moves with it; where two
run for a moment, both read what the other said, and at worst something is said twice. Nothing of it holds up a lane,
and no failure of it ends the worker: it says once that it waits, and begins again with what the topic holds.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Protocol

from streams.alert import Alert, Look, Rules
from streams.alerts import Decision, decide, kept_time
from streams.model import SECOND, Micros
from streams.worker.config import WorkerConfig
from streams.worker.failpoints import reached
from streams.worker.lanes import Serde
from streams.worker.said import Said
from streams.worker.watch import Watch

log = logging.getLogger("funnelwatch.worker")

BEHIND_SECONDS = 60.0  # that our own pipeline may be so before its holding back is worth a message


class Boards(Protocol):
    """What the boards know. Blocks, and raises where they do not answer; called in a thread of its own."""

    def is_live(self) -> bool:
        """Whether they show our generation."""

    def look(self, kept: Micros | None, said: Mapping[str, Alert]) -> Look | None:
        """None where they show another generation by now."""

    def addressed(self, alerts: list[Alert]) -> list[Alert]:
        """The same, with the CRM records of their leads."""


class Lag:
    """Whether the facts have been behind for long, whatever the boards' clock does: it may jump, and run faster."""

    def __init__(self) -> None:
        self._ticks: deque[tuple[float, Micros]] = deque()  # seconds, and boards' time then

    def behind(self, clock: float, now: Micros, complete: Micros) -> bool | None:
        """True: what was so a minute ago is not in yet. None: not known, as we have not looked for so long."""
        self._ticks.append((clock, now))
        while len(self._ticks) > 1 and self._ticks[1][0] <= clock - BEHIND_SECONDS:
            self._ticks.popleft()
        since, then = self._ticks[0]
        if complete >= then:
            return False
        return True if since <= clock - BEHIND_SECONDS else None


class Alerting:
    """One worker's timer."""

    def __init__(self, app: Any, config: WorkerConfig, codec: Serde, boards: Boards, watch: Watch) -> None:
        self._app = app
        self._links = config.topics.links
        self._every = config.alert_every
        self._rules = Rules(
            config.topics.generation, round(config.alert_within * SECOND), round(config.alert_hold * SECOND)
        )
        self._boards = boards
        self._watch = watch
        self._said = Said(config, codec)
        self._kept: Micros | None = None
        self._lag = Lag()
        self._waits = False

    async def run(self) -> None:
        try:
            while not self._app.should_stop:
                await self._app.sleep(self._every)
                if not self._app.should_stop:
                    await self._look()
        finally:
            await self._said.stop()

    async def _look(self) -> None:
        try:
            if self._is_ours():
                await self._tell()
            elif self._said.is_open:
                await self._leave()
        except Exception as error:
            self._watch.alerts_wait(True)
            if not self._waits:
                log.warning("alerts wait until this is over", exc_info=error)
            self._waits = True
            await self._said.stop()
        else:
            if self._waits:
                log.info("alerts go on")
            self._waits = False
            self._watch.alerts_wait(False)

    def _is_ours(self) -> bool:
        app = self._app
        return bool(not app.rebalancing and app.tables.actives_ready and app.lanes.has(self._links, 0))

    async def _leave(self) -> None:
        self._watch.alerts_held(0)
        await self._said.stop()

    async def _tell(self) -> None:
        said = self._said
        if not await asyncio.to_thread(self._boards.is_live):
            await self._leave()
            return
        if not said.is_open:
            await said.start()
            await said.catch_up()
            self._kept, self._lag = kept_time(said.last), Lag()
            log.info("alerts are told by this worker", extra={"count": len(said.last)})
        else:
            await said.catch_up()
        decided = await asyncio.to_thread(self._decide)
        if decided is None:
            return
        decision, judged = decided
        if decision.messages:
            reached("alerts", "decided")
            await said.say(decision.messages)
            reached("alerts", "said")
        self._kept = judged if self._kept is None else max(self._kept, judged)
        self._watch.told([alert.change for _, alert in decision.messages if alert is not None], decision.held)

    def _decide(self) -> tuple[Decision, Micros] | None:
        """In a thread; nobody else touches what was said meanwhile."""
        last = self._said.last
        look = self._boards.look(self._kept, last)
        if look is None:
            return None
        look = replace(look, behind=self._lag.behind(self._watch.clock(), look.now, look.complete))
        decision = decide(last, self._kept, look, self._rules)
        spoken = iter(self._boards.addressed([alert for _, alert in decision.messages if alert is not None]))
        messages = [(key, None if alert is None else next(spoken)) for key, alert in decision.messages]
        return Decision(messages, decision.held), look.judged
