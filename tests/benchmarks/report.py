"""Writes core/docs/performance.md from the results of one run of `make bench`."""

from __future__ import annotations

import importlib
import os
import platform
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from benchmarks.looks.cores import CORES
from benchmarks.looks.results import Result, Table, load

PAGE = Path(__file__).parents[2] / "core" / "docs" / "performance.md"
BENCHMARKS = {
    "cost_per_look": "What a look costs",
    "memory_per_task": "How many tasks fit a process",
    "beside_peers": "How soon the end is known",
}
"""By the name of its result, the heading of each benchmark."""
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
    return "\n".join([*parts, *schedules(), METHOD])


def conditions() -> str:
    """Say what the run was made on."""
    cores = f"{len(CORES)} cores" if len(CORES) > 1 else "one core, which server and client had to share"
    fast = f"pyreqwest {version('pyreqwest')}, httpx {version('httpx')}"
    day = datetime.now(UTC).date()
    return f"Run on {day}, {platform.system()}, {cores}, Python {platform.python_version()}, {fast}.\n"


def goals(results: Sequence[Result] | Iterator[Result]) -> list[str]:
    """Give every goal beside what was reached."""
    rows = [
        (goal.measure, goal.goal, goal.reached, "yes" if goal.met else "**no**")
        for found in results
        for goal in found.goals
    ]
    return ["## Goals\n", grid(("measure", "goal", "reached", "met"), rows)] if rows else []


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
    PAGE.write_text(page(), encoding="utf-8")
    print(f"written: {os.path.relpath(PAGE)}")
