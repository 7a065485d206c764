"""How many tasks two workers have in flight: as one job each, and in lanes."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager

import pytest
from attrs import frozen

from benchmarks.clusters import PATIENCE, all_over, at_most, ledgers, size
from benchmarks.looks.results import Goal, Result, Table, save
from chaos.cluster.books import Books, compared
from chaos.cluster.cluster import Cluster, until
from chaos.cluster.scenarios import ARRIVED, left, two

WARM = 500
"""Tasks that come and go before anything is measured: connections, caches and code are all there then."""
READS_PER_SECOND = 1000


@frozen(kw_only=True)
class Kind:
    """One way of having tasks in flight."""

    tasks: int
    lanes: int
    operation: str


KINDS = {
    "one job each": Kind(tasks=size("IN_FLIGHT", 20_000), lanes=0, operation="single/image"),
    "lanes": Kind(tasks=size("IN_LANES", 100_000), lanes=16, operation="batch/image"),
}


@frozen(kw_only=True)
class Flown:
    """One kind, flown."""

    memory: float
    """Bytes of both workers for each task."""
    shares: tuple[int, int]
    """What each of both held."""
    arriving: float
    """Seconds until all were in flight."""
    ending: float
    """Seconds from then on until all rows had ended."""
    books: Books


@pytest.mark.slow
@pytest.mark.timeout(3 * PATIENCE)
@pytest.mark.parametrize("name", KINDS)
def test_two_workers_have_very_many_tasks_in_flight(name: str) -> None:
    """All at once, none stuck, none made twice."""
    kind = KINDS[name]
    with ledgers() as cluster:
        flown = fly(cluster, kind)

    stuck = sum("stuck" in problem for problem in flown.books.problems)
    goals = [
        Goal(
            measure=f"tasks in flight on two workers, {name}",
            goal=f"{kind.tasks:,}, none stuck",
            reached=f"{sum(flown.shares):,}, {stuck} stuck, {len(flown.books.problems) - stuck} other problems",
            met=sum(flown.shares) >= kind.tasks and not flown.books.problems,
        )
    ]
    if not kind.lanes:
        goals.append(at_most(f"memory for each of them, {name}", flown.memory / 1024, 6, " KB"))
    save(f"cluster/flight-{name.replace(' ', '-')}", Result(goals=goals, tables=[table({name: flown})]))
    assert not flown.books.problems
    assert sum(flown.shares) == kind.tasks


def fly(cluster: Callable[..., AbstractContextManager[Cluster]], kind: Kind) -> Flown:
    """Have all of them in flight at once, then let all end."""
    with cluster(TASKFERRY_LEDGER_LANES=str(kind.lanes)) as one:
        workers = two(one, "--slots", str(kind.tasks))
        one.provider.set(looks=1, word="stopped", noted=False, reads_per_second=READS_PER_SECOND)
        left(one, WARM, "warm", kind.operation)
        all_over(one, WARM)
        one.provider.set(looks=None)
        before = sum(settled(lambda worker=worker: worker.resident) for worker in workers)

        began = time.monotonic()
        left(one, kind.tasks, "fox", kind.operation)
        until(lambda: one.count(*ARRIVED) >= kind.tasks, PATIENCE, every=0.5)
        arriving = time.monotonic() - began
        after = sum(settled(lambda worker=worker: worker.resident) for worker in workers)
        held = one.holders()

        one.provider.set(seconds=0, end_in=0, pause=0.5)
        ending = all_over(one, kind.tasks + WARM)
        books = compared(one, cancelled=kind.tasks + WARM)
    return Flown(
        memory=(after - before) / kind.tasks,
        shares=(held.get(workers[0].pid, 0), held.get(workers[1].pid, 0)),
        arriving=arriving,
        ending=ending,
        books=books,
    )


def settled(read: Callable[[], float]) -> float:
    """Read a figure several times in some seconds and give the median."""
    taken = []
    for _ in range(5):
        taken.append(read())
        time.sleep(0.5)
    return statistics.median(taken)


def table(flown: Mapping[str, Flown]) -> Table:
    """Give each kind."""
    return Table(
        title="In flight on two workers",
        columns=(
            "tasks are",
            "in flight",
            "held by each",
            "memory for each task",
            "all in flight after",
            "all ended after",
        ),
        rows=[
            (
                name,
                f"{sum(one.shares):,}",
                " + ".join(f"{share:,}" for share in one.shares),
                f"{one.memory / 1024:.1f} KB",
                f"{one.arriving:.0f} s",
                f"{one.ending:.0f} s",
            )
            for name, one in flown.items()
        ],
        notes=(
            f"Growth of the resident memory of both workers together, after {WARM} tasks came and went. Nothing ends "
            "before all are in flight; then all do, and each is seen by a look of its own (in lanes: a hundred in one "
            f"request). The provider asks for pauses that make {READS_PER_SECOND:,} looks a second."
        ),
    )
