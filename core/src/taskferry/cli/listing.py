"""Tasks as a table that fits its terminal: columns give way one by one, down to twenty cells."""

from __future__ import annotations

import time

from taskferry.cli import render, words
from taskferry.text import clean

TYPE_CHECKING = False  # `taskferry list` starts without these
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from taskferry.ledger.record import Record
    from taskferry.task import Snapshot

USUAL = ("id", "operation", "status", "age", "cost", "prompt", "next")


def _took(snapshot: Snapshot) -> str:
    ended = snapshot.finished_at
    return "" if ended is None else words.clock(ended - snapshot.created_at)


def _created(record: Record, _: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(record.snapshot.created_at))


_CELLS: Mapping[str, Callable[[Record, float], str]] = {
    "operation": lambda record, _: record.snapshot.operation,
    "provider": lambda record, _: record.snapshot.provider,
    "status": lambda record, _: record.snapshot.status.value,
    "progress": lambda record, _: words.percent(record.snapshot) or words.queue_place(record.snapshot),
    "age": lambda record, now: words.age(now - record.snapshot.created_at),
    "created": _created,
    "took": lambda record, _: _took(record.snapshot),
    "cost": lambda record, _: words.cost(record.snapshot),
    "prompt": lambda record, _: clean(record.job.prompt, 200),
    "files": lambda record, _: ", ".join(str(path) for path, _ in render.files(record)),
}
COLUMNS = ("id", *_CELLS, "next")
"""What a list may show of a task, by the names that `--columns` takes."""

_FLEXIBLE = ("prompt", "files")
"""Cut on a narrow terminal before any column is left out."""
_LEAVE = ("created", "took", "provider", "cost", "age", "progress", "operation", "files", "prompt", "next")
"""Left out on a narrow terminal, in this order."""


def table(
    records: Sequence[Record], watched: Collection[str], now: float, columns: Sequence[str], width: int | None
) -> list[str]:
    """Give the lines of a table, none longer than a width; without one, everything in full."""
    names = render.short_ids([record.id for record in records]) if width else {}
    wide = {
        column: [
            _cell(column, record, now, names.get(record.id, record.id), record.id in watched) for record in records
        ]
        for column in columns
    }
    if width is None:
        return _lines(wide, None)
    if _least(wide) > width and "next" in wide:
        wide["next"] = [cell.replace("taskferry ", "").rpartition(" ")[0] if cell else "" for cell in wide["next"]]
    for column in _LEAVE:
        if _least(wide) > width and column in wide and len(wide) > 1:
            del wide[column]
    return [render.shorten(line, width) for line in _lines(wide, width)]


def _cell(column: str, record: Record, now: float, name: str, watched: bool) -> str:
    if column == "id":
        return name
    if column == "next":
        return render.hint(record, watched=watched, name=name)
    return _CELLS[column](record, now)


def _header(column: str) -> str:
    return "" if column == "next" else column.upper()


def _least(wide: Mapping[str, Sequence[str]]) -> int:
    """Count the cells that a table needs with its flexible columns as narrow as may be."""
    total = 2 * (len(wide) - 1)
    for column, cells in wide.items():
        needed = max(map(render.cells, (_header(column), *cells)), default=0)
        total += min(needed, render.NARROWEST) if column in _FLEXIBLE else needed
    return total


def _lines(wide: Mapping[str, Sequence[str]], width: int | None) -> list[str]:
    columns = list(wide)
    flexible = next((place for place, name in enumerate(columns) if name in _FLEXIBLE), None)
    rows = [tuple(cells) for cells in zip(*wide.values(), strict=True)]
    return render.columns(
        tuple(map(_header, columns)),
        rows,
        width if flexible is not None else None,
        flexible if flexible is not None else -1,
    )
