"""Prices of cards: exact, by parameter, and never a guess."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from card_driving import card, request, small
from taskferry import Amount, Estimates
from taskferry.cards import card_adapter

ACME = card_adapter(card("acme"))


@pytest.mark.parametrize(
    ("operation", "parameters", "price"),
    [
        ("video", {"model": "best", "duration": 9}, "108 credits"),
        ("video", {}, "25 credits"),
        ("video", {"model": "unheard of"}, None),
        ("video", {"duration": "long"}, None),
        ("video", {"duration": True}, None),
        ("model", {"count": 3}, "1.20 USD"),
        ("model", {}, "0.40 USD"),
        ("speech", {}, "0.02 USD"),
    ],
)
def test_a_price_follows_from_the_parameters(operation: str, parameters: dict[str, Any], price: str | None) -> None:
    """What was not given counts with its default; a value that is not in the table has no known price."""
    expected = None if price is None else Amount.parse(price)

    assert ACME.estimate(request(ACME, operation, **parameters)) == expected


def test_a_price_is_exact() -> None:
    """Cents are not floats."""
    assert ACME.estimate(request(ACME, "model", count=3)).value == Decimal("1.20")


def test_a_card_without_a_price_estimates_nothing() -> None:
    """Unknown is never free."""
    assert not isinstance(small(), Estimates)


def test_a_note_says_when_the_price_was_read() -> None:
    """It is shown with the operation."""
    assert ACME.operations[0].price_note == "read 2026-11-21"
