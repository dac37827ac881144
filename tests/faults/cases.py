"""What is done to the workers and to what they depend on."""

from __future__ import annotations

import signal
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from streams.worker.flush import POINTS
from tests.faults.deployment import Deployment

Size = Literal["short", "long"]


@dataclass(frozen=True)
class Case:
    """`large`: on the large load. `alone`: it stops what others depend on. `seconds`: about, for the time left."""

    name: str
    done: str
    play: Callable[[Deployment, Size], None]
    large: bool = False
    seconds: int = 40


CASES: dict[str, Case] = {}


def case(name: str, done: str, large: bool = False, seconds: int = 40) -> Callable[[Callable[..., None]], None]:
    def register(play: Callable[[Deployment, Size], None]) -> None:
        CASES[name] = Case(name, done, play, large, seconds)

    return register


@case("killed", "kill -9 at random instants, sometimes with its folder lost", large=True, seconds=240)
def killed(on: Deployment, size: Size) -> None:
    times = 24 if size == "long" else 4
    on.up()
    on.feed(1 / times)
    on.commits()
    for number in range(times):
        if number % 2:
            on.commits()  # else it may be killed while it starts or recovers
        on.lasts(on.random.uniform(0, 5))
        on.down()
        if on.random.random() < 0.25:
            on.pods["a"].forget()
        on.up()
        on.feed(1 / times)


STEPS = ("sessionize", "route", "identify", "resolve", "journey")


@case("failpoints", "kill -9 between all steps of a flush, of each step", seconds=240)
def failpoints(on: Deployment, size: Size) -> None:
    points = [(step, point) for step in STEPS for point in POINTS]
    if size == "short":  # each point and each step at least once
        points = [(STEPS[number % len(STEPS)], point) for number, point in enumerate(POINTS)]
    share = 0.8 / len(points)
    for step, point in points:
        on.feed(share / 2)
        on.dies_at(f"{step}:{point}:{on.random.randint(1, 3)}", share / 2)
    on.up()


@case("recovery", "kill -9 when fenced and during recovery, its folder lost", seconds=60)
def recovery(on: Deployment, size: Size) -> None:
    on.up()
    on.feed(0.5)
    on.commits(on.events // 4)
    on.down()
    for point in ["fenced:1", "recovering:1", "recovering:2"] + ["recovering:3"] * (size == "long"):
        on.pods["a"].forget()
        on.dies_at(f"worker:{point}")
    on.dies_at("worker:recovering:1")  # and where the killed one had begun to fill the folder
    on.up()


@case("terminated", "SIGTERM during load: it ends with 0 within its grace, and all that it took is committed")
def terminated(on: Deployment, size: Size) -> None:
    for _ in range(4 if size == "long" else 1):
        on.up()
        on.feed(0.2)
        on.commits()
        on.lasts(on.random.uniform(0, 3))
        on.terminates()
    pod = on.up(failpoint="worker:drained:1")
    on.commits()
    pod.send(signal.SIGTERM)
    on.until(lambda: pod.died_at_failpoint, "it is killed when its lanes are drained")
    on.happened += 1
    on.prove()
    on.up()
