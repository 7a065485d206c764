"""Who is taken for a job, from facts alone: prices, durations, failures, preferences and what excludes."""

from __future__ import annotations

import pytest
from attrs import evolve

from taskferry import Amount, Failure, FailureKind, NoProviderFits, RouteRow, Snapshot, Status, UnknownName, UsageError
from taskferry.routing import Policy, Route, attempt_key, may_fail_over
from taskferry.routing.ranking import compared, ranked
from taskferry.spend import Caps

RATES = Caps(rates={("berry", "credits"): Amount.parse("0.01 USD")})


def row(name: str, price: str | None = "1 USD", seconds: float = 60, **more: object) -> RouteRow:
    return RouteRow(
        operation=f"{name}/video", price=None if price is None else Amount.parse(price), seconds=seconds, **more
    )


def order(rows: list[RouteRow], by: str = "cheapest", prefer: str = "", caps: Caps = RATES) -> str:
    """Give the providers that fit, the best first."""
    policy = Policy(by=by, prefer=prefer.split())
    return " ".join(found.provider for found in ranked(compared(rows, caps), policy) if found.rank)


CHEAP, DEAR = row("apple", "1 USD", 90), row("cherry", "2 USD", 30)
CREDITS = row("berry", "150 credits", 60)
UNKNOWN = row("date", None, 10)
FAILING = row("apple", "1 USD", 90, succeeded=3, failed=3)


@pytest.mark.parametrize(
    ("rows", "by", "prefer", "expected"),
    [
        ([DEAR, CHEAP], "cheapest", "", "apple cherry"),
        ([DEAR, CHEAP], "fastest", "", "cherry apple"),
        ([DEAR, CREDITS, CHEAP], "cheapest", "", "apple berry cherry"),
        ([UNKNOWN, DEAR], "cheapest", "", "cherry date"),
        ([UNKNOWN, DEAR], "fastest", "", "date cherry"),
        ([evolve(DEAR, price=CHEAP.price), CHEAP], "cheapest", "", "cherry apple"),
        ([evolve(DEAR, seconds=90.0), CHEAP], "fastest", "", "apple cherry"),
        ([FAILING, DEAR], "cheapest", "", "cherry apple"),
        ([evolve(FAILING, succeeded=4), DEAR], "cheapest", "", "apple cherry"),
        ([evolve(FAILING, succeeded=0, failed=2), DEAR], "cheapest", "", "apple cherry"),
        ([CHEAP, DEAR, CREDITS], "cheapest", "cherry berry", "cherry berry apple"),
        ([CHEAP, DEAR, CREDITS], "fastest", "berry/video", "berry cherry apple"),
        ([FAILING, DEAR], "cheapest", "apple", "apple cherry"),
        ([evolve(CHEAP, excluded="No key."), DEAR], "cheapest", "apple", "cherry"),
        ([evolve(CHEAP, excluded="No key.")], "cheapest", "", ""),
        ([], "cheapest", "", ""),
    ],
)  # fmt: skip
def test_the_order(rows: list[RouteRow], by: str, prefer: str, expected: str) -> None:
    """Preferred first, then those that do not mostly fail, then as the policy says; the excluded never."""
    assert order(rows, by, prefer) == expected
    assert order(rows[::-1], by, prefer) == expected


def test_prices_in_one_unit_are_compared_without_a_rate() -> None:
    """Also where it is the provider's own."""
    rows = [row("berry", "30 credits"), row("date", "20 credits")]

    assert order(rows, caps=Caps()) == "date berry"


def test_a_price_without_a_rate_comes_after_those_that_can_be_compared() -> None:
    """It may be less or more: nobody knows."""
    assert order([CREDITS, DEAR], caps=Caps()) == "cherry berry"


def test_the_reason_is_said_in_a_sentence() -> None:
    """By price, by preference, as the only one, and what was left aside."""
    said = {
        by: Route(asked="any/video", policy=policy, rows=ranked(compared(rows, RATES), policy)).why
        for by, policy, rows in [
            ("price", Policy(), [CHEAP, DEAR]),
            ("time", Policy(by="fastest"), [CHEAP, DEAR]),
            ("preference", Policy(prefer="cherry"), [CHEAP, DEAR]),
            ("only", Policy(), [DEAR]),
            ("failures", Policy(), [FAILING, DEAR]),
            ("unknown", Policy(), [UNKNOWN, DEAR]),
        ]
    }

    assert said == {
        "price": "apple/video is the cheapest of 2 that fit.",
        "time": "cherry/video is the fastest of 2 that fit.",
        "preference": "cherry/video is preferred.",
        "only": "cherry/video is the only one that fits.",
        "failures": (
            "cherry/video is the cheapest of 2 that fit, leaving aside apple/video whose recent jobs mostly failed."
        ),
        "unknown": "cherry/video is the cheapest of 2 that fit; date/video cannot be compared by price.",
    }  # fmt: skip


def test_nobody_fits_names_what_excluded_each() -> None:
    """So that the caller knows what to change."""
    rows = (row("apple", excluded="No key for apple: set APPLE_KEY."), row("date", excluded="duration: 7 is not 5."))

    with pytest.raises(NoProviderFits) as error:
        _ = Route(asked="any/video", policy=Policy(), rows=rows).chosen

    assert str(error.value).splitlines()[1:] == [
        "  apple/video: No key for apple: set APPLE_KEY.",
        "  date/video: duration: 7 is not 5.",
    ]


@pytest.mark.parametrize(("by", "prefer", "error"), [("best", (), UsageError), (None, ["appel"], UnknownName)])
def test_a_policy_that_is_misspelt_is_told(by: str | None, prefer: list[str], error: type[Exception]) -> None:
    """A preference that is not heard may cost money."""
    with pytest.raises(error, match=r"best|apple"):
        Policy.of(by, prefer, ["apple", "berry"])


NEXT = {FailureKind.AUTH, FailureKind.FUNDS, FailureKind.FORBIDDEN, FailureKind.NOT_FOUND, FailureKind.RATE_LIMITED,
        FailureKind.PROVIDER, FailureKind.UNAVAILABLE, FailureKind.NOT_SENT}  # fmt: skip


@pytest.mark.parametrize("kind", FailureKind)
@pytest.mark.parametrize("status", Status)
def test_only_after_a_refusal_that_others_need_not_share(status: Status, kind: FailureKind) -> None:
    """Never while a job may exist, and never with a prompt that was turned down."""
    snapshot = Snapshot(id="x", provider="a", operation="a/b", status=status, failure=Failure.of(kind, "no"))

    assert may_fail_over(snapshot) is (status is Status.REFUSED and kind in NEXT)


def test_a_task_that_was_given_up_is_not_followed_by_another() -> None:
    """Its job may exist, whatever its status is called."""
    given_up = evolve(Failure.of(FailureKind.NOT_SENT, "Given up by the user."), retryable=False)

    assert not may_fail_over(Snapshot(id="x", provider="a", operation="a/b", status=Status.REFUSED, failure=given_up))


def test_each_provider_in_turn_has_a_key_of_its_own() -> None:
    """So that a caller who asks again with one key finds all of them."""
    assert [attempt_key("k", number) for number in (1, 2, 3)] == ["k", "k (provider 2)", "k (provider 3)"]
    assert attempt_key(None, 2) is None
