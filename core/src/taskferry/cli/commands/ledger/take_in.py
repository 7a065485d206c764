"""`taskferry ledger import`: take in an exported ledger."""

from __future__ import annotations

from pathlib import Path

import click

from taskferry.cli import exits, options, output
from taskferry.ledger.choosing import open_ledger_for
from taskferry.settings import home_folder
from taskferry.text import clean


@click.command("import", short_help="Take in an exported one.")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@options.as_json
def take_in(file: Path, as_json: bool) -> int:
    """Take in a FILE that `taskferry ledger export` wrote: all of it, or nothing if any line has a problem.

    Tasks that are here already, exactly so, are left alone. Exit code 1 if there are problems; they are listed.
    """
    with open_ledger_for(home_folder()) as ledger:
        found = ledger.take_in(file)
    if as_json:
        problems = [{"line": problem.line, "reason": clean(problem.reason)} for problem in found.problems]
        output.document({"added": found.added, "present": found.present, "problems": problems})
    elif found.problems:
        for problem in found.problems:
            output.say(f"line {problem.line}: {clean(problem.reason)}")
        output.say("\nNothing was taken in.")
    else:
        output.say(f"{found.added} tasks taken in, {found.present} were here already.")
    return exits.UNSUCCESSFUL if found.problems else exits.DONE
