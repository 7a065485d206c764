"""`taskferry open`: see a kept file in the program that the desktop has for it."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import click

from taskferry.cli import exits, options, output
from taskferry.cli.ledgers import found, reading
from taskferry.errors import UnknownName, UsageError
from taskferry.ledger.record import Record


@click.command("open", short_help="Open a kept file of a task.")
@options.task_id
@click.argument("name", required=False, metavar="[NAME]")
@click.option("--folder", is_flag=True, help="Open the folder that it is in.")
@options.as_json
def command(task_id: str, name: str | None, folder: bool, as_json: bool) -> int:
    """Open the first kept file of a task, or the one called NAME, with the desktop's own program.

    Without a desktop, as over ssh, it says where the files are.
    """
    with reading() as ledger:
        record = found(ledger, task_id)
    paths = _kept(record)
    chosen = _chosen(record, paths, name)
    target = chosen.parent if folder else chosen
    opened = has_desktop() and click.launch(str(target)) == 0
    if as_json:
        rows = [{"name": each, "path": str(path)} for each, path in paths.items()]
        output.document({"id": record.id, "opened": str(target) if opened else None, "files": rows})
        return exits.DONE
    for path in [target] if name or folder or opened else paths.values():
        output.say(str(path))
    if not opened:
        output.note("There is no desktop here that could open it.")
    return exits.DONE


def has_desktop() -> bool:
    """Tell whether there is a screen, and a program that opens files on it."""
    if sys.platform in ("darwin", "win32"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")) and shutil.which("xdg-open") is not None


def _kept(record: Record) -> dict[str, Path]:
    kept = {one.name: one.path for one in record.snapshot.artifacts if one.path is not None and one.path.exists()}
    if kept:
        return kept
    if record.snapshot.status.ok:
        raise UsageError(f"No file of {record.id} is here: `taskferry download {record.id} -o DIR` fetches them.")
    raise UsageError(
        f"Task {record.id} is {record.snapshot.status} and has no files: see `taskferry status {record.id}`."
    )


def _chosen(record: Record, paths: dict[str, Path], name: str | None) -> Path:
    if name is None:
        return next(iter(paths.values()))
    for each, path in paths.items():
        if name in (each, path.name):
            return path
    raise UnknownName("file", name, paths, f"{record.id} has: {', '.join(paths)}.")
