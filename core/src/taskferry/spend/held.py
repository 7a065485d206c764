"""What tasks hold of a cap: reserved while they may still be billed, spent when they have ended."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from attrs import frozen

from taskferry.cost import Amount
from taskferry.spend.caps import EXACT, Caps, total
from taskferry.spend.quantity import QUANTITY_UNITS, SECONDS, Quantity


@frozen(kw_only=True)
class Held:
    """One task, or several of one day and provider that are alike."""

    day: str
    """In UTC, as `2026-11-21`: when the task was asked for."""
    provider: str
    settled: bool = False
    """Whether the tasks have ended; what they hold is reserved until then."""
    amount: Decimal | None = None
    """Of one task; None where no price is known."""
    unit: str | None = None
    told: bool = False
    """Whether the provider said that it took this amount; otherwise it is an estimate."""
    quantity: int | None = None
    """What one task makes; None for tasks of a time when that was not kept."""
    quantity_unit: str | None = None
    seconds: Decimal | None = None
    """Length of what one task makes."""
    tasks: int = 1

    def counted(self, unit: str, caps: Caps) -> Decimal | None:
        """Count what all of them hold in a cap's unit; None if that cannot be said without a rate.

        What has no known price or length, and was allowed nevertheless, counts as nothing.
        """
        if unit in QUANTITY_UNITS:
            each = self.measured(unit)
        elif self.amount is None or self.unit is None:
            each = None
        else:
            each = caps.converted(self.amount, self.unit, unit, self.provider)
            if each is None:
                return None
        return EXACT.multiply(each or Decimal(0), Decimal(self.tasks))

    def measured(self, unit: str) -> Decimal | None:
        """Give how much one task makes in a unit of quantity; None where that is not known."""
        if unit == SECONDS:
            return self.seconds
        return None if self.quantity is None or self.quantity_unit != unit else Decimal(self.quantity)


@frozen(kw_only=True)
class Reservation:
    """What a new job makes, and the caps that it has to keep to."""

    caps: Caps
    quantity: Quantity

    def held(self, provider: str, price: Amount | None, day: str = "") -> Held:
        """Give what the job will hold."""
        return Held(
            day=day,
            provider=provider,
            amount=None if price is None else price.value,
            unit=None if price is None else price.unit,
            quantity=self.quantity.count,
            quantity_unit=self.quantity.unit,
            seconds=self.quantity.seconds,
        )


def uncounted(held: Sequence[Held], unit: str, caps: Caps) -> Held | None:
    """Find tasks that cannot be counted in a unit for want of a rate."""
    return next((one for one in held if one.counted(unit, caps) is None), None)


def spent_and_reserved(held: Sequence[Held], unit: str, caps: Caps) -> tuple[Decimal, Decimal]:
    """Add up what tasks that have ended hold, and what all others do, in a unit."""
    spent, reserved = (
        total(one.counted(unit, caps) or Decimal(0) for one in held if one.settled is settled)
        for settled in (True, False)
    )
    return spent, reserved
