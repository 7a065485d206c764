"""Takes an exported ledger in: every line is checked first, and all of it is kept or nothing."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from attrs import evolve, frozen

from taskferry.errors import LedgerCorrupt, LedgerError, TaskTaken
from taskferry.ledger import queries
from taskferry.ledger.database import Database
from taskferry.ledger.lines import FORMAT, BadLine, columns_of, parsed, rows_of
from taskferry.ledger.record import Record
from taskferry.ledger.rows import Columns, all_storable, task_columns, to_record
from taskferry.status import Status
from taskferry.text import clean

_LONGEST = 256 * 2**20
_MOST = 100
_ID = re.compile("[0-9a-hjkmnp-tv-z]{26}")
_SALT = re.compile("[0-9a-f]{64}")
_WORDS = frozenset(status.value for status in Status)
_STATES = frozenset({"reserved", "settled", "released"})
_AMOUNTS = ("estimated", "reserved", "actual", "seconds")
_SEPARATORS = frozenset("/\\\0")
_TEXT_OR_NONE = (str, type(None))
_FAILURE: Mapping[str, tuple[type, ...]] = {
    "message": (str,),
    "code": _TEXT_OR_NONE,
    "http_status": (int, type(None)),
    "retryable": (bool,),
    "retry_after": (int, float, type(None)),
    "suggestion": _TEXT_OR_NONE,
    "trace_id": _TEXT_OR_NONE,
}


@frozen(kw_only=True)
class BadRow:
    """One line of a file that cannot be taken in."""

    line: int
    """Counted from 1."""
    reason: str


@frozen(kw_only=True)
class Imported:
    """What became of a file; nothing of it was written if there are problems."""

    added: int = 0
    present: int = 0
    """Tasks that were here already, exactly as they are in the file."""
    problems: Sequence[BadRow] = ()
    """The first hundred at most."""


class _Undone(Exception):
    """There are problems: nothing is kept."""


class Import:
    """One file on its way into a ledger."""

    def __init__(self, database: Database, path: Path) -> None:
        self._database = database
        self._path = path
        self._added = self._present = 0
        self._problems: list[BadRow] = []
        self._foreign_salt = False

    def run(self) -> Imported:
        """Take the file in; raise LedgerError if it cannot be read or the ledger not be written."""
        try:
            with self._path.open("rb") as file, self._database.writing() as connection:
                self._take(connection, enumerate(iter(lambda: file.readline(_LONGEST), b""), 1))
                if self._problems:
                    raise _Undone
        except _Undone:
            return Imported(problems=self._problems)
        except OSError as error:
            raise LedgerError(f"{self._path} cannot be read: {error.strerror}.") from error
        return Imported(added=self._added, present=self._present)

    def _take(self, connection: sqlite3.Connection, lines: Iterator[tuple[int, bytes]]) -> None:
        tables = columns_of(connection)
        number, expected = 1, 0
        try:
            number, line = next(lines, (1, b""))
            expected = self._header(connection, parsed(line))
            for number, line in lines:
                try:
                    self._task(connection, rows_of(parsed(line), tables))
                except (BadLine, LedgerCorrupt, TaskTaken) as error:
                    self._problems.append(BadRow(line=number, reason=str(error)))
                if len(self._problems) >= _MOST:
                    return
        except BadLine as error:
            self._problems.append(BadRow(line=number, reason=str(error)))
            return
        if number - 1 != expected:
            reason = f"the file was cut short: it has {number - 1} tasks of the {expected} that its first line names"
            self._problems.append(BadRow(line=number, reason=reason))

    def _header(self, connection: sqlite3.Connection, header: Mapping[str, Any]) -> int:
        """Read the first line; give the number of tasks that follow."""
        salt, count = header.get("salt"), header.get("tasks")
        if header.get("taskferry") != "ledger":
            raise BadLine("it is not the first line of an exported ledger")
        if header.get("format") != FORMAT:
            told = clean(repr(header.get("format")), 40)
            raise BadLine(f"its format is {told}, and this taskferry knows {FORMAT}: upgrade it")
        if not isinstance(salt, str) or not _SALT.fullmatch(salt) or type(count) is not int:
            raise BadLine("its salt or its number of tasks is no such thing")
        own = connection.execute("SELECT value FROM meta WHERE name = 'salt'").fetchone()[0]
        if connection.execute("SELECT 1 FROM tasks LIMIT 1").fetchone() is None:
            connection.execute("UPDATE meta SET value = ? WHERE name = 'salt'", (bytes.fromhex(salt),))
        else:
            self._foreign_salt = own != bytes.fromhex(salt)
        return count

    def _task(self, connection: sqlite3.Connection, rows: Mapping[str, list[Columns]]) -> None:
        task = rows["tasks"][0]
        replies = rows["replies"][0] if rows["replies"] else {"raw": None, "create_reply": None}
        if not _ID.fullmatch(str(task["id"])):
            raise BadLine(f"{str(task['id'])[:40]!r} is no id of a task")
        record = to_record({**task, **replies, "holder": None}, rows["artifacts"])
        _refuse_unsound(record, rows)
        if self._foreign_salt and record.job.account and not record.snapshot.status.terminal:
            raise BadLine(
                f"task {record.id} is under way and belongs to an account that cannot be recognised here: import it "
                "into an empty home"
            )
        existing = queries.by_id(connection, record.id)
        if existing is not None:
            if _without_holder(existing) != record:
                raise BadLine(f"task {record.id} is here already, and not the same")
            self._present += 1
            return
        _insert(connection, record, rows)
        self._added += 1


def _insert(connection: sqlite3.Connection, record: Record, rows: Mapping[str, list[Columns]]) -> None:
    try:
        queries.insert(connection, "tasks", task_columns(record))
    except sqlite3.IntegrityError as error:
        raise queries.clash(connection, record) from error
    queries.replace_artifacts(connection, record)
    if rows["replies"]:
        queries.replace_replies(connection, record)
    for table in ("transitions", "spend"):
        for row in rows[table]:
            queries.insert(connection, table, all_storable({"task": record.id, **row}))


def _without_holder(record: Record) -> Record:
    return evolve(record, holder=None)


def _refuse_unsound(record: Record, rows: Mapping[str, list[Columns]]) -> None:
    """Raise BadLine for what the columns' types leave open and nothing here would have written."""
    snapshot, names = record.snapshot, [artifact.name for artifact in record.snapshot.artifacts]
    failure = snapshot.failure
    sound = {
        "its version is no count": record.version >= 1,
        "its run is no count": snapshot.run >= 1,
        "its parameters are no JSON object": isinstance(record.job.parameters, dict),
        "its trace ids are no texts": all(isinstance(trace, str) for trace in snapshot.trace_ids),
        "its failure is not as taskferry writes it": failure is None
        or all(isinstance(getattr(failure, name), kinds) for name, kinds in _FAILURE.items()),
        "an artifact's name could leave its folder": not any(set(name) & _SEPARATORS or name == ".." for name in names),
        "its artifacts are not in order": [row["position"] for row in rows["artifacts"]] == [*range(len(names))],
        "a step has an unknown status": all(
            step[name] is None or step[name] in _WORDS for step in rows["transitions"] for name in ("before", "after")
        ),
        "its spend is not as taskferry writes it": all(map(_is_spend, rows["spend"])),
    }
    for reason, holds in sound.items():
        if not holds:
            raise BadLine(f"task {record.id}: {reason}")


def _is_spend(row: Columns) -> bool:
    return row["state"] in _STATES and all(row[name] is None or _is_amount(row[name]) for name in _AMOUNTS)


def _is_amount(value: object) -> bool:
    try:
        return Decimal(str(value)).is_finite()
    except InvalidOperation:
        return False
