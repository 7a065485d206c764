"""`make chaos-cluster TASKS=N`: what befalls workers that hold many tasks; none is lost and none is made twice."""

from __future__ import annotations

import os
import random
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from benchmarks.looks.results import Goal, Result, Table, save
from chaos.cluster import scenarios
from chaos.cluster.cluster import Cluster
from chaos.cluster.provider import PER_MINUTE
from chaos.cluster.scenarios import Told
from postgres_server import Server
from taskferry_postgres.lease import SECONDS as LEASE

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(3600),
    pytest.mark.skipif(sys.platform == "win32", reason="the signals are POSIX's"),
]

TASKS = int(os.environ.get("TASKS") or 1000)
STRIKES = int(os.environ.get("STRIKES") or 20)
SEED = int(os.environ.get("SEED") or random.randrange(10**6))
PER_SECOND = 20
WITHIN = 20
"""Seconds in which the tasks of a dead worker are to be in another's hands."""


@pytest.fixture
def server() -> Iterator[Server]:
    """A PostgreSQL that nobody else uses."""
    with tempfile.TemporaryDirectory(prefix="taskferry-postgres-", ignore_cleanup_errors=True) as folder:
        running = Server(Path(folder))
        yield running
        running.stop()


CASES: Mapping[str, Callable[[Cluster, Server], Told]] = {
    "one of two workers killed, which held all": lambda cluster, _: scenarios.killed(cluster, TASKS),
    "stopped beyond its lease": lambda cluster, _: scenarios.stopped(cluster, TASKS, LEASE),
    "PostgreSQL crashed and restarted": lambda cluster, server: scenarios.restarted(cluster, TASKS, server),
    "killed at random amid submits": lambda cluster, _: scenarios.struck(cluster, TASKS // 4, STRIKES, SEED),
    "drained amid submits": lambda cluster, _: scenarios.drained(cluster, TASKS),
    "killed below a shared limit": lambda cluster, _: scenarios.limited(cluster, TASKS // 8, PER_SECOND),
}
ENVIRON = {"killed below a shared limit": {PER_MINUTE: str(60 * PER_SECOND)}}


@pytest.mark.parametrize("case", CASES)
def test_nothing_is_lost_and_nothing_is_made_twice(case: str, server: Server, tmp_path: Path) -> None:
    """By the provider's own records, row by row."""
    with Cluster(tmp_path, server.url, **ENVIRON.get(case, {})) as cluster:
        try:
            told = CASES[case](cluster, server)
        except BaseException:
            print(cluster.logs()[-20_000:])
            raise

    keep(case, told)
    assert told.books.problems == [], cluster.logs()[-20_000:]


def keep(case: str, told: Told) -> None:
    """Keep what a case showed for the page."""
    doubled = sum("made" in problem for problem in told.books.problems)
    lost = sum("lost" in problem for problem in told.books.problems)
    goals = []
    if "taken over after s" in told.figures:
        took = told.figures["taken over after s"]
        goals.append(
            Goal(
                measure=f"{case}, {told.books.rows:,} tasks: all taken over",
                goal=f"≤ {WITHIN} s",
                reached=f"{took:.1f} s",
                met=took <= WITHIN,
            )
        )
    goals.append(
        Goal(
            measure=f"{case}: lost, made twice, otherwise wrong",
            goal="0, 0, 0",
            reached=f"{lost}, {doubled}, {len(told.books.problems) - lost - doubled}",
            met=not told.books.problems,
        )
    )
    figures = ", ".join(f"{name} {value:.4g}" for name, value in told.figures.items())
    ends = ", ".join(f"{count:,} {status}" for status, count in sorted(told.books.statuses.items()))
    table = Table(
        title="What befalls workers",
        columns=("workers are", "tasks", "jobs made", "how they ended", "beside that"),
        rows=[(case, f"{told.books.rows:,}", f"{told.books.jobs:,}", ends, figures)],
        notes=(
            f"Two workers with a lease of {LEASE:g} s each. *Unconfirmed* are those whose worker died or stood still "
            "while the billed call was out: they say so, and are settled by `reconcile`."
        ),
    )
    save(f"cluster/chaos-{list(CASES).index(case)}", Result(goals=goals, tables=[table]))
