"""How long the gallery's pages take on the server, and that the first one does not grow with the number of tasks."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Sequence
from contextlib import closing
from decimal import Decimal
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.types import Message

from acme import ferry
from ledger_records import a_job
from taskferry import Cost, Kind, Status
from taskferry.ledger import Record, open_ledger
from taskferry.task import Artifact, Snapshot, new_id
from taskferry.web import WebOptions
from taskferry.web.application import application

SIZES = (1_000, 10_000, 50_000)
TIMES = 9
MOST = 0.2
"""Seconds of the first page at 10,000 tasks."""
TABLES = {"tasks": "id", "artifacts": "task", "replies": "task", "transitions": "task", "spend": "task"}
"""With the column that names the task."""
PAGES = {
    "first": "/",
    "second": "/?before={before}",
    "by status": "/?status=succeeded",
    "rare word": "/?text=unicorn",
    "task": "/tasks/{before}",
    "spend": "/spend",
    "speed": "/speed",
}
pytestmark = pytest.mark.slow  # it fills ledgers with tens of thousands of tasks


def filled(home: Path, tasks: int) -> str:
    """Fill a ledger with tasks that have ended, each with a result; give the id of one in the middle."""
    begin = time.time() - tasks
    with open_ledger(home) as ledger:
        first = ledger.add(a_task(home, begin))
        ledger.release(first.id)
    ids = [first.id, *(new_id(begin + number) for number in range(1, tasks))]
    with closing(sqlite3.connect(home / "ledger.sqlite3")) as connection, connection:
        for table, key in TABLES.items():
            copy_rows(connection, table, key, ids, begin)
    return ids[tasks // 2]


def a_task(home: Path, at: float) -> Record:
    """Make a task that has ended, with a result and a reply of usual length."""
    image = Artifact(name="image", kind=Kind.IMAGE, media_type="image/png", path=home / "1.png", sha256="00")
    snapshot = Snapshot(
        id=new_id(at),
        provider="acme",
        operation="acme/image",
        status=Status.SUCCEEDED,
        created_at=at,
        submitted_at=at,
        finished_at=at + 30,
        artifacts=(image,),
        cost=Cost(actual=Decimal("0.18"), unit="USD"),
        raw=b'{"state": "done", "images": ["https://files.acme.example/1.png"], "pad": "%s"}' % (b"x" * 1500),
    )
    return Record(job=a_job(parameters={"prompt": "a fox in the snow at dusk"}), snapshot=snapshot)


def copy_rows(connection: sqlite3.Connection, table: str, key: str, ids: Sequence[str], begin: float) -> None:
    """Give every other task the rows that the first one has, a second later each."""
    cursor = connection.execute(f"SELECT * FROM {table} WHERE {key} = ?", (ids[0],))
    names = [column[0] for column in cursor.description]
    [row] = cursor.fetchall()
    template = dict(zip(names, row, strict=True)) | ({"number": None} if "number" in names else {})
    made = ({**template, key: task_id, "created_at": begin + number} for number, task_id in enumerate(ids) if number)
    places = ", ".join(f":{name}" for name in names)
    connection.executemany(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({places})", made)


async def asked(application: Starlette, path: str) -> tuple[float, float]:
    """Ask for a page without a network between; give the seconds until its last byte, and those of the processor."""
    where, _, query = path.partition("?")
    scope = {
        "type": "http", "method": "GET", "path": where, "raw_path": where.encode(), "query_string": query.encode(),
        "headers": [(b"host", b"localhost")], "http_version": "1.1", "scheme": "http", "server": ("localhost", 80),
        "client": ("127.0.0.1", 1), "root_path": "",
    }  # fmt: skip
    statuses: list[int] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b""}

    async def send(message: Message) -> None:
        statuses.extend([message["status"]] if "status" in message else [])

    begun, worked = time.perf_counter(), time.process_time()
    await application(scope, receive, send)
    took = time.perf_counter() - begun, time.process_time() - worked
    assert statuses == [200]
    return took


async def measured(home: Path, before: str) -> dict[str, tuple[float, float]]:
    """Give the least seconds of each page: what else runs on the machine only ever adds to them."""
    gallery = application(ferry(home), WebOptions())
    async with gallery.router.lifespan_context(gallery):
        return {
            name: least([await asked(gallery, path.format(before=before)) for _ in range(TIMES)])
            for name, path in PAGES.items()
        }


def least(times: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Give the least of each."""
    return min(took for took, _ in times), min(worked for _, worked in times)


def test_the_first_page_costs_the_same_however_many_tasks_there_are(tmp_path: Path) -> None:
    """At most 200 ms at 10,000 tasks, and at 50,000 no more than half again of the work that 1,000 take."""
    found: dict[int, dict[str, tuple[float, float]]] = {}
    for tasks in SIZES:
        home = tmp_path / str(tasks)
        found[tasks] = asyncio.run(measured(home, filled(home, tasks)))

    for tasks, pages in found.items():
        print(f"{tasks:>6} tasks:", ", ".join(f"{name} {took * 1000:.1f} ms" for name, (took, _) in pages.items()))
    work = {name: [found[tasks][name][1] for tasks in SIZES] for name in PAGES}
    for name in ("first", "second", "by status"):
        few, more, most = work[name]
        print(f"{name}: processor time beside 1,000 tasks: 10,000 {more / few:.2f}, 50,000 {most / few:.2f}")
        assert most / few <= 1.5
    assert found[10_000]["first"][0] <= MOST
