"""Whether a job still fits under the caps: pure, with what other tasks hold given as values."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from taskferry import Amount, CostExceeded, Operation, Typical, UsageError
from taskferry.spend import Cap, Caps, Held, Quantity, Span, TaskCost, check, overruns, quantity_of

TODAY = "2026-11-21"


def cap(limit: str, span: Span = Span.TASK, provider: str | None = None) -> Cap:
    return Cap(span=span, limit=Amount.parse(limit), provider=provider, source="test")


def caps(*several: Cap, rates: dict[tuple[str, str], str] | None = None, **more: Any) -> Caps:
    return Caps(caps=several, rates={key: Amount.parse(text) for key, text in (rates or {}).items()}, **more)


def held(price: str | None = None, *, provider: str = "acme", day: str = TODAY, **more: Any) -> Held:
    amount = None if price is None else Amount.parse(price)
    return Held(
        day=day, provider=provider, amount=amount and amount.value, unit=amount.unit if amount else None, **more
    )


@pytest.mark.parametrize(
    ("price", "limit"),
    [("2 USD", "2 USD"), ("1.99 USD", "2.00 USD"), ("0 credits", "0 credits"), ("0 USD", "5 credits")],
)
def test_a_job_within_its_cap_goes_on(price: str, limit: str) -> None:
    """The cap itself is still within, and nothing is nothing in any unit."""
    assert check("acme/image", held(price), caps(cap(limit))) is None


@pytest.mark.parametrize("price", [None, "2 USD"])
def test_without_a_cap_any_price_goes_on(price: str | None) -> None:
    """Also an unknown one; and another provider's cap is none."""
    assert check("acme/image", held(price), caps(cap("1 USD", provider="other"))) is None


@pytest.mark.parametrize(
    ("price", "limit", "told"),
    [
        ("2.01 USD", "2 USD", "acme/image costs 2.01 USD, more than the cap of 2 USD a task (test). Nothing was sent."),
        ("30 credits", "2 USD", '[rates.acme] credits = "... USD"'),
        (None, "2 USD", "no known price, so it cannot be held to the cap of 2 USD a task (test): allow it with"),
        (None, "5 images", "no known price"),
    ],
    ids=["more", "another unit", "unknown price", "unknown price under a quantity"],
)
def test_a_job_that_costs_more_or_might_is_stopped(price: str | None, limit: str, told: str) -> None:
    """An unknown price never counts as free; the error says what to change."""
    asked = held(price, quantity=1, quantity_unit="images")

    with pytest.raises(CostExceeded) as caught:
        check("acme/image", asked, caps(cap(limit)))

    assert told in str(caught.value)
    assert "Nothing was sent." in str(caught.value)
    assert isinstance(caught.value, UsageError)


def test_a_day_is_shared_by_all_that_was_asked_for_on_it() -> None:
    """Spent and reserved alike, of every provider; the error says how much of each."""
    others = [
        held("0.50 USD", settled=True),
        held("0.10 USD", tasks=3),
        held("0.15 USD", provider="other"),
        held("9 USD", day="2026-11-20"),
    ]
    budget = caps(cap("1 USD", Span.DAY))

    check("acme/image", held("0.05 USD"), budget, others)
    with pytest.raises(CostExceeded) as caught:
        check("acme/image", held("0.06 USD"), budget, others)

    assert str(caught.value) == (
        "acme/image was not sent: it costs 0.06 USD, and of the cap of 1 USD a day (test) 0.5 USD are spent and "
        "0.45 USD are reserved for tasks that have not ended, so it would come to 1.01 USD."
    )


def test_a_cap_in_all_knows_no_days_and_one_of_a_provider_no_others() -> None:
    """Each by what it is for."""
    others = [held("0.50 USD", day="2025-01-01"), held("0.50 USD", provider="other")]

    check("acme/image", held("0.50 USD"), caps(cap("1 USD", Span.TOTAL, "acme")), others)
    with pytest.raises(CostExceeded, match="1 USD in all"):
        check("acme/image", held("0.50 USD"), caps(cap("1 USD", Span.TOTAL)), others)


def test_a_free_job_passes_an_exhausted_cap() -> None:
    """It takes nothing of it."""
    assert check("acme/trial", held("0 USD"), caps(cap("1 USD", Span.DAY)), [held("3 USD")]) is None


def test_ten_times_a_tenth_is_one() -> None:
    """No amount is ever a float, and digits beyond any context are kept."""
    tiny = "0.000000000000001 USD"

    check("acme/image", held("0.1 USD"), caps(cap("1 USD", Span.DAY)), [held("0.1 USD", tasks=9)])
    with pytest.raises(CostExceeded):
        check("acme/image", held(tiny), caps(cap("999999999999999 USD", Span.DAY)), [held("999999999999999 USD")])


def test_units_convert_only_by_a_rate_that_the_user_set() -> None:
    """That of the provider before the one for all."""
    rates = {("acme", "credits"): "0.01 USD", ("", "credits"): "1 USD"}
    budget = caps(cap("1 USD", Span.DAY), rates=rates)

    check("acme/model", held("50 credits"), budget, [held("50 credits")])
    with pytest.raises(CostExceeded, match=r"costs 0\.51 USD.*0\.5 USD are reserved"):
        check("acme/model", held("51 credits"), budget, [held("50 credits")])
    with pytest.raises(CostExceeded, match="costs 2 USD"):
        check("other/model", held("2 credits", provider="other"), budget)


def test_what_other_tasks_hold_in_a_unit_without_a_rate_is_not_passed_over() -> None:
    """A cap that cannot be counted stops the job and names the setting."""
    with pytest.raises(CostExceeded, match=r"priced in credits, so config\.toml .* \[rates\.other\] credits"):
        check("acme/image", held("1 USD"), caps(cap("9 USD", Span.DAY)), [held("5 credits", provider="other", tasks=2)])


def test_unpriced_is_allowed_by_word_until_the_cap_is_used_up() -> None:
    """It counts as unknown, and never goes on where nothing at all is left."""
    budget = caps(cap("1 USD", Span.DAY), allow_unpriced=True)

    check("acme/image", held(None), budget, [held("0.99 USD"), held(None)])
    with pytest.raises(CostExceeded, match="no known price or length"):
        check("acme/image", held(None), budget, [held("1 USD")])


class TestQuantities:
    """Caps on what is made, for where money cannot be told beforehand."""

    def test_a_cap_counts_only_what_it_names(self) -> None:
        """Ten videos say nothing about pictures."""
        budget = caps(cap("2 videos", Span.DAY))
        others = [held("1 USD", quantity=1, quantity_unit="videos", tasks=2)]

        check("acme/image", held("1 USD", quantity=50, quantity_unit="images"), budget, others)
        with pytest.raises(CostExceeded, match=r"makes 1 video, .*would come to 3 videos"):
            check("acme/video", held("1 USD", quantity=1, quantity_unit="videos"), budget, others)

    def test_seconds_are_of_what_has_a_length(self) -> None:
        """A length that nobody knows is treated as a price that nobody knows."""
        budget = caps(cap("20 seconds", Span.DAY))
        video = held("1 USD", quantity=1, quantity_unit="videos", seconds=Decimal(12))
        endless = held("1 USD", quantity=1, quantity_unit="videos")

        check("acme/image", held("1 USD", quantity=1, quantity_unit="images"), budget, [video])
        with pytest.raises(CostExceeded, match=r"12 seconds are reserved .* 24 seconds"):
            check("acme/video", video, budget, [video])
        with pytest.raises(CostExceeded, match="no known length"):
            check("acme/video", endless, budget)

    @pytest.mark.parametrize(
        ("parameters", "expected"),
        [
            ({}, Quantity(count=1, unit="videos", seconds=Decimal(8))),
            ({"count": 3, "duration": 4}, Quantity(count=3, unit="videos", seconds=Decimal(12))),
            ({"duration": "long"}, Quantity(count=1, unit="videos")),
        ],
    )
    def test_it_is_read_from_count_and_duration(self, parameters: dict[str, Any], expected: Quantity) -> None:
        """Given, or the default of the schema."""
        operation = Operation(
            name="acme/video", title="Video", description="A video.", kind="video",
            parameters={"properties": {"duration": {"default": 8}, "count": {}}}, typical=Typical(median=1, slow=2),
        )  # fmt: skip

        assert quantity_of(operation, parameters) == expected


def test_a_task_that_turned_out_dearer_than_its_cap_is_told() -> None:
    """By its own `max_cost` or a cap on every task, in its own unit."""
    task = TaskCost(
        task_id="1", operation="acme/image", provider="acme", cost=Amount.parse("30 credits"), max_cost="29 credits"
    )
    budget = caps(cap("0.30 USD"), rates={("acme", "credits"): "0.01 USD"})

    found = overruns(task, budget)

    assert [overrun.cap for overrun in found] == ["29 credits a task"]
    assert overruns(TaskCost(task_id="1", operation="x", provider="acme", cost=task.cost), budget) == []
