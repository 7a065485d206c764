"""What the queue itself costs: tasks that are over as soon as a worker has them."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

import pytest
from attrs import frozen

from benchmarks.clusters import at_least, at_most, figures, ledgers, size
from benchmarks.looks.results import Result, Table, save

STARTS = size("STARTS", 5000)
ROUNDS = 3
LANES = {"one job each": "0", "lanes": "16"}
"""By kind, the shards of each provider."""


@frozen(kw_only=True)
class Queued:
    """One kind of jobs."""

    enqueued: float
    """Tasks a second that a process leaves to workers, with their rows."""
    started: float
    """Tasks a second that a worker is handed."""
    cpu: float
    """Seconds of a worker's CPU for each task."""


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_the_queue_hands_on_hundreds_of_tasks_a_second() -> None:
    """As one job each and in lanes, in turn; nothing is sent to a provider."""
    taken: dict[str, list[Queued]] = {name: [] for name in LANES}
    with ledgers() as cluster:
        for number in range(ROUNDS):
            for name in list(LANES)[:: 1 if number % 2 == 0 else -1]:
                with cluster(TASKFERRY_LEDGER_LANES=LANES[name]) as one:
                    enqueue = figures(one.child("enqueue", "single/image", str(STARTS), "fox"))
                    queue = figures(one.child("driving", "queue", str(STARTS)))
                taken[name].append(
                    Queued(
                        enqueued=STARTS / enqueue["seconds"],
                        started=STARTS / queue["seconds"],
                        cpu=queue["cpu"] / STARTS,
                    )
                )

    each = middle(taken["one job each"])
    goals = [
        at_least("starts a second of one worker, engine alone", each.started, 700),
        at_most("CPU of a worker's queue for each task, whole life", 1000 * each.cpu, 1.2, " ms"),
    ]
    save("cluster/queue", Result(goals=goals, tables=[table(taken)]))
    assert each.started > 100


def middle(taken: Sequence[Queued]) -> Queued:
    """Give the median of each figure."""
    return Queued(
        enqueued=statistics.median(one.enqueued for one in taken),
        started=statistics.median(one.started for one in taken),
        cpu=statistics.median(one.cpu for one in taken),
    )


def table(taken: dict[str, list[Queued]]) -> Table:
    """Give both kinds."""
    rows = []
    for name, samples in taken.items():
        one = middle(samples)
        spread = f"{min(each.started for each in samples):,.0f} to {max(each.started for each in samples):,.0f}"
        rows.append((name, f"{one.enqueued:,.0f}", f"{one.started:,.0f} ({spread})", f"{1000 * one.cpu:.2f} ms"))
    return Table(
        title="The queue alone",
        columns=("tasks are", "submitted a second", "handed to one worker a second", "CPU of the worker for each"),
        rows=rows,
        notes=(
            f"{STARTS:,} tasks, median of {ROUNDS} runs in turn (lowest to highest). A task is submitted by one "
            "process, row and queue row in one transaction, 500 in each; a worker then takes it out of the queue, "
            "drives nothing, and tells the queue that it is over. The CPU is that of the worker's process."
        ),
    )
