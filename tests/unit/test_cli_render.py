"""Tasks and tables as lines of text."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli_records import ID, NOW, kept, record
from taskferry import Artifact, Failure, FailureKind, Status
from taskferry.cli import render


def test_columns_are_aligned_by_terminal_cells() -> None:
    """A wide letter takes two cells, a combining mark none."""
    lines = render.columns(("NAME", "WHAT"), [("狐", "fox"), ("e\u0301", "e"), ("fox", "f")])

    assert lines == ["NAME  WHAT", "狐    fox", "e\u0301     e", "fox   f"]


def test_a_narrow_terminal_cuts_the_flexible_column_only() -> None:
    """The command that a task needs stays whole."""
    lines = render.columns(("ID", "PROMPT", ""), [("01jd", "a very long prompt indeed", "→ resume")], 30, 1)

    assert lines[1] == "01jd  a very long p…  → resume"
    assert all(render.cells(line) <= 30 for line in lines)


def test_without_a_terminal_nothing_is_cut() -> None:
    """Scripts get every letter."""
    assert render.columns((), [("a", "b" * 300)]) == ["a  " + "b" * 300]


def test_no_rows_give_no_lines() -> None:
    """There is nothing to align."""
    assert render.columns((), []) == []


def test_short_ids_stay_unique() -> None:
    """Tasks of one moment share the first letters of their ids."""
    names = render.short_ids(["01jd3k5w0v7a", "01jd3k5w0v7b", "01jd4000000z", "01jd3k5w0v7a"])

    assert names == {
        "01jd3k5w0v7a": "01jd3k5w0v7a",
        "01jd3k5w0v7b": "01jd3k5w0v7b",
        "01jd4000000z": "01jd4000",
    }


@pytest.mark.parametrize(
    ("status", "changes", "watched", "expected"),
    [
        (Status.UNCONFIRMED, {}, False, "→ taskferry reconcile X"),
        (Status.RUNNING, {}, False, "→ taskferry resume X"),
        (Status.RUNNING, {}, True, ""),
        (Status.RUNNING, {"parked": "too long"}, False, "→ taskferry resume X"),
        (Status.SUCCEEDED, {"artifacts": (Artifact(name="image"),)}, False, "→ taskferry download X -o DIR"),
        (Status.SUCCEEDED, {"artifacts": (kept(Path("/a")),)}, False, ""),
        (Status.FAILED, {}, False, ""),
    ],
)
def test_the_hint_is_what_the_task_needs_next(
    status: Status, changes: dict[str, object], watched: bool, expected: str
) -> None:
    """A task that goes on by itself, or has ended, needs nothing."""
    assert render.hint(record(status, **changes), watched=watched, name="X") == expected


def test_files_below_the_working_folder_are_shown_from_there() -> None:
    """A path that can be pasted, as short as it gets."""
    row = record(Status.SUCCEEDED, artifacts=(kept(Path("/here/out/fox")), Artifact(name="preview")))

    assert render.files(row, Path("/here")) == [("out/fox/image.png", "4.1 MB")]
    assert render.files(row, Path("/else")) == [("/here/out/fox/image.png", "4.1 MB")]


def test_details_leave_out_what_is_not_known() -> None:
    """One line a fact."""
    row = record(Status.RUNNING, progress=0.5, eta=30.0, looked_at=NOW - 3, provider_status="executing")

    lines = render.details(row, NOW, watched=False)

    assert lines == [
        f"acme/image  {ID}",
        "status         running  50 %  about 0:27 left",
        "provider says  executing",
        "prompt         a small red fox",
        "cost           ~$0.18",
        "asked          2 min ago",
        "last look      3 s ago",
        f"next           taskferry resume {ID}",
    ]


def test_details_of_a_finished_task_end_with_its_files() -> None:
    """How long it took counts from the asking."""
    row = record(Status.SUCCEEDED, finished_at=NOW - 20, artifacts=(kept(Path("/here")),))

    lines = render.details(row, NOW, watched=False)

    assert "took    1:40" in lines
    assert lines[-1] == "/here/image.png  4.1 MB"


FAILURE = Failure.of(FailureKind.FUNDS, "Not enough credits.", code="2010", suggestion="Top up.")


@pytest.mark.parametrize(
    ("status", "changes", "says"),
    [
        (Status.SUCCEEDED, {"artifacts": (kept(Path("/a")),)}, ""),
        (
            Status.SUCCEEDED,
            {"artifacts": (Artifact(name="image"),)},
            f"image could not be kept: `taskferry download {ID}",
        ),
        (Status.REFUSED, {"failure": FAILURE}, "refused: Not enough credits. [2010] Top up."),
        (Status.CANCELLED, {}, "cancelled"),
        (Status.UNCONFIRMED, {"failure": FAILURE}, f"`taskferry reconcile {ID}`"),
        (Status.RUNNING, {}, f"still running. Go on with `taskferry resume {ID}`."),
        (Status.RUNNING, {"parked": "It took too long."}, f"It took too long. Go on with `taskferry resume {ID}`."),
        (Status.PREPARED, {"failure": FAILURE}, "not sent yet (Not enough credits. [2010] Top up)"),
    ],
)
def test_a_remark_says_what_is_amiss_and_what_to_do(status: Status, changes: dict[str, object], says: str) -> None:
    """A task that is simply done needs no remark."""
    text = render.remark(record(status, **changes))

    assert says in text
    assert bool(says) == bool(text)


def test_the_remark_of_an_interrupted_task_says_that_it_goes_on() -> None:
    """With the whole id, and the command to paste."""
    text = render.remark(record(Status.RUNNING), interrupted=True)

    assert text == f"acme/image  {ID}  running: goes on at the provider. Go on with `taskferry resume {ID}`."


def test_a_shortened_text_never_takes_more_cells_than_allowed() -> None:
    """Wide letters are not cut in half."""
    assert render.shorten("狐狐狐", 4) == "狐…"
    assert render.shorten("fox", 3) == "fox"
    assert render.shorten("fox", 0) == ""
