"""What a job would cost, as far as its provider's plugin knows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from taskferry.adapter import Estimates, Request
from taskferry.cost import Amount, is_amount
from taskferry.errors import AdapterError, TaskferryError
from taskferry.operation import Operation
from taskferry.text import clean


def price_of(adapter: object, operation: Operation, parameters: Mapping[str, Any]) -> Amount | None:
    """Give the price of a valid job; None where nobody knows it, which never means free.

    Raises AdapterError for what is no price: nothing is sent by one that cannot be counted.
    """
    if not isinstance(adapter, Estimates):
        return _exact(operation.price)
    try:
        price = adapter.estimate(Request(task_id="", operation=operation, parameters=parameters))
    except TaskferryError:
        raise
    except (Exception, SystemExit) as raised:
        name = type(raised).__name__
        raise AdapterError(f"The adapter's estimate raised {name}: {clean(raised, 200)}. Nothing was sent.") from raised
    return _exact(price)


def _exact(price: object) -> Amount | None:
    if price is None or (isinstance(price, Amount) and is_amount(price.value) and price.unit):
        return price
    raise AdapterError(
        f"A price has to be an Amount with a unit, a finite Decimal and not negative, or None where it is not known; "
        f"the plugin gave {clean(repr(price), 80)}. Nothing was sent."
    )
