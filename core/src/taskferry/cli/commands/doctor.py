"""`taskferry doctor`: what is installed, what is set up, and what needs mending."""

from __future__ import annotations

import os

import click

from taskferry.cli import exits, options, output, render
from taskferry.cli.checks import BROKEN, check_all
from taskferry.registry import Registry
from taskferry.settings import home_folder


@click.command("doctor", short_help="Check plugins, keys, ledger and disk.")
@options.as_json
def command(as_json: bool) -> int:
    """Check plugins, keys, ledger, extras and disk, and say how to mend what is amiss; nothing is sent.

    Exit code 1 if something is broken; a missing key or extra is not.
    """
    checks = check_all(Registry(), home_folder(), os.environ)
    sound = all(check.state != BROKEN for check in checks)
    if as_json:
        rows = [
            {"name": one.name, "state": one.state, "detail": one.detail, "mend": one.mend or None} for one in checks
        ]
        output.document({"ok": sound, "checks": rows})
    else:
        table = render.columns((), [(check.state, check.name, check.detail) for check in checks])
        indent = " " * (len(BROKEN) + 2)
        for check, line in zip(checks, table, strict=True):
            output.say(line)
            if check.mend:
                output.say(f"{indent}→ {check.mend}")
        output.say("\nNothing is broken." if sound else "\nSomething is broken: see the lines marked so.")
    return exits.DONE if sound else exits.UNSUCCESSFUL
