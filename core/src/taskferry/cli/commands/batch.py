"""`taskferry batch`: a job for each row of a file, each sent once, however often the command is run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from taskferry.cli import exits, options, output
from taskferry.cli.folders import usable
from taskferry.cli.opening import new_ferry
from taskferry.cost import Amount
from taskferry.operation import Operation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from taskferry.cli.batch.results import Results
    from taskferry.cli.batch.rows import Check, Sheet

RESULTS = "results.jsonl"


@click.command("batch", short_help="Make a job of each row of a CSV or JSONL file.")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "-o", "--out", type=click.Path(path_type=Path, file_okay=False), metavar="DIR", required=True, help="For the files."
)
@click.option(
    "--operation",
    metavar="PROVIDER/OPERATION",
    shell_complete=options.completing("operations"),
    help="That of rows which name none.",
)
@click.option(
    "--results", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help=f"Instead of DIR/{RESULTS}."
)
@click.option("--at-once", type=click.IntRange(1, 1000), default=8, metavar="N", help="Jobs under way at a time (8).")
@click.option("--skip-bad", is_flag=True, help="Send the good rows although others are bad.")
@options.max_cost
@options.allow_unpriced
@options.as_json
def command(
    file: Path,
    out: Path,
    operation: str | None,
    results: Path | None,
    at_once: int,
    skip_bad: bool,
    max_cost: str | None,
    allow_unpriced: bool,
    as_json: bool,
) -> int:
    """Make a job of each row of a CSV or JSONL file: its operation and its parameters, a column each.

    Every row is checked first; if one is bad, none is sent. Run the same command again after it was stopped or killed:
    each row is one job, whatever happened, known by the file's content and the row's place, or by its column `key`,
    which lets you change the file in between. --max-cost is for each row. The results file has a line for each row:
    its task, status, files, cost and failure.
    """
    from taskferry.cli.batch import carrying, progress
    from taskferry.cli.batch import results as kept
    from taskferry.cli.batch.bad import BadRows
    from taskferry.cli.batch.rows import read_sheet

    folder = usable(out)
    ferry = new_ferry()
    sheet = read_sheet(file, operation, ferry.operation, _priced(ferry, max_cost, allow_unpriced=allow_unpriced))
    if sheet.problems and not (skip_bad and sheet.rows):
        raise BadRows(file, sheet.problems, len(sheet.rows))
    for problem in sheet.problems:
        output.note(f"skipped: {problem}")
    order = carrying.Order(
        folder=folder,
        at_once=at_once,
        max_cost=max_cost,
        allow_unpriced=allow_unpriced,
    )
    found = kept.Results(results or folder / RESULTS)
    try:
        with progress.BatchProgress(len(sheet.rows)) as shown:
            interrupted = carrying.carry(sheet.rows, order, found, shown)
    finally:
        found.close()
    return _conclude(found, sheet, shown.told, interrupted=interrupted, as_json=as_json)


def _priced(ferry: Any, max_cost: str | None, *, allow_unpriced: bool) -> Check:
    """Give the check of a row's price, as far as it can be known before anything is sent."""
    cap = None if max_cost is None else Amount.parse(max_cost)

    def check(operation: Operation, parameters: Mapping[str, Any]) -> str | None:
        price = None if cap is None else ferry.quote(operation.name, parameters)
        if cap is None or (price is None and allow_unpriced):
            return None
        if price is None:
            return f"Its price is not known, and at most {cap} may be spent on a row: say --allow-unpriced."
        return f"It costs {price}, more than {cap}." if price.unit == cap.unit and price.value > cap.value else None

    return check


def _conclude(found: Results, sheet: Sheet, told: str, *, interrupted: bool, as_json: bool) -> int:
    results = found.all
    if as_json:
        bad = [{"place": one.path, "message": one.message} for one in sheet.problems]
        rows = [result.document for result in results]
        output.document({"rows": rows, "bad": bad, "results": str(found.path), "interrupted": interrupted})
    else:
        output.say(str(found.path))
    if any(result.code == exits.UNCONFIRMED for result in results):
        output.note(
            "Unconfirmed rows may exist at the provider, or not. Look there, say `taskferry reconcile ID` with "
            "`--adopt REMOTE` or `--abandon`, and run the same command again: an abandoned row is sent anew."
        )
    output.note(f"{len(results)} of {len(sheet.rows)} rows: {told or 'none ended'}.")
    if interrupted:
        output.note("Interrupted: the jobs go on. Run the same command again; no row is sent twice.")
        return exits.INTERRUPTED
    return max((result.code for result in results), default=exits.DONE)
