"""Amounts: exact, with their unit, and never more than was said."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskferry import Amount, Cost, UsageError, decimal


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("1.50 USD", "1.50", "USD"),
        ("1.50 usd", "1.50", "USD"),
        ("40 credits", "40", "credits"),
        ("40 Credits", "40", "credits"),
        (" 0.1EUR ", "0.1", "EUR"),
        ("0 USD", "0", "USD"),
    ],
)
def test_an_amount_is_a_number_and_its_unit(text: str, value: str, unit: str) -> None:
    """Currencies are written in capitals, a provider's own unit in small letters."""
    assert Amount.parse(text) == Amount(value=Decimal(value), unit=unit)


@pytest.mark.parametrize(
    "text", ["", "1.50", "USD", "-1 USD", "1,50 USD", "$1.50", "1e3 USD", "nan USD", "1.5 USD/min"]
)
def test_anything_else_is_a_usage_error_that_shows_how_to_write_it(text: str) -> None:
    """A cap that is misread would be worse than none."""
    with pytest.raises(UsageError, match=r'such as "1\.50 USD"'):
        Amount.parse(text)


@given(st.decimals(0, 10**9, places=4), st.sampled_from(["USD", "EUR", "credits"]))
def test_what_is_shown_can_be_read_again(value: Decimal, unit: str) -> None:
    """Without exponents and without loss."""
    amount = Amount(value=value, unit=unit)

    assert Amount.parse(str(amount)) == amount
    assert "E" not in str(amount).removesuffix(unit)


def test_the_actual_cost_is_better_known_than_the_estimate() -> None:
    """And an amount without a unit, or none at all, is not known."""
    both = Cost(estimated=Decimal(2), actual=Decimal("1.5"), unit="USD")

    assert both.known == Amount(value=Decimal("1.5"), unit="USD")
    assert Cost(actual=Decimal(0), estimated=Decimal(2), unit="USD").known == Amount(value=Decimal(0), unit="USD")
    assert Cost(estimated=Decimal(2)).known is None
    assert Cost().known is None


ESTIMATED = Cost(estimated=Decimal(2), unit="USD")


@pytest.mark.parametrize(
    ("later", "expected"),
    [
        (None, ESTIMATED),
        (Cost(), ESTIMATED),
        (Cost(actual=Decimal(1), unit="USD"), Cost(estimated=Decimal(2), actual=Decimal(1), unit="USD")),
        (Cost(actual=Decimal(1)), Cost(estimated=Decimal(2), actual=Decimal(1), unit="USD")),
        (Cost(actual=Decimal(30), unit="credits"), Cost(actual=Decimal(30), unit="credits")),
        (Cost(unit="credits"), ESTIMATED),
    ],
    ids=["nothing", "nothing known", "the price", "the price without unit", "another unit", "another unit, no price"],
)
def test_a_later_cost_adds_to_the_earlier_and_never_mixes_units(later: Cost | None, expected: Cost) -> None:
    """Two units are two things."""
    assert ESTIMATED.updated(later) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [(3, "3"), (0, "0"), (0.1, "0.1"), ("1.50", "1.50"), (" 7 ", "7"), (Decimal("2.5"), "2.5"), ("1e2", "1E+2")],
)
def test_a_providers_number_is_read_exactly(value: object, expected: str) -> None:
    """A float is taken as it is written, not as it is stored."""
    assert decimal(value) == Decimal(expected)


@pytest.mark.parametrize(
    "value", [None, True, "", "free", "-1", -0.5, "nan", float("inf"), "Infinity", "sNaN", [1], {}, b"1", "1e999999999"]
)
def test_what_is_no_amount_is_none(value: object) -> None:
    """Never zero, which would mean free, and never a number too long to be written out."""
    assert decimal(value) is None


@given(st.one_of(st.text(), st.floats(), st.integers(), st.decimals(), st.booleans(), st.none()))
def test_whatever_is_read_is_finite_and_not_negative(value: object) -> None:
    """And can be written out in few letters."""
    amount = decimal(value)

    if amount is not None:
        assert amount.is_finite()
        assert amount >= 0
        assert len(f"{amount:f}") < 1000
