"""Runs lives through schedules and measures looks, mean lateness and the lateness that 95 of 100 stay below."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from random import Random

import numpy as np
from attrs import define, frozen

from benchmarks.schedules.lives import Array, Life
from benchmarks.schedules.policies import Peer
from taskferry import Status
from taskferry.poller.calibration import half_way
from taskferry.poller.durations import Durations
from taskferry.poller.next_look import Limits, next_look

RTT = 0.25
"""Seconds from a look's leaving to its answer, which tells the state as the look left."""


@frozen
class Measured:
    """What waiting cost, on average."""

    looks: float
    late: float
    """Mean seconds from the end to the answer that shows it."""
    late95: float

    @classmethod
    def of(cls, looks: Iterable[float], late: Iterable[float]) -> Measured:
        """Sum up tasks."""
        lateness = np.fromiter(late, float)
        return cls(
            float(np.mean(np.fromiter(looks, float))), float(lateness.mean()), float(np.quantile(lateness, 0.95))
        )


@define
class Task:
    """What the poller keeps of a task in flight."""

    status: Status = Status.RUNNING
    progress: float | None = None
    eta: float | None = None
    queue_position: int | None = None
    progress_age: float | None = None
    sample_progress: float = 0.0
    sample_age: float = 0.0

    def shown(self, progress: float | None, eta: float | None, age: float) -> None:
        """Take what a look showed, as the poller does."""
        if (progress, eta) != (self.progress, self.eta):
            self.progress, self.eta, self.progress_age = progress, eta, age
        if progress is not None and 0 < progress < 1 and abs(progress - 0.5) < abs(self.sample_progress - 0.5):
            self.sample_progress, self.sample_age = progress, age


@frozen(kw_only=True)
class Telling:
    """What a provider tells on the way: progress as a power of time, or an ETA with an error; each task has its own."""

    progress: float | None = None
    """Deviation of the logarithm of the power."""
    eta: float | None = None
    """Deviation of the logarithm of the ETA's error."""
    power: float = 1.0
    """The usual power; 0.5 rushes ahead, 2 lags behind."""

    def of(self, run: float, rng: Random) -> Callable[[float], tuple[float | None, float | None]]:
        """Give what is told about one task at an age."""
        power = self.power * math.exp(rng.gauss(0, self.progress or 0.0))
        bias = math.exp(rng.gauss(0, self.eta or 0.0))

        def told(age: float) -> tuple[float | None, float | None]:
            progress = None if self.progress is None else math.floor(100 * (age / run) ** power) / 100
            return progress, None if self.eta is None else (run - age) * bias

        return told


NOTHING = Telling()


def sequence(durations: Durations, limits: Limits, until: float, rng: Random) -> Array:
    """Give the times of our looks at a task that tells nothing and does not end before a time."""
    task, looks = Task(), [next_look(0.0, Task(), durations, limits, spread=rng.random())]
    while looks[-1] <= until:
        replied = looks[-1] + RTT
        looks.append(replied + next_look(replied, task, durations, limits, asked_ago=RTT, spread=rng.random()))
    return np.array(looks)


def peer_sequence(peer: Peer, until: float, rng: Random) -> Array:
    """Give the times of a peer's looks at a task that tells nothing."""
    looks = [peer.first]
    while looks[-1] <= until:
        replied = looks[-1] + RTT
        looks.append(replied + peer.pause(len(looks), replied, None, rng))
    return np.array(looks)


def measure(sequences: Sequence[Array], runs: Array) -> Measured:
    """Let every task end between the looks of each of the given sequences."""
    looks, late = [], []
    for times in sequences:
        seen = np.searchsorted(times, runs)
        looks.append(seen + 1.0)
        late.append(times[seen] - runs + RTT)
    return Measured.of(np.concatenate(looks), np.concatenate(late))


def follow(run: float, told: Telling, durations: Durations, limits: Limits, rng: Random) -> tuple[int, float, Task]:
    """Wait for one task by what it tells; give the looks, the lateness and what was kept of it."""
    task, speaks, now, looks = Task(), told.of(run, rng), 0.0, 0
    while True:
        now += next_look(now, task, durations, limits, asked_ago=RTT if looks else 0.0, spread=rng.random())
        looks += 1
        if now >= run:
            return looks, now + RTT - run, task
        progress, eta = speaks(now)
        now += RTT
        task.shown(progress, eta, now)


def follow_peer(run: float, told: Telling, peer: Peer, rng: Random) -> tuple[int, float]:
    """Wait for one task as a peer does."""
    speaks, now, looks = told.of(run, rng), peer.first, 1
    while now < run:
        _, eta = speaks(now)
        now += RTT
        now += peer.pause(looks, now, eta, rng)
        looks += 1
    return looks, now + RTT - run


def past_of(life: Life, count: int, seed: int) -> Durations:
    """Give what is known when the lengths of a number of past tasks are."""
    runs = life.drawn(count, np.random.default_rng(seed))
    return Durations(life.typical, [(0.0, float(run), None) for run in runs])


def lived(life: Life, count: int, seed: int, told: Telling = NOTHING) -> Durations:
    """Let tasks pass, each followed with what was learned from the ones before: our own lateness is in it."""
    rng, durations = Random(seed), Durations(life.typical)
    for run in life.drawn(count, np.random.default_rng(seed)):
        _, late, task = follow(float(run), told, durations, Limits(), rng)
        whole = float(run) + late
        durations.learn(0.0, whole, half_way(task.sample_progress, task.sample_age, whole))
    return durations


def ours(life: Life, durations: Sequence[Durations], worth: float, count: int = 1000, seed: int = 5) -> Measured:
    """Measure our looks at tasks that tell nothing, over several pasts."""
    rng, runs = Random(seed), life.durations(count)
    limits = Limits(shortest=0.1, longest=600.0, worth=worth)
    return measure([sequence(past, limits, float(runs[-1]), rng) for past in durations for _ in range(4)], runs)


def ours_told(
    life: Life, durations: Durations, told: Telling, worth: float, *, count: int = 1200, seed: int = 5
) -> Measured:
    """Measure our looks at tasks that tell something."""
    rng, limits = Random(seed), Limits(shortest=0.1, longest=600.0, worth=worth)
    results = [follow(float(run), told, durations, limits, rng) for run in life.durations(count)]
    return Measured.of((looks for looks, _, _ in results), (late for _, late, _ in results))


def at(curve: Sequence[Measured], given: str, value: float, wanted: str) -> float:
    """Read one measure off a sweep where another has a value."""
    points = sorted((getattr(point, given), getattr(point, wanted)) for point in curve)
    known, sought = np.log([point[0] for point in points]), np.log([point[1] for point in points])
    return float(np.exp(np.interp(math.log(value), known, sought, left=np.nan, right=np.nan)))
