"""`taskferry estimate`: what a job would cost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from taskferry.cli import options, output, words
from taskferry.cli.examples import CommandWithExamples
from taskferry.cli.opening import new_ferry, with_ferry
from taskferry.cli.parsing import parse_pairs
from taskferry.cli.submitting import operation_named
from taskferry.cost import Amount

if TYPE_CHECKING:
    from collections.abc import Sequence

    from taskferry.ferry import Ferry
    from taskferry.routing import Route, RouteRow


@click.command("estimate", cls=CommandWithExamples, short_help="Say what a job would cost; nothing is sent.")
@options.operation
@options.pairs
@options.as_json
def command(operation: str, pairs: tuple[str, ...], as_json: bool) -> int:
    """Say what a job would cost, or `unknown`, which never means free. Nothing is sent and no key is needed.

    For any/image, any/video, any/music or any/model it is the lowest and the highest price of the providers that fit,
    as `route` shows them; those whose price is unknown are named, and one without a key does not fit.
    """
    if operation.startswith("any/"):
        route = with_ferry(lambda ferry: _route(ferry, operation, pairs))
        _ = route.chosen  # raises NoProviderFits, which says why
        output.document(_range_document(route)) if as_json else _say_range(route)
        return 0
    ferry = new_ferry()
    price = ferry.quote(operation, parse_pairs(operation_named(ferry.registry, operation), pairs))
    if as_json:
        output.document({"operation": operation, "cost": _cost(price)})
    else:
        output.say("unknown" if price is None else words.money(price))
    return 0


async def _route(ferry: Ferry, operation: str, pairs: tuple[str, ...]) -> Route:
    return await ferry.route(operation, parse_pairs(operation_named(ferry.registry, operation), pairs))


def _incomparable(route: Route) -> Sequence[RouteRow]:
    return [row for row in route.fitting if row.comparable is None and row.price is not None]


def _unknown(route: Route) -> Sequence[str]:
    return [row.operation for row in route.fitting if row.price is None]


def _say_range(route: Route) -> None:
    known = route.priced
    ends = known[:1] if not known or known[0].comparable == known[-1].comparable else [known[0], known[-1]]
    output.say(" to ".join(_priced(row) for row in ends) or "unknown")
    if others := _incomparable(route):
        output.say(f"cannot be compared: {', '.join(_priced(row) for row in others)}")
    if unknown := _unknown(route):
        output.say(f"price unknown: {', '.join(unknown)}")


def _priced(row: RouteRow) -> str:
    return row.operation if row.price is None else f"{words.money(row.price)} ({row.operation})"


def _range_document(route: Route) -> dict[str, Any]:
    known = [_priced_document(row) for row in route.priced]
    return {
        "operation": route.asked,
        "cost": _cost(route.dearest),
        "range": {
            "lowest": known[0] if known else None,
            "highest": known[-1] if known else None,
            "incomparable": [_priced_document(row) for row in _incomparable(route)],
            "unknown": _unknown(route),
        },
    }


def _priced_document(row: RouteRow) -> dict[str, Any]:
    price = row.price
    assert price is not None, "rows without a price are not among them"
    return {"operation": row.operation, "value": f"{price.value:f}", "unit": price.unit}


def _cost(price: Amount | None) -> dict[str, Any]:
    return {
        "estimated": None if price is None else f"{price.value:f}",
        "actual": None,
        "unit": None if price is None else price.unit,
    }
