"""Arguments and options that several commands share, each said once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click
from click.shell_completion import CompletionItem

F = TypeVar("F", bound=Callable[..., Any])

as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON document on stdout, all else on stderr.")
errors_as_json = click.option(
    "--json", is_flag=True, expose_value=False, help="Print an error that stops the command as JSON on stdout."
)


def completing(what: str) -> Callable[[click.Context, click.Parameter, str], list[CompletionItem]]:
    """Give what completes a word at the keyboard; it is loaded only there."""

    def complete(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
        from taskferry.cli import completing

        found: list[CompletionItem] = getattr(completing, what)(ctx, incomplete)
        return found

    return complete


def _operation_named(ctx: click.Context, _: click.Parameter, value: str | None) -> str | None:
    if value is None or ctx.resilient_parsing or not value.partition("#")[0].endswith(".toml"):
        return value
    from taskferry.cli.cards import operation_of_card  # only for an operation that is named by a card's file

    return operation_of_card(value, trusting=ctx.meta.get(_TRUSTING, False))


def _keep_trust(ctx: click.Context, _: click.Parameter, value: bool) -> None:
    ctx.meta[_TRUSTING] = value


_TRUSTING = "taskferry.trusting"
_operation = click.argument(
    "operation",
    metavar="PROVIDER/OPERATION|CARD#OPERATION",
    callback=_operation_named,
    shell_complete=completing("operations"),
)
trust = click.option(
    "--trust",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_keep_trust,
    help="Use a card that is not installed without being asked; its hosts may see its key from then on.",
)


def perhaps_operation(command: F) -> F:
    """Take a provider, an operation, or nothing."""
    name = click.argument(
        "name",
        required=False,
        metavar="[PROVIDER[/OPERATION]|CARD#OPERATION]",
        callback=_operation_named,
        shell_complete=completing("operations"),
    )
    return name(trust(command))


def operation(command: F) -> F:
    """Take an operation, by its name or as one of a card's file."""
    return _operation(trust(command))


pairs = click.argument(
    "pairs", nargs=-1, type=click.UNPROCESSED, metavar="[KEY=VALUE]...", shell_complete=completing("pairs")
)
task_id = click.argument("task_id", metavar="ID", shell_complete=completing("tasks"))
task_ids = click.argument("task_ids", nargs=-1, metavar="[ID]...", shell_complete=completing("tasks"))
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
    help="Stop waiting after S seconds (exit 3); the job goes on. A billed call that is out is waited for.",
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


preview = click.option("--preview", is_flag=True, help="Draw the pictures here, if this is a terminal.")


asked = click.argument("asked", metavar="any/KIND")
policy = click.option(
    "--policy",
    type=click.Choice(("cheapest", "fastest")),
    metavar="HOW",
    help="Choose the `cheapest` (unless told otherwise) or the `fastest` where the operation is any/KIND.",
)
prefer = click.option(
    "--prefer",
    multiple=True,
    metavar="PROVIDER",
    callback=lambda _, __, names: tuple(name for text in names for name in text.split(",")),
    help="Choose this provider, or several parted by commas, before all others where the operation is any/KIND.",
)


def submitting(command: F) -> F:
    """Add what `run` and `submit` share."""
    for decorate in (as_json, again, prefer, policy, allow_unpriced, max_cost, out, pairs, operation):
        command = decorate(command)
    return command
