"""Keeps what a benchmark found, as JSON, for the page that is written from one run."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

FOLDER = Path(os.environ.get("BENCH_RESULTS", Path(__file__).parents[3] / "build" / "benchmarks"))


@dataclass(frozen=True, kw_only=True)
class Goal:
    """One goal beside what was reached."""

    measure: str
    goal: str
    reached: str
    met: bool


@dataclass(frozen=True, kw_only=True)
class Table:
    """One table of the page."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    notes: str = ""
    """What the reader has to know of it; Markdown."""


@dataclass(frozen=True, kw_only=True)
class Result:
    """What one benchmark found."""

    goals: Sequence[Goal] = field(default_factory=tuple)
    tables: Sequence[Table] = field(default_factory=tuple)


def save(name: str, result: Result) -> None:
    """Keep a result and show it."""
    path = FOLDER / f"{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(asdict(result), indent=1, ensure_ascii=False))
    for table in result.tables:
        print(f"\n{table.title}\n" + "\n".join("  " + " | ".join(row) for row in (table.columns, *table.rows)))
    for goal in result.goals:
        print(f"  {goal.measure}: {goal.reached}, goal {goal.goal}: {'met' if goal.met else 'NOT MET'}")


def names(folder: str) -> list[str]:
    """Name the results in a folder of their own, in their order."""
    return sorted(f"{folder}/{path.stem}" for path in (FOLDER / folder).glob("*.json"))


def load(name: str) -> Result | None:
    """Give what a benchmark found in this run; None if it was not run."""
    path = FOLDER / f"{name}.json"
    if not path.exists():
        return None
    found = json.loads(path.read_text())
    return Result(goals=[Goal(**goal) for goal in found["goals"]], tables=[Table(**table) for table in found["tables"]])
