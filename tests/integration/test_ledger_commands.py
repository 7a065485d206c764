"""`taskferry ledger`: check, backup, vacuum, export and import at the keyboard."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from ledger_records import a_record, moved
from taskferry.cli.start import main
from taskferry.ledger import open_ledger
from taskferry.ledger.opening import FILE
from taskferry.status import Status

Run: TypeAlias = Callable[..., tuple[int, str, str]]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with two tasks in it, which the commands use."""
    home = tmp_path / "home"
    with open_ledger(home) as ledger:
        ledger.save(moved(ledger.add(a_record(1000.0)), Status.FAILED))
        ledger.add(a_record(2000.0))
    monkeypatch.setenv("TASKFERRY_HOME", str(home))
    monkeypatch.chdir(tmp_path)
    return home


@pytest.fixture
def run(home: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command below `taskferry ledger`; give its exit code, stdout and stderr."""

    def typed(*arguments: str) -> tuple[int, str, str]:
        code = main(["ledger", *arguments])
        return code, *capsys.readouterr()

    return typed


def document(answer: tuple[int, str, str]) -> Any:
    return json.loads(answer[1])


def test_a_sound_ledger_is_said_to_be_so(run: Run) -> None:
    """For people and for scripts."""
    code, said, _ = run("check")
    told = document(run("check", "--json"))

    assert (code, said) == (0, "The ledger is sound.\n")
    assert (told["ok"], told["problems"], told["mend"]) == (True, [], None)


def test_an_unsound_ledger_ends_with_1_and_says_how_to_mend_it(run: Run, home: Path) -> None:
    """With every problem, and the two ways back."""
    with closing(sqlite3.connect(home / FILE, isolation_level=None)) as elsewhere:
        elsewhere.execute("UPDATE tasks SET status = 'dancing' WHERE created_at = 1000")

    code, said, _ = run("check")
    told = document(run("check", "--json"))

    assert code == 1
    assert "dancing" in said
    assert "backup" in said
    assert "taskferry ledger import" in said
    assert told["ok"] is False
    assert len(told["problems"]) == 1


def test_a_backup_is_made_once(run: Run, tmp_path: Path) -> None:
    """And restores by being put in the ledger's place."""
    code, said, _ = run("backup", "copy.sqlite3")
    again, _, refused = run("backup", "copy.sqlite3")

    assert (code, again) == (0, 2)
    assert "copy.sqlite3" in said
    assert "exists already" in refused
    (tmp_path / "restored").mkdir()
    (tmp_path / "copy.sqlite3").rename(tmp_path / "restored" / FILE)
    with open_ledger(tmp_path / "restored") as restored:
        assert len(restored.recent()) == 2


def test_a_vacuum_tells_the_sizes(run: Run) -> None:
    """Before and after."""
    told = document(run("vacuum", "--json"))

    assert told["before"] >= told["after"] > 0


def test_an_export_is_taken_in_elsewhere(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A home that had no ledger has the same tasks then."""
    told = document(run("export", "ledger.jsonl", "--json"))
    monkeypatch.setenv("TASKFERRY_HOME", str(tmp_path / "new"))

    code, said, _ = run("import", "ledger.jsonl")
    again = document(run("import", "ledger.jsonl", "--json"))

    assert told["tasks"] == 2
    assert (code, said) == (0, "2 tasks taken in, 0 were here already.\n")
    assert again == {"added": 0, "present": 2, "problems": []}


def test_bad_lines_are_listed_and_nothing_is_taken_in(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By number and reason, without control characters from the file."""
    run("export", "ledger.jsonl")
    lines = (tmp_path / "ledger.jsonl").read_text().splitlines()
    (tmp_path / "bad.jsonl").write_text(
        "\n".join([lines[0], '{"tasks": [{"\x1b[31m": 1}]}'.replace("\x1b", "\\u001b"), "{"])
    )
    monkeypatch.setenv("TASKFERRY_HOME", str(tmp_path / "new"))

    code, said, _ = run("import", "bad.jsonl")

    assert code == 1
    assert [line.partition(":")[0] for line in said.splitlines()[:2]] == ["line 2", "line 3"]
    assert "Nothing was taken in." in said
    assert "\x1b" not in said


@pytest.mark.parametrize("command", [("backup", "x"), ("export", "x"), ("vacuum",)])
def test_without_a_ledger_nothing_is_made(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    """Neither a ledger nor the file that was asked for."""
    monkeypatch.setenv("TASKFERRY_HOME", str(tmp_path / "empty"))

    code, _, said = run(*command)

    assert code == 1
    assert "There is no ledger" in said
    assert not (tmp_path / "empty").exists()
    assert not (tmp_path / "x").exists()


def test_no_ledger_is_a_sound_one(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """There is nothing to mend."""
    monkeypatch.setenv("TASKFERRY_HOME", str(tmp_path / "empty"))

    code, said, _ = run("check")

    assert (code, said) == (0, "There is no ledger yet.\n")
