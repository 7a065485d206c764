"""`taskferry estimate`: what a job would cost."""

from __future__ import annotations

import click

from taskferry.cli import options, output, words
from taskferry.cli.examples import CommandWithExamples
from taskferry.cli.opening import new_ferry
from taskferry.cli.parsing import parse_pairs
from taskferry.cli.submitting import operation_named


@click.command("estimate", cls=CommandWithExamples, short_help="Say what a job would cost; nothing is sent.")
@options.operation
@options.pairs
@options.as_json
def command(operation: str, pairs: tuple[str, ...], as_json: bool) -> int:
    """Say what a job would cost, or `unknown`, which never means free. Nothing is sent and no key is needed."""
    ferry = new_ferry()
    price = ferry.quote(operation, parse_pairs(operation_named(ferry.registry, operation), pairs))
    if as_json:
        cost = {
            "estimated": None if price is None else f"{price.value:f}",
            "actual": None,
            "unit": None if price is None else price.unit,
        }
        output.document({"operation": operation, "cost": cost})
    else:
        output.say("unknown" if price is None else words.money(price))
    return 0
