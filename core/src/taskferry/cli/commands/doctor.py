"""`taskferry doctor`: what is installed, what is set up, and what needs mending."""

from __future__ import annotations

import os

import click

from taskferry.cli import exits, options, output, render
from taskferry.cli.checks import BROKEN, check_all
from taskferry.settings import home_folder


@click.command("doctor", short_help="Check what is installed, set up and amiss.")
@click.option("--online", is_flag=True, help="Also send each provider one request, without a key, and compare clocks.")
@options.as_json
def command(online: bool, as_json: bool) -> int:
    """Check Python, config, plugins, keys, ledger, disk and clock, and say how to mend what is amiss; nothing is sent.

    Exit code 1 if something is broken; a missing key or extra is not.
    """
    checks = check_all(home_folder(), os.environ, online=online)
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
