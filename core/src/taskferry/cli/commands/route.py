"""`taskferry route`: who would make something, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from taskferry.cli import options, output, render, words
from taskferry.cli.examples import CommandWithExamples
from taskferry.cli.opening import with_ferry
from taskferry.cli.parsing import parse_pairs

if TYPE_CHECKING:
    from taskferry.ferry import Ferry
    from taskferry.routing import Route, RouteRow

_HEADERS = ("", "OPERATION", "PRICE", "TIME", "LAST DAY", "WHY NOT")


@click.command("route", cls=CommandWithExamples, short_help="Say which provider would make something, and why.")
@options.asked
@options.pairs
@options.policy
@options.prefer
@options.max_cost
@options.allow_unpriced
@options.as_json
def command(
    asked: str,
    pairs: tuple[str, ...],
    policy: str | None,
    prefer: tuple[str, ...],
    max_cost: str | None,
    allow_unpriced: bool,
    as_json: bool,
) -> int:
    """Say who would make any/image, any/video, any/music or any/model with these parameters, and why.

    Nothing is sent. `run` and `submit` choose in the same way; a provider that refuses is followed by the next.
    """

    async def chosen(ferry: Ferry) -> Route:
        from taskferry.routing import route_operation

        parameters = parse_pairs(route_operation(asked), pairs)
        return await ferry.route(
            asked, parameters, policy=policy, prefer=prefer, max_cost=max_cost, allow_unpriced=allow_unpriced
        )

    route = with_ferry(chosen)
    best = route.chosen
    if as_json:
        output.document(
            {
                "asked": route.asked,
                "policy": str(route.policy),
                "chosen": best.operation,
                "why": route.why,
                "rows": [_document(row) for row in route.rows],
            }
        )
        return 0
    for line in render.columns(_HEADERS, [_cells(row) for row in route.rows], output.width()):
        output.say(line)
    output.say("")
    output.say(route.why)
    return 0


def _cells(row: RouteRow) -> tuple[str, ...]:
    ended = row.succeeded + row.failed
    return (
        "" if row.rank is None else str(row.rank),
        row.operation,
        "unknown" if row.price is None else words.money(row.price),
        f"{words.span(row.seconds)}{'' if row.learned else ' (told)'}",
        f"{row.failed} of {ended} failed" if ended else "",
        row.excluded or "",
    )


def _document(row: RouteRow) -> dict[str, Any]:
    price = None if row.price is None else {"value": f"{row.price.value:f}", "unit": row.price.unit}
    return {
        "operation": row.operation,
        "rank": row.rank,
        "price": price,
        "comparable": None if row.comparable is None else f"{row.comparable:f}",
        "seconds": row.seconds,
        "learned": row.learned,
        "succeeded": row.succeeded,
        "failed": row.failed,
        "excluded": row.excluded,
    }
