"""Arguments and options that several commands share, each said once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])

as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON document on stdout, all else on stderr.")
errors_as_json = click.option(
    "--json", is_flag=True, expose_value=False, help="Print an error that stops the command as JSON on stdout."
)
operation = click.argument("operation", metavar="PROVIDER/OPERATION")
pairs = click.argument("pairs", nargs=-1, type=click.UNPROCESSED, metavar="[KEY=VALUE]...")
task_id = click.argument("task_id", metavar="ID")
task_ids = click.argument("task_ids", nargs=-1, metavar="[ID]...")
out = click.option(
    "-o",
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Put the files into a folder of their own below DIR. Without it they go to the taskferry home.",
)
timeout = click.option(
    "--timeout",
    type=click.FloatRange(min=0),
    metavar="S",
    help="Stop waiting after S seconds (exit 3); the job goes on.",
)
max_cost = click.option(
    "--max-cost", metavar="AMOUNT", help='Send nothing that costs more, or might, as "1.50 USD" or "40 credits".'
)
allow_unpriced = click.option(
    "--allow-unpriced", is_flag=True, help="Send it although its price or length is unknown and a cap is set."
)
again = click.option(
    "--again", is_flag=True, help="Make another one, although the same job was asked for a few minutes ago."
)


def submitting(command: F) -> F:
    """Add what `run` and `submit` share."""
    for decorate in (as_json, again, allow_unpriced, max_cost, out, pairs, operation):
        command = decorate(command)
    return command
