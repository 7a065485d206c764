"""Money and credits: exact amounts that never lose their unit."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

from attrs import frozen

from taskferry.errors import UsageError

_DIGITS = 15
"""Places before or after the point beyond which a number is no amount of money."""
_AMOUNT = re.compile(r"\s*(?P<amount>[0-9]+(?:\.[0-9]+)?)\s*(?P<unit>[A-Za-z]+)\s*")


@frozen(kw_only=True)
class Amount:
    """An exact amount of one unit."""

    value: Decimal
    unit: str
    """A currency code in capitals (`USD`) or a provider's own unit in small letters (`credits`)."""

    @classmethod
    def parse(cls, text: str) -> Amount:
        """Read `"1.50 USD"` or `"40 credits"`; raise UsageError for anything else."""
        match = _AMOUNT.fullmatch(text)
        if match is None:
            raise UsageError(
                f'{text!r} is not an amount: write a number and its unit, such as "1.50 USD" or "40 credits"'
            )
        unit = match["unit"]
        return cls(value=Decimal(match["amount"]), unit=unit.upper() if len(unit) == 3 else unit.lower())

    def __str__(self) -> str:
        return f"{self.value.normalize():f} {self.unit}"


@frozen(kw_only=True)
class Cost:
    """What a task costs; an amount that is not known is None, which never means free."""

    estimated: Decimal | None = None
    """Before the end: the provider's own estimate, else the operation's price list."""
    actual: Decimal | None = None
    """After the end: what the provider says it took."""
    unit: str | None = None

    @property
    def known(self) -> Amount | None:
        """Give the best amount known: actual before estimated."""
        value = self.actual if self.actual is not None else self.estimated
        return None if value is None or self.unit is None else Amount(value=value, unit=self.unit)

    def updated(self, later: Cost | None) -> Cost:
        """Add what a later observation knows; what it leaves out stays as it was."""
        if later is None or (later.unit and self.unit and later.unit != self.unit and later.known is None):
            return self
        if later.unit and self.unit and later.unit != self.unit:
            return later
        return Cost(
            estimated=later.estimated if later.estimated is not None else self.estimated,
            actual=later.actual if later.actual is not None else self.actual,
            unit=later.unit or self.unit,
        )


def decimal(value: object) -> Decimal | None:
    """Read a provider's number or numeric text exactly; None for anything that is not a finite, non-negative amount."""
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        return None
    try:
        amount = Decimal(str(value).strip())
    except InvalidOperation:
        return None
    return abs(amount) if is_amount(amount) else None


def is_amount(value: object) -> bool:
    """Tell whether something is an exact amount: a Decimal, finite, not negative, of a size that money has."""
    return isinstance(value, Decimal) and value.is_finite() and value >= 0 and abs(value.adjusted()) <= _DIGITS
