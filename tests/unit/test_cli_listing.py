"""The table of tasks on terminals of any width, and what narrows it."""

from __future__ import annotations

import time

import pytest

from cli_records import ID, NOW, record
from taskferry import Status, UnknownName
from taskferry.cli import listing, render
from taskferry.cli.choosing import Among, moment

ROWS = [
    record(Status.UNCONFIRMED, prompt="waves\x1b[2J\nat dusk"),
    record(Status.RUNNING, task_id="01jd3k9w0v7a4bz2m9q8r6t1xz", prompt="a fox " * 30, progress=0.5),
]


def test_a_row_away_from_a_terminal_is_whole() -> None:
    """Provider and prompt texts cannot move the cursor or break the line."""
    header, first, _ = listing.table(ROWS, (), NOW, listing.USUAL, None)

    assert header.split() == ["ID", "OPERATION", "STATUS", "AGE", "COST", "PROMPT"]
    for part in (
        ID,
        "acme/image",
        "unconfirmed",
        "2 min",
        "≤ $0.18",
        "waves [2J at dusk",
        f"→ taskferry reconcile {ID}",
    ):
        assert part in first


@pytest.mark.parametrize("width", [20, 30, 40, 60, 80, 100, 140])
def test_no_line_is_longer_than_the_terminal(width: int) -> None:
    """Columns give way, and a task and its status stay."""
    lines = listing.table(ROWS, (), NOW, listing.USUAL, width)

    assert all(render.cells(line) <= width for line in lines)
    assert lines[1].startswith("01jd3k5w")
    assert "unconf" in lines[1]


def test_the_command_that_a_task_needs_is_shortened_before_anything_goes() -> None:
    """The id stands in the same line."""
    lines = listing.table(ROWS, (), NOW, listing.USUAL, 90)

    assert lines[1].endswith("→ reconcile")
    assert "COST" in lines[0]


def test_columns_are_chosen() -> None:
    """In the order that is asked for."""
    lines = listing.table(ROWS, (), NOW, ("status", "progress", "created"), None)

    assert lines[0].split() == ["STATUS", "PROGRESS", "CREATED"]
    assert lines[2].split()[:3] == ["running", "50", "%"]


def test_a_name_is_one_among_some_and_the_nearest_is_named() -> None:
    """Half-typed names are answered with whole ones."""
    columns = Among("column", listing.COLUMNS, many=True)

    assert columns.convert("id, Status", None, None) == ("id", "status")
    with pytest.raises(UnknownName, match="Did you mean status"):
        columns.convert("id,stats", None, None)
    assert [item.value for item in columns.shell_complete(None, None, "id,st")] == ["id,status"]  # type: ignore[arg-type] # not used


@pytest.mark.parametrize(("text", "seconds"), [("2h", 7200), ("90 s", 90), ("7d", 604_800), ("5 min ago", 300)])
def test_a_moment_is_so_long_ago(monkeypatch: pytest.MonkeyPatch, text: str, seconds: int) -> None:
    """In the units that people use."""
    monkeypatch.setattr(time, "time", lambda: NOW)

    assert moment(None, None, text) == NOW - seconds  # type: ignore[arg-type] # click's, and not used


def test_a_moment_is_a_date() -> None:
    """In local time unless it says another."""
    assert moment(None, None, "2027-01-15T08:00:00+00:00") == NOW  # type: ignore[arg-type] # click's, and not used
