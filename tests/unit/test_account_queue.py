"""The place that a look takes in its account's rate: when it is taken, and when it is too old."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from attrs import evolve

from acme import AcmeAdapter
from taskferry.accounts import Account
from taskferry.credentials import Secret
from taskferry.poller.account_queue import AccountQueue
from taskferry.poller.own_limits import OwnLimits
from taskferry.poller.pace import KEPT, pace_of
from taskferry.transport import Transport, Wire

INTERVAL = 1 / pace_of(6)[0]


class Slow(AcmeAdapter):
    """Six requests a minute, none of them together with another."""

    service = evolve(AcmeAdapter.service, requests_per_minute=6)


@pytest.fixture
async def queue() -> AsyncIterator[AccountQueue]:
    transport = Transport(now=lambda: 1_000_000_000.0)
    base, key = Slow.service.base_url, Secret("sesame", "the test")
    account = Account(adapter=Slow(), generation="v1", base_url=base, key=key, fingerprint="0123")
    limits = OwnLimits().of(("acme", "v1", base, "0123"), Slow.service.requests_per_minute)
    yield AccountQueue(account, Wire(transport, Slow.service, base, key), limits)
    await transport.aclose()


async def test_looks_and_creates_take_places_in_the_same_rate(queue: AccountQueue) -> None:
    """One process on its own counts both, as many that share an account do."""
    first = queue.wait(0.0)

    assert first == 0.0
    assert queue.gate.slot(0.0) == pytest.approx(INTERVAL)
    assert queue.wait(0.0) == pytest.approx(2 * INTERVAL)


async def test_one_that_waits_leaves_at_its_time(queue: AccountQueue) -> None:
    """Or a little later."""
    queue.wait(0.0)

    wait = queue.wait(0.0)

    assert wait == pytest.approx(INTERVAL)
    assert queue.closed(wait + 0.5) == 0.0


async def test_a_place_that_was_slept_through_is_taken_anew(queue: AccountQueue) -> None:
    """As by a process that stood still: others of the account have been there meanwhile."""
    queue.wait(0.0)
    wait = queue.wait(0.0)
    queue.gate.slot(0.0)

    late = queue.closed(wait + KEPT + 1.0)

    assert late == pytest.approx(2 * INTERVAL - KEPT - 1.0)


async def test_no_place_is_taken_while_the_provider_asks_to_wait(queue: AccountQueue) -> None:
    """It would be too old by then; one that was taken before is."""
    queue.wait(0.0)
    wait = queue.wait(0.0)
    queue.bucket.close(wait + 30.0)

    again = queue.closed(wait)
    after = [queue.wait(wait + 30.0), queue.gate.slot(wait + 30.0)]

    assert again == pytest.approx(30.0)
    assert after == pytest.approx([0.0, INTERVAL])


async def test_an_upload_before_a_create_is_charged_before_the_next_create(queue: AccountQueue) -> None:
    """Even where nothing is looked at yet."""
    queue.gate.slot(0.0)
    queue.wire.answered += 2

    wait = queue.gate.slot(0.0)

    assert wait == pytest.approx(2 * INTERVAL)


def test_the_generations_of_an_api_take_places_in_one_rate() -> None:
    """The account has one limit, whatever its addresses are called."""
    limits = OwnLimits()

    old = limits.of(("acme", "v1", "https://api.acme.example", "0123"), 6)
    new = limits.of(("acme", "v2", "https://api.acme.example", "0123"), 6)

    assert old is new
    assert limits.of(("acme", "v2", "https://api.acme.example", "4567"), 6) is not old
