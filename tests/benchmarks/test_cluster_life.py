"""What a task costs a worker from end to end, by how often it is looked at, and what of that is the queue's."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager

import pytest
from attrs import frozen

from benchmarks.clusters import all_over, at_most, figures, ledgers, size
from benchmarks.looks.results import Result, Table, save
from chaos.cluster.cluster import Cluster, until
from chaos.cluster.scenarios import left

LIVES = size("LIVES", 1000)
POLLS = (2, 20)
ROUNDS = 3
_WRITTEN = """
SELECT coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del) FILTER (WHERE relname LIKE 'procrastinate%%'), 0)::float,
    coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del) FILTER (WHERE relname IN ('tasks', 'transitions')), 0)::float
FROM pg_stat_user_tables WHERE schemaname = current_schema()
"""


@frozen(kw_only=True)
class Life:
    """A task's life, in figures for one task."""

    cpu: float
    """Seconds."""
    looks: float
    queue_rows: float = 0.0
    """Rows that the queue wrote."""
    ledger_rows: float = 0.0
    """Rows that the ledger wrote for the task and its steps."""


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_the_engine_costs_the_same_however_often_a_task_is_looked_at() -> None:
    """A worker beside a process that drives the same tasks without a queue, in turn."""
    taken: dict[tuple[str, int], list[Life]] = {(who, polls): [] for who in WAYS for polls in POLLS}
    with ledgers() as cluster:
        for number in range(ROUNDS):
            for who, polls in list(taken)[:: 1 if number % 2 == 0 else -1]:
                taken[who, polls].append(lived(cluster, who, polls))

    cpu = {key: statistics.median(one.cpu for one in lives) for key, lives in taken.items()}
    engine = {polls: 1000 * (cpu["worker", polls] - cpu["ferry", polls]) for polls in POLLS}
    written = {polls: taken["worker", polls][0].queue_rows for polls in POLLS}
    goals = [
        at_most(
            f"CPU of the engine for each task with {polls} looks, a worker less no queue", engine[polls], 1.2, " ms"
        )
        for polls in POLLS
    ]
    few, many = POLLS
    goals.append(
        at_most(f"rows that the queue writes with {many} looks ÷ with {few}", written[many] / written[few], 1.05, "")
    )
    save("cluster/life", Result(goals=goals, tables=[table(taken, cpu)]))
    assert written[many] <= 1.2 * written[few]


def lived(cluster: Callable[..., AbstractContextManager[Cluster]], who: str, polls: int) -> Life:
    """Let so many tasks live, each over at its n-th look; they end without a file."""
    with cluster() as one:
        one.provider.set(looks=polls, pause=1.0, word="stopped", noted=False)
        cpu = WAYS[who](one)
        looks = one.provider.counts["reads"]
        time.sleep(1.5)  # the server tells of what its sessions wrote a second later
        queue, ledger = one.ask(_WRITTEN)[0]
    return Life(cpu=cpu / LIVES, looks=looks / LIVES, queue_rows=queue / LIVES, ledger_rows=ledger / LIVES)


def by_worker(cluster: Cluster) -> float:
    """Have a worker drive them; give its CPU from the moment at which it was ready."""
    worker = cluster.worker("--slots", str(2 * LIVES))
    until(lambda: cluster.lives(worker))
    time.sleep(1.0)
    before = worker.cpu
    left(cluster, LIVES)
    all_over(cluster, LIVES)
    taken = worker.cpu - before
    assert worker.drain() == 0, worker.log.read_text()
    return taken


def by_ferry(cluster: Cluster) -> float:
    """Have a process drive them that is no worker."""
    left(cluster, LIVES)
    return figures(cluster.child("driving", "ferry", str(LIVES)))["cpu"]


WAYS: Mapping[str, Callable[[Cluster], float]] = {"worker": by_worker, "ferry": by_ferry}


def table(taken: Mapping[tuple[str, int], list[Life]], cpu: Mapping[tuple[str, int], float]) -> Table:
    """Give both ways beside each other."""
    unit = cpu["ferry", POLLS[0]]
    rows = []
    for (who, polls), lives in taken.items():
        spread = f"{1000 * min(one.cpu for one in lives):.2f} to {1000 * max(one.cpu for one in lives):.2f}"
        rows.append(
            (
                {"worker": "a worker", "ferry": "a process without a queue"}[who],
                f"{statistics.median(one.looks for one in lives):.1f}",
                f"{1000 * cpu[who, polls]:.2f} ms ({spread})",
                f"{cpu[who, polls] / unit:.2f}",
                f"{lives[0].queue_rows:.1f}",
                f"{lives[0].ledger_rows:.1f}",
            )
        )
    return Table(
        title="A task's whole life",
        columns=("driven by", "looks", "CPU for each task", "÷ the first without a queue", "queue rows", "ledger rows"),
        rows=rows,
        notes=(
            f"{LIVES:,} tasks, each submitted to a provider over loopback and looked at once a second until it is "
            f"over, without a file; median of {ROUNDS} runs in turn (lowest to highest). Rows are those that "
            "PostgreSQL says were inserted, updated or deleted for each task: the queue's, and those of tasks and "
            "their steps."
        ),
    )
