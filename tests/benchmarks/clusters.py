"""What the benchmarks of many workers share: their sizes, a PostgreSQL of their own, and how a figure is told."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from benchmarks.looks.results import Goal
from chaos.cluster.cluster import Cluster, Worker, until
from chaos.cluster.scenarios import OPEN
from postgres_server import Server

PATIENCE = 3600.0
"""Seconds after which a benchmark is given up."""


def size(name: str, usual: int) -> int:
    """Give how many tasks a benchmark is to take, by the variable of that name."""
    return int(os.environ.get(name) or usual)


@contextlib.contextmanager
def ledgers() -> Iterator[Callable[..., contextlib.AbstractContextManager[Cluster]]]:
    """Run one PostgreSQL; yield what gives a cluster on a new ledger in it."""
    with tempfile.TemporaryDirectory(prefix="taskferry-postgres-", ignore_cleanup_errors=True) as folder:
        server = Server(Path(folder))

        @contextlib.contextmanager
        def cluster(**environ: str) -> Iterator[Cluster]:
            with (
                tempfile.TemporaryDirectory(prefix="taskferry-cluster-", ignore_cleanup_errors=True) as home,
                Cluster(Path(home), server.url, **environ) as made,
            ):
                try:
                    yield made
                except BaseException:
                    print(made.logs()[-5000:])
                    raise

        try:
            yield cluster
        finally:
            server.stop()


def figures(child: Worker) -> Mapping[str, float]:
    """Wait for a child's end and give what it printed last."""
    assert child.process.wait(PATIENCE) == 0, child.log.read_text()
    told: Mapping[str, float] = json.loads(child.log.read_text().strip().rpartition("\n")[2])
    return told


def all_over(cluster: Cluster, tasks: int) -> float:
    """Wait until so many rows have come to an end; give the seconds that it took."""
    ended = "SELECT count(*) FROM tasks WHERE NOT status = ANY(%s)"
    return until(lambda: cluster.ask(ended, list(OPEN))[0][0] >= tasks, PATIENCE, every=0.1)


def shown(value: float) -> str:
    """Write a figure with three digits, or whole."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def at_most(measure: str, value: float, limit: float, unit: str, *, more: str = "") -> Goal:
    """Set a figure beside the most that it may be."""
    return Goal(measure=measure, goal=f"≤ {limit:g}{unit}", reached=f"{shown(value)}{unit}{more}", met=value <= limit)


def at_least(measure: str, value: float, limit: float, unit: str = "", *, more: str = "") -> Goal:
    """Set a figure beside the least that it may be."""
    return Goal(measure=measure, goal=f"≥ {limit:g}{unit}", reached=f"{shown(value)}{unit}{more}", met=value >= limit)
