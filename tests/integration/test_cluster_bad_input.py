"""What can be wrong with one of several workers, each a process of its own: the others go on, and it says what is."""

from __future__ import annotations

import json
import re
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from chaos.cluster.books import compared
from chaos.cluster.cluster import Cluster, until
from chaos.cluster.scenarios import ended, left
from postgres_server import server

pytestmark = pytest.mark.slow

SECRET = "hunter%20two"  # as it stands in a URL
SAID = ("hunter", "two@")
SHIFTED = """
import os, time
honest, shift = time.time, float(os.environ.get("SHIFT", "0"))
time.time = lambda: honest() + shift
"""


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    """A ledger, a provider, and no worker yet."""
    url = server().url.replace("postgres:@", f"postgres:{SECRET}@")
    with Cluster(tmp_path, url, TASKFERRY_LEDGER_LEASE="2") as made:
        yield made


@pytest.fixture
def operator() -> Iterator[psycopg.Connection]:
    """The way of an operator into the database."""
    with psycopg.connect(server().url, autocommit=True) as connection:
        yield connection


def taskferry(cluster: Cluster, *arguments: str, **environ: str) -> str:
    """Run a command as a user of this ledger; give all that it says."""
    child = cluster.command(*arguments, **environ)
    child.process.wait(60)
    return child.log.read_text()


def test_tasks_are_left_to_a_worker_that_has_their_plugin(cluster: Cluster) -> None:
    """One that has not takes none of them; `doctor` says whose are waiting until one comes."""
    without = cluster.worker(TASKFERRY_DISABLE_PLUGINS="field,vap,tripo,acme,blender")
    until(lambda: "worker ready" in without.log.read_text() or without.process.poll() is not None)
    left(cluster, 5)
    time.sleep(2)
    waiting, doctor = cluster.count("prepared"), taskferry(cluster, "doctor")

    having = cluster.worker()
    until(lambda: cluster.count("running") == 5)
    held = cluster.holders()
    ended(cluster)

    assert waiting == 5
    assert re.search(r"5 .*single", doctor), doctor
    assert set(held) == {having.pid}
    assert compared(cluster).problems == []


@pytest.mark.parametrize("shift", [600, -600], ids=["ahead", "behind"])
def test_a_worker_whose_clock_is_ten_minutes_off_loses_nothing(cluster: Cluster, shift: int) -> None:
    """It neither takes living workers' tasks nor loses its own, and dates what it writes as the others do."""
    (cluster.folder / "plugins" / "sitecustomize.py").write_text(SHIFTED)
    wrong, right = cluster.worker(SHIFT=str(shift)), cluster.worker()
    until(lambda: cluster.lives(wrong) and cluster.lives(right))
    left(cluster, 40)
    until(lambda: cluster.count("running") == 40)
    before = cluster.holders()
    time.sleep(5)
    after = cluster.holders()
    ended(cluster)
    dates = cluster.ask("SELECT min(at), max(at) FROM transitions")[0]

    assert after == before
    assert set(before) <= {wrong.pid, right.pid}
    assert time.time() - 120 < dates[0] <= dates[1] < time.time() + 60
    assert compared(cluster).problems == []


def test_a_worker_that_is_too_old_for_the_ledger_ends_and_says_so(
    cluster: Cluster, operator: psycopg.Connection
) -> None:
    """Nothing is changed by it."""
    operator.execute(f"UPDATE {cluster.schema}.meta SET value = '700' WHERE name = 'version'")

    worker = cluster.worker()
    code = worker.process.wait(30)

    assert code not in (0, None)
    assert "upgrade it. Nothing was changed" in worker.log.read_text()


@pytest.mark.parametrize(
    "granted",
    ["", "GRANT USAGE ON SCHEMA {0} TO {0}; GRANT SELECT ON ALL TABLES IN SCHEMA {0} TO {0}"],
    ids=["nothing", "to read"],
)
def test_a_worker_that_may_not_write_ends_and_says_what_to_grant(
    cluster: Cluster, operator: psycopg.Connection, granted: str
) -> None:
    """Whether it may read or not."""
    operator.execute(f"CREATE ROLE {cluster.schema} LOGIN")
    operator.execute(granted.format(cluster.schema) or "SELECT 1")
    url = server().url.replace("postgres:@", f"{cluster.schema}:{SECRET}@")

    worker = cluster.worker(TASKFERRY_LEDGER=url)
    code = worker.process.wait(30)
    said = worker.log.read_text()

    assert code not in (0, None)
    assert "Grant it all rights on the schema" in said, said
    assert not any(word in said for word in SAID)


def test_a_password_is_shown_nowhere(cluster: Cluster) -> None:
    """Not in what a worker logs while its server is asked for in vain, nor in its health, its metrics, or `doctor`."""
    worker = cluster.worker("--log-level", "debug", "--log", "json", "--health", "127.0.0.1:0")
    until(lambda: "health is told" in worker.log.read_text())
    url = re.search(r"http://127.0.0.1:\d+", worker.log.read_text())
    assert url is not None
    left(cluster, 3)
    until(lambda: cluster.count("running") == 3)
    cluster.ask(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'taskferry%%' AND %s", True
    )
    ended(cluster)

    told = [urllib.request.urlopen(f"{url[0]}/{page}").read().decode() for page in ("health", "metrics")]
    told += [taskferry(cluster, "doctor"), taskferry(cluster, "doctor", "--json"), taskferry(cluster, "list", "--json")]
    assert worker.drain() == 0
    told.append(worker.log.read_text())

    assert json.loads(told[0])["status"] == "ok"
    assert all(len(text) > 100 for text in told)
    assert [word for word in SAID for text in told if word in text] == []
