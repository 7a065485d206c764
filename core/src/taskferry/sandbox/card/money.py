"""What jobs of a card cost, and what a new account has."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from taskferry.adapter import Adapter, Estimates, Request
from taskferry.cards.model import Card
from taskferry.operation import Operation

_OPENING = {"USD": Decimal(10_000)}
_OPENING_ELSE = Decimal(1_000_000)
_NO_UNIT = ""


def unit_of(card: Card) -> str:
    """Give the unit of the provider's accounts: that of its balance, else that of its prices."""
    if card.balance is not None:
        return card.balance.unit
    return next((one.price.unit for one in card.operations.values() if one.price is not None), _NO_UNIT)


def opening_balance(unit: str) -> Decimal:
    """Give what a new account has."""
    return _OPENING.get(unit, _OPENING_ELSE)


def price_of(adapter: Adapter, operation: Operation, parameters: Mapping[str, Any], unit: str) -> Decimal:
    """Give the price of a job; nothing where the card knows none, or has it in another unit than the account."""
    if not isinstance(adapter, Estimates):
        return Decimal(0)
    amount = adapter.estimate(Request(task_id="", operation=operation, parameters=parameters))
    return amount.value if amount is not None and amount.unit == unit else Decimal(0)
