"""Sizes, times and money as people read them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from cli_records import NOW, record
from taskferry import Amount, Cost, Status
from taskferry.cli import words


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (None, ""),
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 KB"),
        (88_123, "88 KB"),
        (4_100_000, "4.1 MB"),
        (3e12, "3.0 TB"),
    ],
)
def test_size(count: int | None, text: str) -> None:
    """Thousands, with one decimal below ten."""
    assert words.size(count) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(-3, "0 s"), (0.4, "0 s"), (59, "59 s"), (60, "1 min"), (7199, "1 h"), (90_000, "25 h"), (200_000, "2 d")],
)
def test_age(seconds: float, text: str) -> None:
    """The largest unit only; a clock that was set back gives no negative age."""
    assert words.age(seconds) == text


@pytest.mark.parametrize(("seconds", "text"), [(0, "0:00"), (41.9, "0:41"), (3723, "1:02:03")])
def test_clock(seconds: float, text: str) -> None:
    """Hours only where there are some."""
    assert words.clock(seconds) == text


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        ("1.96", "USD", "$1.96"),
        ("1.5", "USD", "$1.50"),
        ("0.0035", "USD", "$0.0035"),
        ("100", "USD", "$100.00"),
        ("0.0", "USD", "$0.00"),
        ("30", "credits", "30 credits"),
        ("1000.00", "credits", "1000 credits"),
    ],
)
def test_money(value: str, unit: str, text: str) -> None:
    """Dollars as usual without losing a digit; any other unit is named."""
    assert words.money(Amount(value=Decimal(value), unit=unit)) == text


@pytest.mark.parametrize(
    ("status", "cost", "text"),
    [
        (Status.RUNNING, Cost(estimated=Decimal("1.96"), unit="USD"), "~$1.96"),
        (Status.UNCONFIRMED, Cost(estimated=Decimal("1.96"), unit="USD"), "≤ $1.96"),
        (Status.SUCCEEDED, Cost(estimated=Decimal(40), actual=Decimal(30), unit="credits"), "30 credits"),
        (Status.REFUSED, Cost(estimated=Decimal("1.96"), unit="USD"), ""),
        (Status.RUNNING, Cost(), ""),
    ],
)
def test_cost_tells_an_estimate_from_a_bill(status: Status, cost: Cost, text: str) -> None:
    """Nothing is said where nothing is known or nothing was billed."""
    assert words.cost(record(status, cost=cost).snapshot) == text


def test_time_left_is_counted_on_from_the_last_look() -> None:
    """An estimate that is ten seconds old is ten seconds shorter now."""
    snapshot = record(eta=40.0, looked_at=NOW - 10).snapshot

    assert words.time_left(snapshot, NOW) == "about 0:30 left"
    assert words.time_left(snapshot, NOW + 60) == "any moment"


def test_queue_place_and_percent_are_said_only_where_they_mean_something() -> None:
    """A running task has no place in a queue, a finished one no percentage."""
    assert words.queue_place(record(Status.QUEUED, queue_position=2).snapshot) == "2 ahead"
    assert words.queue_place(record(Status.QUEUED, queue_position=0).snapshot) == "next"
    assert words.queue_place(record(Status.RUNNING).snapshot) == ""
    assert words.percent(record(Status.RUNNING, progress=0.574).snapshot) == "57 %"
    assert words.percent(record(Status.SUCCEEDED, progress=1.0).snapshot) == ""
