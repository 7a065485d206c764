"""How PostgreSQL is made to keep what is written: durably, together, and under the names of the SQLite ledger."""

from __future__ import annotations

import json
import queue
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest
from attrs import evolve

from ledger_records import a_job, a_record, an_image, moved
from postgres_server import environment, open_in_postgres, server
from taskferry import LedgerProtocol, Status, TaskTaken
from taskferry.ledger import open_ledger
from taskferry.ledger.group import Call
from taskferry.ledger.schema import migrate

pytestmark = pytest.mark.slow

WRITTEN = Status.RUNNING


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Any]:
    with open_in_postgres(tmp_path, now=lambda: 5000.0) as opened:
        yield opened


@pytest.fixture
def statements(ledger: Any) -> list[str]:
    """Every statement that begins or keeps a transaction, from now on."""
    raw = ledger._postgres._connected().raw
    original, seen = raw.execute, list[str]()

    def noted(query: Any, *rest: Any, **more: Any) -> Any:
        text = query.decode() if isinstance(query, bytes) else str(query)
        if text.startswith(("BEGIN", "COMMIT")):
            seen.append(text)
        return original(query, *rest, **more)

    raw.execute = noted
    return seen


def test_many_saves_are_kept_by_one_commit(ledger: Any, statements: list[str]) -> None:
    """And none of them needs the disk at once."""
    added = [ledger.add(a_record(float(at), status=WRITTEN)) for at in range(150)]
    statements.clear()

    outcomes = ledger.together(
        [Call(ledger.save, (moved(one, WRITTEN, progress=0.5, raw=b"{}"),), {}) for one in added]
    )

    assert [record.version for record, _ in outcomes] == [2] * 150
    assert [ledger.get(one.id) for one in added] == [record for record, _ in outcomes]
    assert [text for text in statements if "READ ONLY" not in text][:2] == [statements[0], "COMMIT"]
    assert "synchronous_commit = off" in statements[0]


@pytest.mark.parametrize(
    ("write", "commit"),
    [
        (lambda ledger, task: ledger.add(a_record()), "on"),
        (lambda ledger, task: ledger.save(moved(task, Status.FAILED)), "on"),
        (lambda ledger, task: ledger.save(evolve(task, remote="job-1")), "on"),
        (lambda ledger, task: ledger.save(moved(task, WRITTEN, progress=0.5)), "off"),
        (lambda ledger, task: ledger.release(task.id), "off"),
        (lambda ledger, task: ledger.claim(task.id), "off"),
    ],
    ids=["intent", "end", "remote", "progress", "release", "claim"],
)
def test_what_cannot_be_made_again_is_on_the_disk_when_it_is_kept(
    ledger: Any, statements: list[str], write: Callable[[Any, Any], Any], commit: str
) -> None:
    """What the next look shows again need not be."""
    task = ledger.add(a_record(status=WRITTEN))
    statements.clear()

    write(ledger, task)

    assert f"synchronous_commit = {commit};" in statements[0]


def test_a_group_is_as_durable_as_its_weightiest_write(ledger: Any, statements: list[str]) -> None:
    """It has one commit."""
    first, second = (ledger.add(a_record(status=WRITTEN)) for _ in range(2))
    statements.clear()

    ledger.together(
        [
            Call(ledger.save, (moved(first, WRITTEN, progress=0.5),), {}),
            Call(ledger.save, (moved(second, Status.FAILED),), {}),
        ]
    )

    assert "synchronous_commit = on;" in statements[0]
    assert statements[1:] == ["COMMIT"]


def test_one_row_that_another_process_took_holds_up_none_of_the_others(ledger: Any, tmp_path: Path) -> None:
    """The group sees it only when it writes, and then writes one by one."""
    mine, taken = (ledger.add(a_record(status=WRITTEN)) for _ in range(2))
    schema = environment(tmp_path)["TASKFERRY_LEDGER_SCHEMA"]
    with psycopg.connect(server().url, autocommit=True) as elsewhere:
        elsewhere.execute(f"UPDATE {schema}.tasks SET version = version + 1 WHERE id = %s", (taken.id,))

    outcomes = ledger.together([Call(ledger.save, (moved(one, WRITTEN, progress=0.4),), {}) for one in (taken, mine)])

    assert isinstance(outcomes[0][1], TaskTaken)
    assert outcomes[1][0].snapshot.progress == 0.4
    assert ledger.get(taken.id).snapshot.progress is None


def test_handles_and_keys_may_be_long(ledger: Any) -> None:
    """An index in order would refuse them, and with them the only way back to a paid job."""
    text = "".join(f"{number:x}" for number in range(20_000))
    added = ledger.add(a_record(job=a_job(idempotency_key=text)))

    saved = ledger.save(evolve(added, remote={"url": text}))

    assert ledger.by_remote("acme", "4f2a", {"url": text}) == saved
    assert ledger.duplicate(a_job(idempotency_key=text), since=0.0) == saved
    with pytest.raises(TaskTaken, match=added.id):
        ledger.save(evolve(ledger.add(a_record()), remote={"url": text}))


def test_its_columns_are_those_of_the_file(ledger: Any) -> None:
    """A column that the SQLite ledger is given must be given here, too."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        migrate(connection)
        tables = ("tasks", "artifacts", "transitions", "replies", "durations", "spend", "held")
        wanted = {
            (table, row[1], row[2]) for table in tables for row in connection.execute(f"PRAGMA table_info({table})")
        }
    with ledger._database.reading() as connection:
        found = {
            (table, row["name"], row["type"])
            for table in tables
            for row in connection.execute(f"PRAGMA table_info({table})")
        }

    assert found == wanted


def test_a_ledger_in_a_file_moves_into_postgres_and_back(ledger: LedgerProtocol, tmp_path: Path) -> None:
    """With its history, its spend and its salt; its lines are the same."""
    with open_ledger(tmp_path / "old") as old:
        running = old.save(evolve(moved(old.add(a_record(provider_status="狐 \udcff\0")), WRITTEN), remote={"id": 7}))
        old.save(
            moved(old.add(a_record(2000.0)), Status.SUCCEEDED, artifacts=(an_image(path=Path("/out/\udcff.png")),))
        )
        lines = list(old.export())
    file = tmp_path / "ledger.jsonl"
    file.write_text("\n".join(lines) + "\n")

    imported = ledger.take_in(file)

    assert (imported.added, imported.problems) == (2, ())
    assert [json.loads(line) for line in ledger.export()] == [json.loads(line) for line in lines]
    assert ledger.claim(running.id).snapshot == running.snapshot


def test_changes_by_others_are_noticed(ledger: LedgerProtocol, tmp_path: Path) -> None:
    """As the gallery does, by one number while there are none."""
    follower = ledger.follower()
    with open_in_postgres(tmp_path) as other:
        before = follower.news()
        added = other.add(a_record(status=WRITTEN))
        first = follower.news()
        other.save(moved(added, WRITTEN, progress=0.5))
        second, third = follower.news(), follower.news()
    follower.close()

    assert (before, first, second, third) == ([], [added.id], [added.id], [])


def test_steps_and_kept_files_of_any_process_are_told(ledger: Any, tmp_path: Path) -> None:
    """With the task's id; progress is not."""
    told: queue.Queue[str] = queue.Queue()
    ledger.tell(told.put)
    with open_in_postgres(tmp_path) as other:
        first = other.add(a_record())
        while told.empty():  # until it listens
            other.add(a_record())
        last = other.save(moved(other.add(a_record()), Status.SUCCEEDED, artifacts=(an_image(),)))
        other.save(moved(last, Status.SUCCEEDED, artifacts=(an_image(path=Path("/x.png")),)))

        heard = [told.get(timeout=10)]
        while heard[-3:] != [last.id] * 3:
            heard.append(told.get(timeout=10))

    assert first.id not in heard[1:]
    assert told.empty()
