"""Reads rows for commands that only show them and have to start at once: nothing is written, no class is built."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from types import SimpleNamespace

from taskferry.ledger.locks import is_locked
from taskferry.ledger.schema import APPLICATION, FILE, VERSION
from taskferry.status import Status

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

UNUSUAL = (sqlite3.Error, ValueError, TypeError, LookupError, ArithmeticError, OSError)
"""What reading raises where the ledger is not as it mostly is: opening it in full says what that is."""

_NEWEST = "SELECT * FROM tasks ORDER BY created_at DESC, rowid DESC LIMIT ?"
_BEGINNING = "SELECT * FROM tasks WHERE id >= ? AND id < ? || '~' LIMIT 2"
_ARTIFACTS = "SELECT * FROM artifacts WHERE task IN (SELECT value FROM json_each(?)) ORDER BY task, position"
_SNAPSHOT = (
    "id", "provider", "operation", "provider_status", "run", "progress", "queue_position", "eta", "parked",
    "look_problem", "created_at", "submitted_at", "started_at", "finished_at", "looked_at", "next_try_at",
)  # fmt: skip
_ARTIFACT = ("name", "kind", "media_type", "size", "sha256")


class Glance:
    """A ledger of this version, open for reading; whatever is unusual about it raises one of `UNUSUAL`."""

    def __init__(self, home: Path) -> None:
        place = str(home / FILE).replace("%", "%25").replace("?", "%3f").replace("#", "%23")
        self._holders = home / "holders"
        self._connection = sqlite3.connect(f"file:{place}?mode=ro", uri=True)
        self._connection.row_factory = sqlite3.Row
        marks = [
            self._connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version")
        ]
        if marks != [APPLICATION, VERSION]:
            raise ValueError("the ledger is of another version")

    def newest(self, limit: int) -> list[Any]:
        """Give the last tasks, newest first, with what words and documents read of a record."""
        return self._records(_NEWEST, (limit,))

    def beginning(self, start: str) -> Any:
        """Give the one task whose id begins so; raise LookupError if there is none, or more than one."""
        found = self._records(_BEGINNING, (start, start))
        if len(found) != 1:
            raise LookupError(start)
        return found[0]

    def is_watched(self, record: Any) -> bool:
        """Tell whether a living process has the task in hand."""
        return record.holder is not None and is_locked(self._holders / f"{record.holder}.lock")

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def _records(self, query: str, values: tuple[object, ...]) -> list[Any]:
        self._connection.execute("BEGIN")
        rows = [_readable(row) for row in self._connection.execute(query, values)]
        artifacts: dict[str, list[Any]] = {row["id"]: [] for row in rows}
        for one in self._connection.execute(_ARTIFACTS, (json.dumps(list(artifacts)),)):
            artifacts[one["task"]].append(_artifact(_readable(one)))
        self._connection.rollback()
        return [_record(row, tuple(artifacts[row["id"]])) for row in rows]


def _readable(row: sqlite3.Row) -> dict[str, Any]:
    pairs: Iterator[tuple[str, Any]] = zip(row.keys(), row, strict=True)
    return {
        name: value.decode("utf-8", "surrogatepass") if isinstance(value, bytes) else value for name, value in pairs
    }


def _record(row: Mapping[str, Any], artifacts: tuple[Any, ...]) -> Any:
    snapshot = SimpleNamespace(
        **{name: row[name] for name in _SNAPSHOT},
        status=Status(row["status"]),
        cost=_cost(row),
        failure=_failure(row["failure"]),
        cancel_wanted=bool(row["cancel_wanted"]),
        trace_ids=tuple(json.loads(row["trace_ids"])),
        artifacts=artifacts,
        kept=all(one.path is not None or one.sha256 is not None for one in artifacts),
    )
    return SimpleNamespace(
        id=row["id"],
        job=_job(row),
        snapshot=snapshot,
        remote=None if row["remote"] is None else json.loads(row["remote"]),
        holder=row["holder"],
    )


def _job(row: Mapping[str, Any]) -> Any:
    prompt = str(json.loads(row["parameters"]).get("prompt", ""))
    choice = None if row["choice"] is None else SimpleNamespace(**json.loads(row["choice"]))
    return SimpleNamespace(prompt=prompt, choice=choice)


def _cost(row: Mapping[str, Any]) -> Any:
    from decimal import Decimal  # most rows have a cost, an empty ledger has none

    estimated, actual = (
        None if row[name] is None else Decimal(row[name]) for name in ("cost_estimated", "cost_actual")
    )
    unit, value = row["cost_unit"], actual if actual is not None else estimated
    known = None if value is None or unit is None else SimpleNamespace(value=value, unit=unit)
    return SimpleNamespace(estimated=estimated, actual=actual, unit=unit, known=known)


class _Failure(SimpleNamespace):
    def __str__(self) -> str:
        from taskferry.text import failure_text

        return failure_text(self.message, self.code, self.suggestion)


def _failure(text: str | None) -> _Failure | None:
    return None if text is None else _Failure(**json.loads(text))


def _artifact(row: Mapping[str, Any]) -> Any:
    path = None if row["path"] is None else Path(row["path"])
    return SimpleNamespace(**{name: row[name] for name in _ARTIFACT}, path=path)
