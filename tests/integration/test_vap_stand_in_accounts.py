"""Accounts at VAP's stand-in: registration, deposits, tiers and the scope of keys."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from integration.acme_stand_in import Clock
from integration.vap_client import Vap, connected, hosted
from taskferry.sandbox import Running


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[Running, Clock]]:
    """One server for the module; each test begins with a reset."""
    with hosted() as vap_and_clock:
        yield vap_and_clock


@pytest.fixture
def vap(server: tuple[Running, Clock]) -> Iterator[Vap]:
    """A client with the stand-in's own key, at a stand-in that has forgotten everything."""
    with connected(server) as vap:
        yield vap


VIDEO = ("/v3/tasks", {"type": "video", "params": {"description": "waves"}})
IMAGE = ("/v3/tasks", {"type": "image", "params": {"description": "a fox"}})
UPSCALE = ("/v3/operations", {"operation": "upscale", "media_url": "https://example.com/fox.png"})
CAMPAIGN = ("/v3/execute", {"preset": "streaming_campaign", "prompt": "a roastery"})


def key(tier: int) -> dict[str, str]:
    """The header of a key of a tier."""
    return {"Authorization": f"Bearer vap_tier{tier}_0123456789"}


def test_a_new_agent_gets_a_key_that_works(vap: Vap) -> None:
    """Without a key of its own; the account behind it is new."""
    agent = httpx.post(f"{vap.server.base_url}/v3/agents", json={"name": "painter"}).json()

    balance = vap.client.get("/v3/balance", headers={"Authorization": f"Bearer {agent['api_key']}"}).json()

    assert sorted(agent) == ["agent_id", "api_key", "message", "name"]
    assert balance["usable"] == 10_000


def test_an_agent_has_a_name(vap: Vap) -> None:
    """A registration without one is refused."""
    assert httpx.post(f"{vap.server.base_url}/v3/agents", json={"Name": "painter"}).status_code == 422


@pytest.mark.parametrize("amount", [5, 5.0, "5.00"])
def test_a_deposit_waits_for_its_payment(vap: Vap, amount: Any) -> None:
    """It names how to pay; the balance does not move."""
    deposit = vap.client.post("/v3/deposits/init", json={"amount": amount, "provider": "crypto"}).json()

    assert (deposit["status"], deposit["amount"], deposit["currency"]) == ("awaiting", "5.0000", "USD")
    assert deposit["payment_reference"].startswith("DEP-")
    assert vap.balance()["balance"] == 10_000


@pytest.mark.parametrize(
    "body", [{}, {"amount": 0}, {"amount": True}, {"amount": "much"}, {"amount": "NaN"}, {"amount": 5, "provider": "x"}]
)
def test_a_wrong_deposit_is_refused(vap: Vap, body: dict[str, Any]) -> None:
    """Amounts are above 0, and there are two ways to pay."""
    assert vap.client.post("/v3/deposits/init", json=body).status_code == 422


@pytest.mark.parametrize(
    ("tier", "create", "status"),
    [
        (0, IMAGE, 403),
        (1, IMAGE, 200),
        (1, UPSCALE, 200),
        (1, VIDEO, 403),
        (2, VIDEO, 200),
        (2, CAMPAIGN, 403),
        (3, CAMPAIGN, 200),
    ],
)
def test_a_tier_allows_what_the_papers_say(vap: Vap, tier: int, create: tuple[str, Any], status: int) -> None:
    """Nothing in tier 0, images and edits in 1, video in 2, presets in 3; a key tells its tier."""
    reply = vap.client.post(create[0], json=create[1], headers=key(tier))

    assert reply.status_code == status
    assert status == 200 or reply.json()["error"]["code"] == "tier_limit_exceeded"


@pytest.mark.parametrize(("tier", "limit"), [(0, "10"), (1, "60"), (2, "300"), (3, "1000")])
def test_a_tier_has_its_rate(vap: Vap, tier: int, limit: str) -> None:
    """Told in every reply."""
    assert vap.client.get("/v3/balance", headers=key(tier)).headers["x-ratelimit-limit"] == limit


def test_the_rate_of_a_low_tier_is_held(vap: Vap) -> None:
    """The eleventh request of tier 0 in a minute is told to wait."""
    statuses = [vap.client.get("/v3/balance", headers=key(0)).status_code for _ in range(11)]

    assert statuses == [200] * 10 + [429]


def test_a_tier_has_a_daily_limit(vap: Vap) -> None:
    """Ten dollars in tier 1: the 56th picture is refused."""
    statuses = []
    for _ in range(56):
        statuses.append(vap.client.post(IMAGE[0], json=IMAGE[1], headers=key(1)).status_code)
        vap.clock.now += 2

    assert statuses == [200] * 55 + [403]


def test_a_tier_has_a_limit_by_the_task(vap: Vap) -> None:
    """Four fine pictures in one task are more than a dollar."""
    body = {"kind": "image", "prompt": "a fox", "params": {"quality": "high", "quantity": 4}}

    error = vap.client.post("/api/v1/generations", json=body, headers=key(1)).json()["error"]

    assert error["code"] == "tier_limit_exceeded"
    assert error["details"] == {"max_task_cost": "1.0000", "required": "1.0800"}


def test_a_key_of_the_coding_plan_is_of_the_wrong_scope(vap: Vap) -> None:
    """Keys are for one product; what the service answers is not documented, so it is that of a bad key."""
    reply = vap.client.get("/v3/balance", headers={"Authorization": "Bearer vap_code_0123456789"})

    assert (reply.status_code, reply.json()["error"]["code"]) == (401, "invalid_api_key")


def test_its_variables_reach_the_vendors_clients(vap: Vap) -> None:
    """Base URL and key for taskferry, both URLs of the vendor's clients, and the secret of webhooks."""
    base_url, env = vap.server.base_url, vap.server.env

    assert env["TASKFERRY_VAP_BASE_URL"] == env["VAP_API_BASE_URL"] == base_url
    assert env["VAP_API_URL"] == f"{base_url}/mcp"
    assert env["VAP_WEBHOOK_SECRET"] == vap.server.stand_in.webhook_secret
