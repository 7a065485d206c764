"""Two workers against one: where slots are what is short, where cores are, and where the provider's limit is."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager

import pytest
from attrs import frozen

from benchmarks.clusters import all_over, at_least, ledgers, size
from benchmarks.looks.results import Goal, Result, Table, save
from chaos.cluster.books import most_requests
from chaos.cluster.cluster import Cluster, until
from chaos.cluster.provider import PER_MINUTE
from chaos.cluster.scenarios import left

SLOTS = 25
PER_SECOND = 20
"""Requests that the provider's plugin asks for at most."""
TASKS = size("SCALED", 600)


@frozen(kw_only=True)
class Way:
    """What is short."""

    tasks: int
    slots: int
    seconds: float
    per_minute: int | None = None


WAYS = {
    "slots": Way(tasks=TASKS // 2, slots=SLOTS, seconds=2.0),
    "cores": Way(tasks=TASKS, slots=2 * TASKS, seconds=1.0),
    "the provider's limit": Way(tasks=TASKS, slots=2 * TASKS, seconds=1.0, per_minute=60 * PER_SECOND),
}


@frozen(kw_only=True)
class Run:
    """One run."""

    rate: float
    """Tasks a second, from the first create to the last end."""
    cpu: float
    """Seconds of all workers for each task."""
    most: int
    """Requests in the fullest sixty seconds."""


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_two_workers_do_nearly_twice_as_much_as_one() -> None:
    """Where neither cores nor the provider's limit are in the way, which none of them ever passes."""
    with ledgers() as cluster:
        runs = {(name, count): run(cluster, way, count) for name, way in WAYS.items() for count in (1, 2)}

    gain = {name: runs[name, 2].rate / runs[name, 1].rate for name in WAYS}
    limited = [runs["the provider's limit", count] for count in (1, 2)]
    most = [one.most for one in limited]
    goals = [
        at_least(
            "two workers ÷ one, where their slots are what is short",
            gain["slots"],
            1.8,
            more=f" (where the two cores are, which all share: {gain['cores']:.2f})",
        ),
        at_least(
            "two workers ÷ one, where the provider's limit is what is short",
            gain["the provider's limit"],
            0.95,
        ),
        Goal(
            measure=f"requests in the fullest 60 s, with a shared limit of {60 * PER_SECOND} a minute",
            goal=f"≤ {60 * PER_SECOND}",
            reached=f"{most[0]} with one worker, {most[1]} with two",
            met=max(most) <= 60 * PER_SECOND,
        ),
    ]
    save("cluster/scaling", Result(goals=goals, tables=[table(runs, gain)]))
    assert gain["slots"] > 1.3
    assert gain["the provider's limit"] > 0.9
    assert max(most) <= 60 * PER_SECOND


def run(cluster: Callable[..., AbstractContextManager[Cluster]], way: Way, count: int) -> Run:
    """Have so many workers do all the tasks."""
    limit = {} if way.per_minute is None else {PER_MINUTE: str(way.per_minute)}
    with cluster(**limit) as one:
        one.provider.set(seconds=way.seconds, pause=1.0, word="stopped")
        workers = [one.worker("--slots", str(way.slots)) for _ in range(count)]
        for worker in workers:
            until(lambda worker=worker: one.lives(worker))
        time.sleep(1.0)
        before = sum(worker.cpu for worker in workers)
        left(one, way.tasks)
        all_over(one, way.tasks)
        cpu = sum(worker.cpu for worker in workers) - before
        first, last = one.ask("SELECT min(submitted_at), max(finished_at) FROM tasks")[0]
        most = most_requests(one, 60)
    return Run(rate=way.tasks / (last - first), cpu=cpu / way.tasks, most=most)


def table(runs: Mapping[tuple[str, int], Run], gain: Mapping[str, float]) -> Table:
    """Give one and two beside each other."""
    rows = [
        (
            name,
            f"{way.tasks}",
            f"{runs[name, 1].rate:.1f}",
            f"{runs[name, 2].rate:.1f}",
            f"{gain[name]:.2f}",
            f"{runs[name, 2].cpu / runs[name, 1].cpu:.2f}",
        )
        for name, way in WAYS.items()
    ]
    return Table(
        title="Two workers against one",
        columns=("what is short", "tasks", "one: tasks a second", "two", "two ÷ one", "CPU for each task, two ÷ one"),
        rows=rows,
        notes=(
            f"Slots: {SLOTS} for each worker, jobs of {WAYS['slots'].seconds:g} s. Cores: no limit at all; this "
            "machine has two, and PostgreSQL and the provider need theirs, so that a second worker cannot do as much "
            f"again. The provider's limit: {PER_SECOND} requests a second over all workers; a second one must gain "
            "nothing."
        ),
    )
