"""Tasks and tables as lines of plain text; pure, and the same words wherever a task is shown."""

from __future__ import annotations

import unicodedata
from itertools import pairwise, takewhile

from taskferry.cli import words
from taskferry.status import Status
from taskferry.text import clean

TYPE_CHECKING = False  # `taskferry list` starts without these
if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from taskferry.ledger.record import Record

_GAP = "  "
_SHORTEST = 8
"""Characters of a shortened id; fewer are often not unique."""
NARROWEST = 8
"""Cells left to a column that is cut."""


def columns(
    headers: Sequence[str], rows: Sequence[Sequence[str]], width: int | None = None, flexible: int = -1
) -> list[str]:
    """Align cells under their headers; with a width, the flexible column is cut so that no line is longer."""
    lines = [headers, *rows] if headers else list(rows)
    if not lines:
        return []
    widths = [max(cells(cell) for cell in column) for column in zip(*lines, strict=True)]
    if width is not None:
        over = sum(widths) + len(_GAP) * (len(widths) - 1) - width
        widths[flexible] = min(widths[flexible], max(NARROWEST, widths[flexible] - over))
    return [_GAP.join(_padded(cell, wide) for cell, wide in zip(line, widths, strict=True)).rstrip() for line in lines]


def _padded(cell: str, width: int) -> str:
    cut = shorten(cell, width)
    return cut + " " * (width - cells(cut))


def cells(text: str) -> int:
    """Count the terminal cells that a text takes; wide letters take two, combining marks none."""
    if text.isascii():
        return len(text)
    wide = sum(unicodedata.east_asian_width(letter) in "WF" for letter in text)
    return len(text) + wide - sum(unicodedata.combining(letter) != 0 for letter in text)


def shorten(text: str, width: int) -> str:
    """Cut a text so that it takes at most so many terminal cells."""
    if cells(text) <= width:
        return text
    kept = text[: max(0, width - 1)]
    while kept and cells(kept) >= width:
        kept = kept[:-1]
    return kept + "…" if width > 0 else ""


def short_ids(ids: Sequence[str]) -> dict[str, str]:
    """Shorten ids so far that each still names one of them; taskferry takes what is left for the id."""
    ordered = sorted(set(ids))
    shared = dict.fromkeys(ordered, 0)
    for one, following in pairwise(ordered):
        common = sum(1 for _ in takewhile(lambda both: both[0] == both[1], zip(one, following, strict=False)))
        shared[one], shared[following] = max(shared[one], common), common
    return {one: one[: max(_SHORTEST, common + 1)] for one, common in shared.items()}


def hint(record: Record, *, watched: bool, name: str | None = None) -> str:
    """Name the command that a task needs next; empty for one that needs none."""
    snapshot, shown = record.snapshot, name or record.id
    if snapshot.status is Status.UNCONFIRMED:
        return f"→ taskferry reconcile {shown}"
    if snapshot.status.ok and not snapshot.kept:
        return f"→ taskferry download {shown} -o DIR"
    if snapshot.parked or not (snapshot.status.terminal or watched):
        return f"→ taskferry resume {shown}"
    return ""


def headline(record: Record) -> str:
    """Name a task in one line."""
    return f"{record.snapshot.operation}  {record.id}"


def files(record: Record, base: Path | None = None) -> list[tuple[str, str]]:
    """Give path and size of each kept file, the path relative to a folder where it lies below it."""
    return [
        (_relative(artifact.path, base), words.size(artifact.size))
        for artifact in record.snapshot.artifacts
        if artifact.path is not None
    ]


def _relative(path: Path, base: Path | None) -> str:
    if base is not None and path.is_relative_to(base):
        return str(path.relative_to(base))
    return str(path)


def details(record: Record, now: float, *, watched: bool) -> list[str]:
    """Describe one task, a line a fact; what is not known is left out."""
    snapshot = record.snapshot
    ended = snapshot.finished_at
    state = [snapshot.status.value, words.percent(snapshot), words.queue_place(snapshot)]
    look = "" if snapshot.looked_at is None else f"{words.age(now - snapshot.looked_at)} ago"
    facts = {
        "status": "  ".join(part for part in (*state, words.time_left(snapshot, now)) if part),
        "provider says": clean(snapshot.provider_status or ""),
        "parked": clean(snapshot.parked or ""),
        "waits": clean(snapshot.look_problem or ""),
        "failure": "" if snapshot.failure is None else clean(snapshot.failure),
        "prompt": clean(record.job.prompt),
        "cost": words.cost(snapshot),
        "asked": f"{words.age(now - snapshot.created_at)} ago",
        "took": "" if ended is None else words.clock(ended - snapshot.created_at),
        "last look": "" if snapshot.status.terminal else look,
        "trace id": ", ".join(snapshot.trace_ids),
        "next": hint(record, watched=watched).removeprefix("→ "),
    }
    lines = columns((), [(name, text) for name, text in facts.items() if text])
    return [headline(record), *lines, *columns((), files(record))]


def remark(record: Record, *, interrupted: bool = False) -> str:
    """Say in one line why a task gave no files and what to do next; empty for one that is simply done."""
    snapshot = record.snapshot
    start = f"{headline(record)}  {snapshot.status.value}"
    if snapshot.status is Status.UNCONFIRMED:
        return (
            f"{start}: the reply to the billed call was lost, so a paid job may exist. Do not run it again; "
            f"see what became of it with `taskferry reconcile {record.id}`."
        )
    if snapshot.status.ok:
        return "" if snapshot.kept else f"{start}, but {_not_kept(record)}: `taskferry download {record.id} -o DIR`."
    if snapshot.status.terminal:
        return f"{start}: {clean(snapshot.failure)}" if snapshot.failure else start
    if snapshot.parked:
        return f"{start}, and nobody watches it: {clean(snapshot.parked)} Go on with `taskferry resume {record.id}`."
    if snapshot.status is Status.PREPARED:
        why = f" ({clean(snapshot.failure).rstrip('.')})" if snapshot.failure else ""
        return f"{start}: not sent yet{why}. Send it with `taskferry resume {record.id}`."
    words_ = "goes on at the provider" if interrupted else "still running"
    return f"{start}: {words_}. Go on with `taskferry resume {record.id}`."


def _not_kept(record: Record) -> str:
    names = [artifact.name for artifact in record.snapshot.artifacts if artifact.path is None]
    return f"{clean(', '.join(names))} could not be kept"
