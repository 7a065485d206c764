"""The results file of a batch: a line of JSON for each row, written as soon as it is known how the row ended."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from attrs import frozen

from taskferry.cli import exits
from taskferry.cli.batch.rows import Row
from taskferry.cli.errors import error_document
from taskferry.document import task_document
from taskferry.errors import TaskferryError, UsageError
from taskferry.ledger.record import Record


@frozen(kw_only=True)
class Result:
    """How one row ended, or stands where the batch was stopped."""

    row: Row
    record: Record | None = None
    error: TaskferryError | None = None
    """Why there is no task of it."""

    @property
    def code(self) -> int:
        """Give the exit code of the row."""
        if self.error is not None:
            return exits.error_code(self.error)
        return exits.DONE if self.record is None else exits.task_code(self.record.snapshot)

    @property
    def document(self) -> dict[str, Any]:
        """Give the line of the results file."""
        task = {} if self.record is None else task_document(self.record)
        paths = [one["path"] for one in task.get("artifacts", ()) if one["path"] is not None]
        error = None if self.error is None else error_document(self.error)["error"]
        return {
            "line": self.row.line,
            "key": self.row.key,
            "operation": self.row.operation,
            "id": task.get("id"),
            "status": task.get("status"),
            "paths": paths,
            "cost": task.get("cost"),
            "failure": task.get("failure"),
            "error": error,
        }


class Results:
    """Collects the results of one run and keeps them in a file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._found: dict[int, Result] = {}
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("w", encoding="utf-8", newline="\n")
        except OSError as error:
            raise UsageError(f"{path} cannot be written: {error.strerror}. Nothing was sent.") from error

    @property
    def all(self) -> list[Result]:
        """Give the results in the order of the rows."""
        return [self._found[line] for line in sorted(self._found)]

    def add(self, result: Result) -> None:
        """Keep one more."""
        self._found[result.row.line] = result
        self._file.write(_line(result))
        self._file.flush()

    def close(self) -> None:
        """Put the lines into the order of the rows."""
        self._file.close()
        draft = self.path.with_name(f".{self.path.name}.{os.getpid()}")
        draft.write_text("".join(map(_line, self.all)), encoding="utf-8", newline="\n")
        draft.replace(self.path)


def _line(result: Result) -> str:
    return json.dumps(result.document) + "\n"
