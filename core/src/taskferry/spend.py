"""What a job may cost."""

from __future__ import annotations

from taskferry.cost import Amount
from taskferry.errors import CostExceeded


def check_cap(operation: str, price: Amount | None, cap: Amount | None) -> None:
    """Raise CostExceeded if a job would, or might, cost more than its cap; an unknown price never counts as free."""
    if cap is None:
        return
    if price is None:
        raise CostExceeded(
            f"{operation} has no known price, so it cannot be held to {cap}: leave the cap out to accept any."
        )
    if price.unit != cap.unit:
        raise CostExceeded(
            f"{operation} is priced in {price.unit} ({price}), so the cap has to be in {price.unit}, not {cap}."
        )
    if price.value > cap.value:
        raise CostExceeded(f"{operation} costs {price}, more than the cap of {cap}. Nothing was sent.")
