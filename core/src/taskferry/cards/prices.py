"""What a job costs before it is sent, by a card's price list."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from taskferry.cards.model import OperationSpec, PriceSpec
from taskferry.cards.values import as_text
from taskferry.cards.wiring import with_defaults
from taskferry.cost import Amount, decimal

Price = Callable[[Mapping[str, Any]], Amount | None]
"""Takes the parameters as given; None where the price is not known, which never means free."""


def flat(price: PriceSpec | None) -> Amount | None:
    """Give the price of any job of an operation, where there is one for all."""
    if price is None or price.amount is None or price.by is not None or price.times:
        return None
    return Amount(value=price.amount, unit=price.unit)


def compile_price(operation: OperationSpec) -> Price:
    """Make the function that tells the price of a job; what was not given counts with its default."""
    spec = operation.price

    def price(given: Mapping[str, Any]) -> Amount | None:
        if spec is None:
            return None
        parameters = with_defaults(operation, given)
        amount = spec.amount if spec.by is None else _listed(spec, parameters.get(spec.by))
        for name in spec.times:
            factor = decimal(parameters.get(name))
            if amount is None or factor is None:
                return None
            amount *= factor
        return None if amount is None else Amount(value=amount, unit=spec.unit)

    return price


def _listed(spec: PriceSpec, value: Any) -> Decimal | None:
    """Give the amount of a value, times `amount` where both are there; a value that is not listed has none."""
    listed = spec.amounts.get(as_text(value) or "")
    return listed if listed is None or spec.amount is None else listed * spec.amount
