"""Adapters whose amounts, handles, parts and errors nothing can go by."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
import respx

from contract.test_exchange import BASE, IMAGE, Acme, outcome_of
from taskferry import (
    Accepted,
    AdapterError,
    Amount,
    Artifact,
    Balance,
    Call,
    CancelOutcome,
    Cost,
    Observation,
    Request,
    Status,
)
from taskferry.credentials import Secret
from taskferry.exchange import Unconfirmed, ask, fetch
from taskferry.machine import observe
from taskferry.spend import price_of
from taskferry.task import Snapshot
from taskferry.transport import Transport, Wire

NOT_AMOUNTS: list[Any] = [Decimal("NaN"), Decimal("Infinity"), Decimal(-5), Decimal("1e999999"), "much", b"5"]
NOT_COSTS: list[Any] = ["free", 7, Cost(estimated=Decimal(1), unit=5)]  # type: ignore[arg-type]  # as a careless plugin


class Speechless(Exception):
    """An error that fails when it is asked what it says."""

    def __str__(self) -> str:
        raise RuntimeError("no words")


@pytest.fixture
async def wire():
    transport = Transport()
    yield Wire(transport, Acme.service, BASE, Secret("sesame", "the test"))
    await transport.aclose()


def accepting(**parts: Any) -> Any:
    """Give an adapter that accepts every job with the given parts."""

    def submit(self: Any, request: Request) -> Any:
        yield Call.create("/jobs", json={})
        return Accepted(**{"remote": {"id": "1"}, **parts})

    return type("Accepting", (Acme,), {"submit": submit})()


def seeing(**parts: Any) -> Any:
    """Give an adapter that sees the given parts at every look."""

    def look(self: Any, remote: Any) -> Any:
        yield Call.get("/jobs/{id}", **remote)
        return Observation(**parts)

    return type("Seeing", (Acme,), {"fetch": look})()


def raising(error: BaseException) -> Any:
    """Give an adapter that raises after the billed call, and in its estimate."""

    def submit(self: Any, request: Request) -> Any:
        yield Call.create("/jobs", json={})
        raise error

    def estimate(self: Any, request: Request) -> Any:
        raise error

    return type("Raising", (Acme,), {"submit": submit, "estimate": estimate})()


@pytest.mark.parametrize("value", NOT_AMOUNTS, ids=repr)
@respx.mock(using="taskferry")
async def test_what_is_no_amount_is_not_known(value: Any, wire: Wire, respx_mock) -> None:
    """The job is kept; an amount below zero, or without an end, would let caps be passed."""
    respx_mock.post(f"{BASE}/jobs").respond(json={"id": "1"})

    outcome, _ = await outcome_of(accepting(cost=Cost(estimated=value, actual=value, unit="USD")), wire)

    assert outcome == Accepted(remote={"id": "1"}, cost=Cost(unit="USD"))


@pytest.mark.parametrize("cost", NOT_COSTS, ids=repr)
@respx.mock(using="taskferry")
async def test_what_is_no_cost_is_left_out(cost: Any, wire: Wire, respx_mock) -> None:
    """A job that was paid for is never lost by what an adapter says it cost."""
    respx_mock.post(f"{BASE}/jobs").respond(json={"id": "1"})

    outcome, _ = await outcome_of(accepting(cost=cost), wire)

    assert outcome == Accepted(remote={"id": "1"})


@respx.mock(using="taskferry")
async def test_a_float_is_read_as_it_is_written(wire: Wire, respx_mock) -> None:
    """0.1 is a tenth, and counted as one; a unit is one short line."""
    respx_mock.get(f"{BASE}/jobs/1").respond(json={})
    cost = Cost(actual=0.1, unit="\x1b[31mgold" * 50)  # type: ignore[arg-type]  # as a careless plugin

    seen = await fetch(seeing(cost=cost), {"id": "1"}, wire)

    assert seen.cost is not None
    assert (seen.cost.actual, len(seen.cost.unit or ""), "\x1b" in str(seen.cost.unit)) == (Decimal("0.1"), 40, False)


@pytest.mark.parametrize("remote", [{"id": "x" * 70_000}, {"id": float("nan")}], ids=["large", "nan"])
@respx.mock(using="taskferry")
async def test_a_handle_that_nothing_can_be_found_by_is_none(remote: Any, wire: Wire, respx_mock) -> None:
    """The job may exist, so it is unconfirmed, and the reason fits into a line."""
    respx_mock.post(f"{BASE}/jobs").respond(json={"id": "1"})

    outcome, _ = await outcome_of(accepting(remote=remote), wire)

    assert isinstance(outcome, Unconfirmed)
    assert len(outcome.failure.message) < 400


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("status", "running"),
        ("provider_status", 5),
        ("progress", "half"),
        ("progress", Decimal("0.5")),
        ("queue_position", "next"),
        ("eta", "soon"),
        ("retry_after", "soon"),
        ("failure", "bad"),
        ("artifacts", None),
        ("artifacts", ["https://cdn.example/1.png"]),
        ("artifacts", [Artifact(name="image", kind="image", url=5)]),  # type: ignore[arg-type]  # as a careless plugin
    ],
)
@respx.mock(using="taskferry")
async def test_a_part_of_the_wrong_type_is_named(part: str, value: Any, wire: Wire, respx_mock) -> None:
    """The look fails as any look may; it is not an error inside taskferry."""
    respx_mock.get(f"{BASE}/jobs/1").respond(json={})

    with pytest.raises(AdapterError, match=f"`{part}`"):
        await fetch(seeing(**{part: value}), {"id": "1"}, wire)


@pytest.mark.parametrize("error", [SystemExit(3), Speechless()], ids=["exit", "speechless"])
@respx.mock(using="taskferry")
async def test_a_plugin_that_wants_to_end_the_process_is_a_broken_one(
    error: BaseException, wire: Wire, respx_mock
) -> None:
    """It is told as what it raised, and so is an error that cannot say what it is."""
    respx_mock.post(f"{BASE}/jobs").respond(json={"id": "1"})

    outcome, _ = await outcome_of(raising(error), wire)

    assert isinstance(outcome, Unconfirmed)
    assert type(error).__name__ in outcome.failure.message


@pytest.mark.parametrize("wanted", [CancelOutcome, Balance, (list, tuple)], ids=["cancel", "balance", "recent"])
@pytest.mark.parametrize("given", [None, "accepted"])
@respx.mock(using="taskferry")
async def test_an_ability_that_gives_something_else_is_a_broken_one(
    wanted: Any, given: Any, wire: Wire, respx_mock
) -> None:
    """A list of jobs that is none, above all, is no proof that a job is absent."""
    respx_mock.get(f"{BASE}/any").respond(json={})

    def ability() -> Any:
        yield Call.get("/any")
        return given

    with pytest.raises(AdapterError, match="not a "):
        await ask(ability(), wire, Acme().failure, wanted)


@pytest.mark.parametrize("value", NOT_AMOUNTS, ids=repr)
def test_a_price_that_cannot_be_counted_is_an_error(value: Any) -> None:
    """Nothing was sent yet: a price below zero would lift a cap."""
    adapter = type("Pricing", (Acme,), {"estimate": lambda self, request: Amount(value=value, unit="USD")})()

    with pytest.raises(AdapterError, match="Nothing was sent"):
        price_of(adapter, IMAGE, {})


@pytest.mark.parametrize("error", [ValueError("odd"), SystemExit(3), Speechless()], ids=["value", "exit", "speechless"])
def test_an_estimate_that_raises_is_a_broken_plugin(error: BaseException) -> None:
    """It is an error of the plugin with its name, and no traceback."""
    with pytest.raises(AdapterError, match=type(error).__name__):
        price_of(raising(error), IMAGE, {})


@pytest.mark.parametrize(("part", "value"), [("eta", 1e300), ("queue_position", 10**30)])
def test_a_forecast_beyond_all_measure_is_none(part: str, value: Any) -> None:
    """Nobody waits for a million years, and no ledger has a number for it."""
    queued = Snapshot(id="t", provider="acme", operation="acme/image", status=Status.QUEUED, looked_at=1.0)

    seen = observe(queued, Observation(status=Status.QUEUED, provider_status="new", **{part: value}), 2.0, 2.0)

    assert getattr(seen, part) is None
