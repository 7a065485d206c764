"""Progress as it is said line by line, and as bars on a terminal."""

from __future__ import annotations

import io
import sys

import pytest
from rich.console import Console

from cli_records import ID, NOW, record
from taskferry import Failure, FailureKind, Status
from taskferry.cli.progress import BarProgress, LineProgress, progress


def test_each_change_is_one_line() -> None:
    """What has been said is not said again, and a new estimate alone is no news."""
    lines: list[str] = []

    with LineProgress(now=lambda: NOW, write=lines.append) as shown:
        shown.show(record(Status.QUEUED, queue_position=2))
        shown.show(record(Status.QUEUED, queue_position=2))
        shown.show(record(Status.RUNNING, progress=0.57, eta=30.0, looked_at=NOW))
        shown.show(record(Status.RUNNING, progress=0.5701, eta=29.0, looked_at=NOW))
        shown.show(record(Status.SUCCEEDED, progress=1.0))

    assert lines == [
        f"acme/image  {ID}  queued  2 ahead  ~$0.18",
        f"acme/image  {ID}  running  57 %  about 0:30 left  ~$0.18",
        f"acme/image  {ID}  succeeded  ~$0.18",
    ]


def test_a_parked_or_cancelling_task_says_so() -> None:
    """Its status alone would look as if it went on."""
    lines: list[str] = []

    with LineProgress(now=lambda: NOW, write=lines.append) as shown:
        shown.show(record(Status.RUNNING, parked="too long"))
        shown.show(record(Status.RUNNING, cancel_wanted=True))

    assert lines == [f"acme/image  {ID}  running, parked  ~$0.18", f"acme/image  {ID}  cancelling  ~$0.18"]


def test_a_terminal_gets_a_bar_with_all_there_is_to_know() -> None:
    """Operation, state, percentage, elapsed time, time left, cost."""
    screen = io.StringIO()
    console = Console(file=screen, force_terminal=True, width=120, color_system=None, _environ={"TERM": "xterm"})

    with BarProgress(now=lambda: NOW, console=console) as shown:
        shown.show(record(Status.RUNNING, progress=0.57, eta=30.0, looked_at=NOW))

    drawn = screen.getvalue()
    for part in ("acme/image", "01jd3k5w…", "running", "━", "57 %", "2:00", "about 0:30 left", "~$0.18"):
        assert part in drawn


def test_lines_are_chosen_where_stderr_is_no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """A log file is not drawn upon."""
    monkeypatch.setattr(sys, "stderr", io.StringIO())

    assert isinstance(progress(), LineProgress)


def test_a_provider_out_of_reach_is_named_once() -> None:
    """Each new try is not another line."""
    lines: list[str] = []
    held_up = {"failure": Failure.of(FailureKind.UNAVAILABLE, "could not connect")}

    with LineProgress(now=lambda: NOW, write=lines.append) as shown:
        for _ in range(3):
            shown.show(record(Status.PREPARED, **held_up))
            shown.show(record(Status.SUBMITTING))

    assert lines == [f"acme/image  {ID}  prepared  not sent yet: could not connect  ~$0.18"]
