"""Puts operations in order, from facts alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TypeAlias

from attrs import evolve

from taskferry.routing.route import Policy, RouteRow
from taskferry.spend import Caps

Rank: TypeAlias = "tuple[int, bool, bool, Decimal | float, float, str]"
MONEY = "USD"
"""In what prices of different units are compared."""


def ranked(rows: Sequence[RouteRow], policy: Policy) -> tuple[RouteRow, ...]:
    """Number the rows that are not excluded, the best first; the excluded come last, by name.

    Preferred ones come first, in their order; then those whose recent jobs did not mostly fail; then what the policy
    says. A price that is not known, or cannot be compared, comes after all that can.
    """
    fitting = sorted((row for row in rows if row.excluded is None), key=lambda row: _rank(row, policy))
    numbered = [evolve(row, rank=number) for number, row in enumerate(fitting, 1)]
    rest = sorted((row for row in rows if row.excluded is not None), key=lambda row: row.operation)
    return (*numbered, *rest)


def _rank(row: RouteRow, policy: Policy) -> Rank:
    price = Decimal(0) if row.comparable is None else row.comparable
    first: Mapping[str, tuple[bool, Decimal | float, float]] = {
        "cheapest": (row.comparable is None, price, row.seconds),
        "fastest": (False, row.seconds, float(price)),
    }
    return (_preference(row, policy), row.unreliable, *first[policy.by], row.operation)


def _preference(row: RouteRow, policy: Policy) -> int:
    places = [place for place, name in enumerate(policy.prefer) if name in (row.provider, row.operation)]
    return min(places, default=len(policy.prefer))


def compared(rows: Sequence[RouteRow], caps: Caps) -> list[RouteRow]:
    """Add the price of each in one unit: their own if all have the same, else money at the user's rates."""
    units = {row.price.unit for row in rows if row.price is not None and row.excluded is None}
    unit = units.pop() if len(units) == 1 else MONEY
    return [
        row
        if row.price is None
        else evolve(row, comparable=caps.converted(row.price.value, row.price.unit, unit, row.provider))
        for row in rows
    ]
