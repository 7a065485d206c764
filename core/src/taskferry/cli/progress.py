"""Live progress on stderr: a bar a task on a terminal, otherwise a plain line a change."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self, TextIO

from taskferry.cli import words
from taskferry.cli.output import note
from taskferry.ledger.record import Record
from taskferry.status import Status
from taskferry.task import Snapshot


class LineProgress:
    """Says each change of a task in a line of its own."""

    def __init__(self, *, now: Callable[[], float] = time.time, write: Callable[[str], object] = note) -> None:
        self._now = now
        self._write = write
        self._said: dict[str, tuple[str, ...]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return

    def show(self, record: Record) -> None:
        """Say how a task stands, unless that was the last thing said about it."""
        snapshot = record.snapshot
        what = (state(snapshot), words.percent(snapshot), words.queue_place(snapshot), words.trouble(snapshot))
        if snapshot.status is Status.SUBMITTING:
            return  # what comes of it follows at once; said each time, a provider out of reach would fill the screen
        if self._said.get(record.id) == what:
            return
        self._said[record.id] = what
        parts = (snapshot.operation, record.id, *what, words.time_left(snapshot, self._now()), words.cost(snapshot))
        self._write("  ".join(part for part in parts if part))


class BarProgress:
    """Keeps a bar for each task on a terminal."""

    def __init__(self, *, now: Callable[[], float] = time.time, console: Any = None) -> None:
        from rich.console import Console  # for terminals only: a script need not load it
        from rich.live import Live

        self._now = now
        self._records: dict[str, Record] = {}
        self._over = False
        self._console = console or Console(stderr=True)
        self._live = Live(console=self._console, get_renderable=self._table, refresh_per_second=5, transient=False)

    def __enter__(self) -> Self:
        self._live.start(refresh=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over = True
        self._live.stop()

    def show(self, record: Record) -> None:
        """Take what a task is now; it is drawn at the next refresh."""
        self._records[record.id] = record

    def _table(self) -> Any:
        from rich.table import Table
        from rich.text import Text

        now, console = self._now(), self._console
        shown, left = self._fitting(console.height)
        wanted = [place for place, least in enumerate(_LEAST_WIDTHS) if console.width >= least]
        table = Table.grid(padding=(0, 2 if console.width >= _ROOMY else 1))
        for place in wanted:
            table.add_column(no_wrap=True, justify="right" if place in _RIGHT else "left")
        for record in shown:
            cells = self._cells(record, now, console.width)
            table.add_row(*(cells[place] for place in wanted))
        if left:
            table.add_row(Text(f"+ {left}", style="dim"))
        return table

    def _fitting(self, height: int) -> tuple[list[Record], int]:
        """Give as many tasks as the terminal has lines for, those under way first, and how many are left out."""
        records = list(self._records.values())
        room = max(1, height - 2)
        if self._over or len(records) <= room:
            return records, 0
        records.sort(key=lambda record: record.snapshot.status.terminal)
        return records[:room], len(records) - room

    def _cells(self, record: Record, now: float, width: int) -> tuple[Any, ...]:
        from rich.progress_bar import ProgressBar
        from rich.text import Text

        snapshot = record.snapshot
        ended = snapshot.finished_at if snapshot.finished_at is not None else now
        known = snapshot.progress is not None or snapshot.status.terminal or snapshot.parked
        done = 1.0 if snapshot.status.ok else snapshot.progress or 0.0
        remarks = (words.time_left(snapshot, now), words.cost(snapshot), words.trouble(snapshot))
        long = 24 if width >= _ROOMY else 10
        return (
            Text(snapshot.operation),
            Text(f"{record.id[:8]}…", style="dim"),
            self._state(snapshot),
            ProgressBar(total=1.0, completed=done, width=long, pulse=not known, animation_time=now),
            Text(words.percent(snapshot) or words.queue_place(snapshot)),
            Text(words.clock(ended - snapshot.created_at)),
            Text("  ".join(part for part in remarks if part)),
        )

    def _state(self, snapshot: Snapshot) -> Any:
        from rich.text import Text

        keeping = snapshot.status.ok and not snapshot.kept and not self._over
        told = "saving" if keeping else state(snapshot)
        return Text(told, style=_STYLES.get(told, "red" if snapshot.status.terminal else ""))


Progress = LineProgress | BarProgress

_ROOMY = 90
_LEAST_WIDTHS = (72, 32, 0, 46, 0, 58, _ROOMY)
"""Cells that a terminal has to have for operation, id, state, bar, percentage, clock and remarks to be shown."""
_RIGHT = (4, 5)

_STYLES = {"queued": "cyan", "running": "bold cyan", "succeeded": "green", "unconfirmed": "yellow", "saving": "cyan"}


def state(snapshot: Snapshot) -> str:
    """Give a task's status, and what keeps it from going on."""
    if snapshot.parked:
        return f"{snapshot.status.value}, parked"
    return "cancelling" if snapshot.cancel_wanted and not snapshot.status.terminal else snapshot.status.value


def can_draw(stream: TextIO) -> bool:
    """Tell whether a stream is a terminal that can move its cursor."""
    return stream.isatty() and os.environ.get("TERM", "") not in ("dumb", "unknown")


def progress() -> Progress:
    """Choose bars for a terminal that can move its cursor, lines for everything else."""
    return BarProgress() if can_draw(sys.stderr) else LineProgress()
