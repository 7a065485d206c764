"""What a task in flight takes of memory, and whether a look costs the same however many there are."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence

import pytest

from benchmarks.looks.results import Goal, Result, Table, save
from benchmarks.looks.samples import filled, sample, scratch, serving
from benchmarks.looks.spec import Spec

ROUNDS = {1_000: 3, 10_000: 3, 100_000: 1}
"""Samples by the tasks in flight; a hundred thousand rows take a minute to write and read."""
LOOKS_PER_SECOND = 2000
"""The server asks for a pause that makes this many, whatever the number of tasks."""
KILOBYTE = 1024


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_hundred_thousand_tasks_take_little_memory_and_no_more_cpu_each() -> None:
    """Memory grows by at most a kilobyte for each task, and the cost of a look stays as it is."""
    found = {tasks: measured(tasks, rounds) for tasks, rounds in ROUNDS.items()}

    size = {tasks: statistics.median(one["bytes_per_task"] for one in taken) for tasks, taken in found.items()}
    cpu = {tasks: statistics.median(one["cpu"] / one["looks"] for one in taken) for tasks, taken in found.items()}
    flat = cpu[100_000] / cpu[1_000]
    save("memory_per_task", Result(goals=goals(size[100_000], flat), tables=[table(found, size, cpu)]))
    assert size[100_000] <= 1.2 * KILOBYTE
    assert flat <= 1.5


def measured(tasks: int, rounds: int) -> Sequence[Mapping[str, float]]:
    """Sample one size in fresh processes, each with a copy of the same ledger."""
    pause = f"{tasks / LOOKS_PER_SECOND:.2f}"
    with scratch() as folder:
        tally = folder / "tally"
        tally.write_bytes(bytes(16))
        with serving("server", str(tally), "constant", pause) as port:
            spec = Spec(client="ferry", in_flight=0, tasks=tasks, warm=0.5, seconds=4.0, port=port, tally=str(tally))
            rows = filled(spec, folder / "rows")
            taken = [sample(spec, module="memory_child", timeout=400, rows=rows) for _ in range(rounds)]
    assert all(taken), f"no sample of {tasks} tasks in time"
    return [one for one in taken if one is not None]


def goals(size: float, flat: float) -> list[Goal]:
    """Set what was reached beside the goals."""
    return [
        Goal(
            measure="memory for each task in flight at 100,000, with its last observation",
            goal="≤ 1 KB",
            reached=f"{size:.0f} B",
            met=size <= KILOBYTE,
        ),
        Goal(
            measure="CPU per look at 100,000 in flight ÷ at 1,000",
            goal="flat (≤ 1.15)",
            reached=f"{flat:.2f}",
            met=flat <= 1.15,
        ),
    ]


def table(
    found: Mapping[int, Sequence[Mapping[str, float]]], size: Mapping[int, float], cpu: Mapping[int, float]
) -> Table:
    """Give every size."""
    return Table(
        title="Memory and CPU by the number of tasks in flight",
        columns=("tasks in flight", "bytes for each", "CPU per look ÷ that at 1,000", "samples"),
        rows=[
            (f"{tasks:,}", f"{size[tasks]:.0f}", f"{cpu[tasks] / cpu[1_000]:.2f}", str(len(taken)))
            for tasks, taken in found.items()
        ],
        notes=(
            "Growth of resident memory after a collection while a fresh process resumes that many tasks from a real "
            "ledger and looks at each of them; 500 were there before. CPU is measured after that; the server then asks "
            f"for a pause that makes {LOOKS_PER_SECOND:,} looks a second in every row."
        ),
    )
