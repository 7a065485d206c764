"""`taskferry gc`: remove old files of finished tasks from the taskferry home."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from taskferry.cli import exits, options, output, render
from taskferry.cli.ledgers import is_there
from taskferry.errors import UsageError
from taskferry.ledger.choosing import open_ledger_for
from taskferry.ledger.protocol import LedgerProtocol
from taskferry.settings import home_folder

if TYPE_CHECKING:
    from taskferry.artifacts.collecting import Removal, Rules
    from taskferry.artifacts.given import Unneeded

_AGE = re.compile(r"([0-9]{1,6}) *([smhdw])")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}
_HEADERS = ("TASK", "FINISHED", "SIZE", "FILES")


def _age(_: click.Context, __: click.Parameter, text: str | None) -> int | None:
    if text is None:
        return None
    match = _AGE.fullmatch(text.strip().lower())
    if match is None:
        raise click.BadParameter(f"{text!r} is no age: write it as 30d, 12h or 2w.")
    return int(match[1]) * _SECONDS[match[2]]


def _size(_: click.Context, __: click.Parameter, text: str | None) -> int | None:
    from taskferry.artifacts.limits import parse_size  # brings in httpx: not for --help

    return None if text is None else parse_size(text, "--max-size")


@click.command("gc", short_help="Remove old files of finished tasks.")
@click.option(
    "--older-than", callback=_age, metavar="AGE", help="Remove files of tasks that ended so long ago: 30d, 12h."
)
@click.option("--max-size", callback=_size, metavar="SIZE", help="Remove the oldest until at most SIZE is left: 10GB.")
@click.option(
    "--keep-last", type=click.IntRange(min=0), metavar="N", help="Leave the N tasks that ended last as they are."
)
@click.option("--dry-run", is_flag=True, help="Remove nothing; show what would go.")
@options.as_json
def command(older_than: int | None, max_size: int | None, keep_last: int | None, dry_run: bool, as_json: bool) -> int:
    """Remove files of finished tasks from the taskferry home; the tasks themselves stay in the ledger.

    Only what lies in TASKFERRY_HOME/files goes, never a folder that was named with -o. A removed file is not fetched
    again by itself; `taskferry download ID -o DIR` asks for it, as long as the provider serves it.

    Files that were given to the gallery's forms go along, once they are a day old and no open task refers to them.
    """
    from taskferry.artifacts.collecting import Rules  # brings in httpx: not for --help

    if older_than is None and max_size is None and keep_last is None:
        raise UsageError("Say what may go: --older-than AGE, --max-size SIZE or --keep-last N. Nothing was removed.")
    before = None if older_than is None else time.time() - older_than
    rules = Rules(finished_before=before, most=max_size, keep_last=keep_last)
    home = home_folder()
    if not is_there(home):
        output.document(_document([], None, dry_run, 0)) if as_json else output.note("There are no tasks yet.")
        return exits.DONE
    with open_ledger_for(home, readonly=dry_run) as ledger:
        removals, left = _run(ledger, rules, dry_run)
        given = _uploads(ledger, dry_run)
    if as_json:
        output.document(_document(removals, given, dry_run, left))
    else:
        _show(removals, given, dry_run, left)
    return exits.UNSUCCESSFUL if given.problems or any(removal.problem for removal in removals) else exits.DONE


def _run(ledger: LedgerProtocol, rules: Rules, dry_run: bool) -> tuple[Sequence[Removal], int]:
    from taskferry.artifacts import collecting
    from taskferry.artifacts.room import tree_size

    store = home_folder() / "files"
    if not dry_run:
        collecting.leftovers(ledger, store)
    size = tree_size(store)
    going = collecting.chosen(collecting.held(ledger, store), rules, size)
    if dry_run:
        return [collecting.Removal(kept=kept) for kept in going], size - sum(kept.size for kept in going)
    removals = [collecting.collect(ledger, store, kept) for kept in going]
    return removals, tree_size(store)


def _uploads(ledger: LedgerProtocol, dry_run: bool) -> Unneeded:
    from taskferry.artifacts import given

    going = given.unneeded(ledger, home_folder())
    return going if dry_run else given.remove(going)


def _show(removals: Sequence[Removal], given: Unneeded, dry_run: bool, left: int) -> None:
    from taskferry.artifacts.limits import size_text

    gone = [removal.kept for removal in removals if removal.problem is None]
    rows = [
        (kept.task_id, time.strftime("%Y-%m-%d %H:%M", time.localtime(kept.finished_at)), size_text(kept.size),
         ", ".join(path.name for path in kept.files))
        for kept in gone
    ]  # fmt: skip
    for line in render.columns(_HEADERS, rows) if rows else []:
        output.say(line)
    for removal in removals:
        if removal.problem is not None:
            output.note(f"{removal.kept.task_id}: its files stayed: {removal.problem}")
    for problem in given.problems:
        output.note(f"An uploaded file stayed: {problem}")
    if given.files:
        many = f"{len(given.files)} uploaded file{'s' if len(given.files) > 1 else ''}"
        output.note(f"{'Would remove' if dry_run else 'Removed'} {many} of {size_text(given.size)} that no task needs.")
    freed = size_text(sum(kept.size for kept in gone))
    output.note(
        f"{'Would free' if dry_run else 'Freed'} {freed}; {size_text(left)} {'would be' if dry_run else 'are'} left."
    )


def _document(removals: Sequence[Removal], given: Unneeded | None, dry_run: bool, left: int) -> dict[str, Any]:
    rows = [
        {
            "task_id": removal.kept.task_id,
            "finished_at": removal.kept.finished_at,
            "size": removal.kept.size,
            "files": [str(path) for path in removal.kept.files],
            "problem": removal.problem,
        }
        for removal in removals
    ]
    gone = [row for row in rows if row["problem"] is None]
    return {
        "dry_run": dry_run,
        "removed": gone,
        "stayed": [row for row in rows if row["problem"] is not None],
        "freed": sum(removal.kept.size for removal in removals if removal.problem is None),
        "left": left,
        "uploads": {
            "files": [] if given is None else [str(path) for path in given.files],
            "freed": 0 if given is None else given.size,
            "problems": [] if given is None else list(given.problems),
        },
    }
