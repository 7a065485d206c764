"""The cap on what one job may cost."""

from __future__ import annotations

import pytest

from taskferry import Amount, CostExceeded, UsageError
from taskferry.spend import check_cap


@pytest.mark.parametrize(
    ("price", "cap"),
    [(None, None), ("2 USD", None), ("2 USD", "2 USD"), ("1.99 USD", "2.00 USD"), ("0 credits", "0 credits")],
)
def test_a_job_within_its_cap_goes_on(price: str | None, cap: str | None) -> None:
    """The cap itself is still within, and without one any price is."""
    assert check_cap("acme/image", price and Amount.parse(price), cap and Amount.parse(cap)) is None


@pytest.mark.parametrize(
    ("price", "cap", "told"),
    [
        ("2.01 USD", "2 USD", "acme/image costs 2.01 USD, more than the cap of 2 USD. Nothing was sent."),
        ("30 credits", "2 USD", "priced in credits (30 credits), so the cap has to be in credits, not 2 USD."),
        (None, "2 USD", "no known price, so it cannot be held to 2 USD: leave the cap out to accept any."),
    ],
    ids=["more", "another unit", "unknown price"],
)
def test_a_job_that_costs_more_or_might_is_stopped(price: str | None, cap: str, told: str) -> None:
    """An unknown price never counts as free; the error says what to change."""
    with pytest.raises(CostExceeded) as caught:
        check_cap("acme/image", price and Amount.parse(price), Amount.parse(cap))

    assert told in str(caught.value)
    assert isinstance(caught.value, UsageError)
