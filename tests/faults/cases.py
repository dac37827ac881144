"""What is done to the workers themselves. Each case leaves its load to be worked off, whatever happened."""

from __future__ import annotations

import signal
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from streams.worker.flush import IN_TRANSACTION
from tests.faults.deployment import Deployment

Size = Literal["short", "long"]
Play = Callable[[Deployment, Size], None]

STEPS = ("sessionize", "route", "identify", "resolve", "journey")


@dataclass(frozen=True)
class Case:
    """`seconds`: about, to tell how much time is left. `large`: on the large load. `registry`: with one of its own."""

    name: str
    done: str
    play: Play
    seconds: int = 40
    large: bool = False
    registry: bool = False


def killed(on: Deployment, size: Size) -> None:
    times = 24 if size == "long" else 1
    on.up()
    share = 1 / (times + 1)
    on.feed(share)
    on.commits()
    for number in range(times):
        if number % 2:
            on.commits()  # else it may be killed while it starts or recovers
        on.lasts(on.random.uniform(0, 4))
        on.down()
        if on.random.random() < 0.25:
            on.pods["a"].forget()
        on.up()
        on.feed(share)


def failpoints(on: Deployment, size: Size) -> None:
    points = [(step, point) for step in STEPS for point in IN_TRANSACTION]
    if size == "short":  # each point and each step at least once
        points = [(STEPS[number % len(STEPS)], point) for number, point in enumerate(IN_TRANSACTION)]
    share = 0.8 / len(points)
    for step, point in points:
        on.feed(share / 2)
        on.dies_at(f"{step}:{point}:{on.random.randint(1, 3)}", share / 2)
    on.up()


def recovery(on: Deployment, size: Size) -> None:
    on.up()
    on.feed(0.5)
    on.commits()
    on.down()
    for point in ("fenced:1", "recovering:1", "recovering:2", "recovering:3") if size == "long" else ("recovering:2",):
        on.pods["a"].forget()
        on.dies_at(f"worker:{point}")
    on.dies_at("worker:recovering:1")  # and where the killed one had begun to fill its folder
    on.up()


def terminated(on: Deployment, size: Size) -> None:
    for _ in range(4 if size == "long" else 1):
        on.up()
        on.feed(0.15)
        on.commits()
        on.lasts(on.random.uniform(0, 3))
        on.terminates()
    pod = on.up(failpoint="worker:drained:1")
    on.feed(0.15)
    on.commits()
    pod.send(signal.SIGTERM)
    on.until(lambda: pod.died_at_failpoint, "it is killed when its lanes are drained")
    on.happened += 1
    on.prove()
    on.up()


def several(on: Deployment, size: Size) -> None:
    """One is killed, one is added, one is stopped past its session and resumed."""
    on.up("a")
    on.up("b")
    on.of_group(2)
    one, other = "a", "b"
    for _ in range(2 if size == "long" else 1):
        on.feed(0.2)
        on.commits()
        on.lasts(on.random.uniform(0, 1))
        on.down(one)
        on.feed(0.1)
        on.of_group(1)
        on.up(one)
        on.happened += 1
        on.of_group(2)
        on.feed(0.1)
        on.commits()
        on.pods[other].send(signal.SIGSTOP)
        on.happened += 1
        on.of_group(1)  # it is taken for dead
        on.commits()
        on.pods[other].send(signal.SIGCONT)  # it finds itself fenced and ends; or it had nothing under way, and joins
        on.of_group(2)
        one, other = other, one
