"""Kept files in the desktop's own programs, and an operation's own help."""

from __future__ import annotations

import json
from pathlib import Path

import click
import pytest

from cli_records import ID, record
from taskferry import Artifact, Status
from taskferry.cli.commands import open as open_command
from taskferry.cli.start import main
from taskferry.ledger import open_ledger


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """A task with two kept files, in the ledger."""
    monkeypatch.setenv("TASKFERRY_HOME", str(tmp_path))
    paths = [tmp_path / "model.glb", tmp_path / "preview.webp"]
    for path in paths:
        path.write_bytes(b"x")
    artifacts = tuple(Artifact(name=path.stem, path=path) for path in paths)
    with open_ledger(tmp_path) as ledger:
        ledger.add(record(Status.SUCCEEDED, artifacts=artifacts))
        ledger.add(record(Status.RUNNING, task_id="02" + ID[2:]))
    return paths


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A desktop that notes what it is asked to open."""
    asked: list[str] = []
    monkeypatch.setattr(open_command, "has_desktop", lambda: True)
    monkeypatch.setattr(click, "launch", lambda target: asked.append(target) or 0)
    return asked


@pytest.mark.parametrize(
    ("arguments", "place"), [([], 0), (["preview"], 1), (["preview.webp"], 1), (["preview", "--folder"], None)]
)
def test_the_desktop_opens_what_is_named(
    files: list[Path], opened: list[str], arguments: list[str], place: int | None
) -> None:
    """The first file unless another is named, or the folder."""
    assert main(["open", ID, *arguments]) == 0

    assert opened == [str(files[0].parent if place is None else files[place])]


def test_without_a_display_it_says_where_the_files_are(
    files: list[Path], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A path a line on stdout, for scripts and for eyes."""
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)

    assert main(["open", ID]) == 0
    out, err = capsys.readouterr()
    assert main(["open", ID, "--json"]) == 0
    document = json.loads(capsys.readouterr().out)

    assert out.split() == [str(path) for path in files]
    assert err.strip() == "There is no desktop here that could open it."
    assert document["opened"] is None


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([ID, "prevew"], "Did you mean preview?"),
        (["02" + ID[2:]], "is running and has no files"),
        (["01zz"], "There is no task '01zz'."),
    ],
)
def test_what_cannot_be_opened_is_one_line(
    files: list[Path], capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    """With the nearest name or what to do."""
    assert main(["open", *arguments]) == 2

    (line,) = capsys.readouterr().err.splitlines()
    assert said in line


def test_the_help_of_an_operation_is_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    """Parameters, defaults, price and a line to paste, in the words of the command that was asked."""
    assert main(["submit", "vap/video", "prompt=x", "--help"]) == 0

    out = capsys.readouterr().out
    assert out.startswith("Usage: taskferry submit vap/video [OPTIONS] [KEY=VALUE]...")
    for part in ("prompt*", "duration", "8", "costs  $1.96", "taskferry submit vap/video prompt="):
        assert part in out


def test_the_help_of_an_operation_that_is_misspelt_names_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    """And exits as any wrong usage."""
    assert main(["run", "vap/vidoe", "--help"]) == 2

    assert "Did you mean vap/video" in capsys.readouterr().err


@pytest.mark.parametrize("columns", ["20", "40", "80", "200"])
def test_an_operation_fits_any_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, columns: str
) -> None:
    """Its parameters become a list where a table has no room; the example stays whole, so that it can be pasted."""
    monkeypatch.setenv("COLUMNS", columns)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)

    assert main(["operations", "vap/video"]) == 0

    *lines, example = capsys.readouterr().out.splitlines()
    words = {word for line in lines for word in line.split() if len(word) > int(columns) - 2}
    assert all(len(line) <= int(columns) or words.intersection(line.split()) for line in lines)
    assert example.startswith("taskferry run vap/video")
