"""`taskferry ledger check`: read everything and say what is not sound."""

from __future__ import annotations

import click

from taskferry.cli import exits, options, output
from taskferry.cli.ledgers import reading
from taskferry.ledger.opening import FILE
from taskferry.settings import home_folder
from taskferry.text import clean

_MEND = (
    "To mend it, end every taskferry process, move {path} away together with its -wal and -shm files, and put a backup "
    "in its place, or import an export with `taskferry ledger import FILE`."
)


@click.command("check", short_help="Read all of it and say what is not sound.")
@options.as_json
def check(as_json: bool) -> int:
    """Read the whole ledger and say what is not sound in it; nothing is changed.

    Exit code 1 if anything is wrong.
    """
    with reading() as ledger:
        problems = ledger.check() if ledger else []
    path = home_folder() / FILE
    mend = _MEND.format(path=path) if problems else None
    if as_json:
        output.document({"ok": not problems, "path": str(path), "problems": problems, "mend": mend})
    elif mend:
        for problem in problems:
            output.say(clean(problem))
        output.say(f"\n{mend}")
    else:
        output.say("The ledger is sound." if ledger else "There is no ledger yet.")
    return exits.UNSUCCESSFUL if problems else exits.DONE
