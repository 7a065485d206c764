"""The error of a file whose rows cannot all be sent."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from taskferry.errors import Problem, UsageError


class BadRows(UsageError):
    """Rows of a file cannot be sent; `problems` holds everything that is wrong with them."""

    def __init__(self, path: Path, problems: Sequence[Problem], good: int) -> None:
        self.problems = tuple(problems)
        bad = len({problem.path for problem in problems})
        lines = "".join(f"\n  {problem}" for problem in problems)
        skip = f"; --skip-bad sends the other {good}" if good else ""
        super().__init__(f"{path} has {bad} bad row{'' if bad == 1 else 's'}, so nothing was sent{skip}:{lines}")
