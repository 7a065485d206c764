"""How far a batch is: a bar on a terminal, otherwise a line now and then."""

from __future__ import annotations

import sys
from collections import Counter
from types import TracebackType
from typing import Any, Self

from taskferry.cli.batch.results import Result
from taskferry.cli.output import note
from taskferry.cli.progress import can_draw

_LINES = 20
"""How many lines a whole batch comes to where there is no bar."""


class BatchProgress:
    """Counts rows as they end."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._counts: Counter[str] = Counter()
        self._bar: Any = None
        self._task: Any = None

    def __enter__(self) -> Self:
        if can_draw(sys.stderr):
            from rich.console import Console  # for terminals only
            from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

            parts = (
                BarColumn(bar_width=None),
                MofNCompleteColumn(),
                TimeRemainingColumn(),
                TextColumn("{task.fields[told]}"),
            )
            console = Console(stderr=True)
            self._bar = Progress(*(parts if console.width >= 60 else parts[:2]), console=console, expand=True)
            self._task = self._bar.add_task("rows", total=self._total, told="")
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    @property
    def told(self) -> str:
        """Say how many rows ended how."""
        return ", ".join(f"{count} {word}" for word, count in self._counts.most_common())

    def add(self, result: Result) -> None:
        """Take one more row."""
        self._counts["not sent" if result.record is None else result.record.snapshot.status.value] += 1
        done = self._counts.total()
        if self._bar is not None:
            self._bar.update(self._task, completed=done, told=self.told)
        elif done % max(1, self._total // _LINES) == 0 or done == self._total:
            note(f"{done} of {self._total} rows: {self.told}")
