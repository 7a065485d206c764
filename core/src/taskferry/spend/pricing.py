"""What a job would cost, as far as its provider's plugin knows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from taskferry.adapter import Estimates, Request
from taskferry.cost import Amount
from taskferry.operation import Operation


def price_of(adapter: object, operation: Operation, parameters: Mapping[str, Any]) -> Amount | None:
    """Give the price of a valid job; None where nobody knows it, which never means free."""
    if isinstance(adapter, Estimates):
        return adapter.estimate(Request(task_id="", operation=operation, parameters=parameters))
    return operation.price
