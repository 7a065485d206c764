"""`list` and `status` at once: what they show is what the whole command shows, whatever is in the ledger."""

from __future__ import annotations

import sqlite3
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from cli_records import ID, kept, record
from taskferry import Artifact, Cost, Failure, FailureKind, Status
from taskferry.cli import quick, render, start
from taskferry.document import task_document
from taskferry.ledger import open_ledger
from taskferry.ledger.glance import Glance
from taskferry.ledger.record import Record
from taskferry.task import new_id

RECORDS = [
    record(Status.PREPARED, failure=Failure.of(FailureKind.UNAVAILABLE, "down", code="503"), next_try_at=1.5),
    record(Status.UNCONFIRMED, prompt="waves\x1b[2J\nat dusk", cancel_wanted=True),
    record(Status.RUNNING, progress=0.5, eta=30.0, looked_at=3.0, provider_status="busy", parked="too long"),
    record(Status.QUEUED, queue_position=2, look_problem="out of reach", trace_ids=("a", "b")),
    record(Status.SUCCEEDED, artifacts=(kept(Path("/a")),), finished_at=9.0, run=2),
    record(Status.SUCCEEDED, artifacts=(Artifact(name="image"), Artifact(name="x", kind="audio", sha256="00"))),
    record(Status.SUCCEEDED, cost=Cost(estimated=Decimal(2), actual=Decimal("1.96"), unit="USD")),
    record(Status.FAILED, failure=Failure.of(FailureKind.PROVIDER, "broke", suggestion="Try again."), cost=Cost()),
    record(Status.REFUSED, failure=Failure.of(FailureKind.NOT_SENT, "never left")),
]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home whose ledger has every sort of task."""
    monkeypatch.setenv("TASKFERRY_HOME", str(tmp_path))
    with open_ledger(tmp_path) as ledger:
        for place, one in enumerate(RECORDS):
            ledger.add(renamed(one, place))
    return tmp_path


def renamed(one: Record, place: int) -> Record:
    from attrs import evolve

    moment = 1_800_000_000.0 + place
    return evolve(one, snapshot=evolve(one.snapshot, id=new_id(moment), created_at=moment))


def test_a_glance_shows_what_a_record_does(home: Path) -> None:
    """Documents, words and what is needed next are the same for both."""
    with open_ledger(home, readonly=True) as ledger:
        records: list[Any] = ledger.recent(50)
    glance = Glance(home)

    glances = glance.newest(50)

    glance.close()
    assert [task_document(one) for one in glances] == [task_document(one) for one in records]
    for one, other in zip(glances, records, strict=True):
        assert render.details(one, 5.0, watched=False) == render.details(other, 5.0, watched=False)


@pytest.mark.parametrize("line", [["list"], ["list", "--json"], ["list", "--limit", "2"], ["status", "ID", "--json"]])
def test_the_quick_answer_is_the_whole_commands(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, line: list[str]
) -> None:
    """Exit code included."""
    monkeypatch.setattr(time, "time", lambda: 1_800_000_100.0)
    with open_ledger(home, readonly=True) as ledger:
        given = [ledger.recent(1)[0].id[:20] if one == "ID" else one for one in line]

    at_once = quick.answer(given), capsys.readouterr()
    in_full = start._command(given), capsys.readouterr()

    assert at_once == in_full


@pytest.mark.parametrize(
    "line",
    [
        ["list", "--limit", "0"],
        ["list", "--limit", "x"],
        ["list", "--limit"],
        ["list", "--help"],
        ["list", "--status", "failed"],
        ["status"],
        ["status", "01"],
        ["status", "nothing-like-it"],
        ["status", "zzzz"],
        ["status", ID, "--refresh"],
    ],
)
def test_anything_else_is_left_to_the_whole_command(home: Path, line: list[str]) -> None:
    """Which knows what is wrong and says so."""
    assert quick.answer(line) is None


def test_an_unusual_ledger_is_left_to_the_whole_command(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A later version is named in one line, with what to do."""
    with sqlite3.connect(home / "ledger.sqlite3") as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()

    assert quick.answer(["list"]) is None
    assert start.main(["list"]) == 1

    (line,) = capsys.readouterr().err.splitlines()
    assert "later version of taskferry" in line
    assert "upgrade taskferry" in line


def test_a_file_that_is_no_ledger_is_named(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """And left as it is."""
    (home / "ledger.sqlite3").write_bytes(b"no ledger " * 1000)

    assert start.main(["status", "01jd"]) == 1

    assert "is not a sound ledger" in capsys.readouterr().err
