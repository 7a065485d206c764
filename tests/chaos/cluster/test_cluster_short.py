"""The quick part of `make chaos-cluster`: a few workers, each struck in another way."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from chaos.cluster import scenarios
from chaos.cluster.cluster import Cluster
from postgres_server import server

pytestmark = [
    pytest.mark.slow,  # leases of a second are lost again and again where the machine is busy with other tests
    pytest.mark.skipif(sys.platform == "win32", reason="the signals are POSIX's"),
]

LEASE = 1.0


def test_workers_that_are_killed_stopped_and_drained_lose_nothing_and_double_nothing(tmp_path: Path) -> None:
    """Whatever one of them leaves behind, another one goes on with; rows and jobs agree in the end."""
    with Cluster(tmp_path, server().url, TASKFERRY_LEDGER_LEASE=str(LEASE)) as cluster:
        told = scenarios.in_turn(cluster, 30, LEASE)

        print(f"\n{told}")
        assert told.books.problems == [], cluster.logs()
        assert told.books.rows == 30
