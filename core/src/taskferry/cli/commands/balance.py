"""`taskferry balance`: what the accounts have left."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from taskferry.adapter import Balance
from taskferry.cli import exits, options, output, render, words
from taskferry.cli.errors import error_document
from taskferry.cli.opening import with_ferry
from taskferry.cost import Amount
from taskferry.errors import MissingKey, TaskferryError, Unsupported

if TYPE_CHECKING:
    from taskferry.ferry import Ferry

Answers = dict[str, Balance | TaskferryError]


@click.command("balance", short_help="Show what the accounts have left.")
@click.argument("provider", required=False, metavar="[PROVIDER]")
@options.as_json
def command(provider: str | None, as_json: bool) -> int:
    """Show what the account at a provider has left, or at each provider that a key is set for."""

    async def ask(ferry: Ferry) -> Answers:
        if provider is not None:
            return {provider: await ferry.balance(provider)}
        return {name: await _asked(ferry, name) for name in ferry.registry.providers}

    answers = with_ferry(ask)
    if as_json:
        output.document({"balances": [_document(name, answer) for name, answer in answers.items()]})
    else:
        rows = [(name, *_cells(answer)) for name, answer in answers.items()]
        for line in render.columns(("PROVIDER", "AVAILABLE", "RESERVED"), rows) if rows else ():
            output.say(line)
    failed = [answer for answer in answers.values() if isinstance(answer, TaskferryError)]
    serious = [error for error in failed if not isinstance(error, MissingKey | Unsupported)]
    return max((exits.error_code(error) for error in serious), default=exits.DONE)


async def _asked(ferry: Ferry, name: str) -> Balance | TaskferryError:
    try:
        return await ferry.balance(name)
    except TaskferryError as error:
        output.note(f"{name}: {error}")
        return error


def _cells(answer: Balance | TaskferryError) -> tuple[str, str]:
    if isinstance(answer, TaskferryError):
        return ("no key" if isinstance(answer, MissingKey) else "unknown", "")
    reserved = "" if answer.reserved is None else words.money(Amount(value=answer.reserved, unit=answer.unit))
    return words.money(Amount(value=answer.available, unit=answer.unit)), reserved


def _document(name: str, answer: Balance | TaskferryError) -> dict[str, Any]:
    if isinstance(answer, TaskferryError):
        return {"provider": name, "available": None, "reserved": None, "unit": None, **error_document(answer)}
    return {
        "provider": name,
        "available": f"{answer.available:f}",
        "reserved": None if answer.reserved is None else f"{answer.reserved:f}",
        "unit": answer.unit,
    }
