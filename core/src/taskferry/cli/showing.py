"""What `list` and `status` show of tasks, however these were read."""

from __future__ import annotations

from taskferry.cli import exits, listing, output, render
from taskferry.document import task_document

TYPE_CHECKING = False  # both commands start without these
if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from taskferry.ledger.record import Record

ROWS = 50
"""How many tasks `list` shows unless told."""
SHORTEST = 4
"""Characters of an id that are enough."""


def show_list(
    records: Sequence[Record],
    watched: Collection[str],
    now: float,
    *,
    as_json: bool,
    columns: Sequence[str] = listing.USUAL,
    narrowed: bool = False,
    limit: int = ROWS,
) -> int:
    """Show tasks as a table or a document, those in `watched` as in the hands of a living process."""
    if as_json:
        output.document({"tasks": [task_document(record) for record in records]})
    elif records:
        for line in listing.table(records, watched, now, columns, output.width()):
            output.say(line)
        if len(records) == limit and output.is_terminal():
            output.note(f"Older ones: add --before {records[-1].id}")
    elif narrowed:
        output.note("No task fits that.")
    else:
        output.note("There are no tasks yet: `taskferry demo` makes some for nothing.")
    return exits.DONE


def show_status(record: Record, now: float, *, watched: bool, as_json: bool) -> int:
    """Show one task; the exit code is its own."""
    if as_json:
        output.document({"tasks": [task_document(record)]})
    else:
        for line in render.details(record, now, watched=watched):
            output.say(line)
    return exits.task_code(record.snapshot)
