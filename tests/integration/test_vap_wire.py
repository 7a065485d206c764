"""The VAP V3 adapter at the wire: what leaves for VAP's real host, and what each way of answering comes to."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from decimal import Decimal
from typing import Any

import httpx
import pytest
import respx

import taskferry.testing  # noqa: F401 -- registers the mocker
from taskferry import Accepted, FailureKind, MalformedReply, ProviderError, Reply, ReplyLost, Request, Status
from taskferry.credentials import Secret
from taskferry.exchange import NotReceived, Refused, SubmitOutcome, Unconfirmed, fetch, pack, replay, run, submit
from taskferry.transport import Transport, Wire
from taskferry_vap.adapter import VapAdapter
from taskferry_vap.operations import IMAGE, VIDEO

HOST = "https://api.vapagent.com"
KEY = "vape_0123456789abcdef"
TASK_ID = "550e8400-e29b-41d4-a716-446655440000"
REMOTE = {"task_id": TASK_ID, "kind": "image"}
CREATED = {"task_id": TASK_ID, "status": "pending", "estimated_cost": "0.1800"}
VAP = VapAdapter()
FOX = Request(task_id="ours", operation=IMAGE, parameters={"prompt": "a fox", "aspect_ratio": "16:9"})


class Notes:
    """A journal that remembers the order of things."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.packed = b""

    async def sending(self) -> None:
        self.lines.append("sending")

    async def replied(self, reply: Reply) -> None:
        self.lines.append(f"replied {reply.status}")
        self.packed = pack(reply)


@pytest.fixture
def host() -> Iterator[respx.Router]:
    with respx.mock(using="taskferry", assert_all_called=False) as router:
        yield router


@pytest.fixture
async def wire() -> AsyncIterator[Wire]:
    transport = Transport(now=lambda: 1767960000.0)
    yield Wire(transport, VAP.service, VAP.service.base_url, Secret(KEY, "the test"))
    await transport.aclose()


@pytest.fixture
def notes() -> Notes:
    return Notes()


async def create(host: respx.Router, wire: Wire, notes: Notes, **answered: Any) -> tuple[SubmitOutcome, int]:
    """Submit once against an answer; give the outcome and how many creates arrived."""
    route = host.post(f"{HOST}/v3/tasks").mock(**answered)
    outcome = await submit(VAP, FOX, wire, notes)
    return outcome, route.call_count


async def test_a_create_is_what_the_papers_show(host: respx.Router, wire: Wire, notes: Notes) -> None:
    """URL, headers and body as documented; one create; noted before it leaves and before it is read."""
    outcome, creates = await create(host, wire, notes, return_value=httpx.Response(200, json=CREATED))

    sent = host.calls.last.request
    assert (sent.method, str(sent.url)) == ("POST", f"{HOST}/v3/tasks")
    assert sent.headers["authorization"] == f"Bearer {KEY}"
    assert sent.headers["content-type"] == "application/json"
    assert json.loads(sent.content) == {
        "type": "image",
        "params": {"description": "a fox", "aspect_ratio": "16:9"},
    }
    assert creates == 1
    assert notes.lines == ["sending", "replied 200"]
    assert isinstance(outcome, Accepted)
    assert outcome.remote == REMOTE
    assert outcome.cost is not None
    assert outcome.cost.estimated == Decimal("0.1800")


@pytest.mark.parametrize(
    "answered",
    [
        {"side_effect": httpx.ReadError("gone")},
        {"side_effect": httpx.ReadTimeout("slow")},
        {"side_effect": httpx.RemoteProtocolError("no reply")},
        {"return_value": httpx.Response(502, html="<h1>Bad gateway</h1>")},
        {"return_value": httpx.Response(500, json={"error": {"code": "internal", "message": "Oops"}})},
        {"return_value": httpx.Response(503, json={"error": "maintenance"}, headers={"Retry-After": "60"})},
        {"return_value": httpx.Response(302, headers={"Location": "https://elsewhere.example/"})},
        {"return_value": httpx.Response(200, json={"status": "pending", "estimated_cost": "0.18"})},
        {"return_value": httpx.Response(200, json={"success": False, "error": "odd"})},
        {"return_value": httpx.Response(200, text='{"task_id": "550e')},
        {"return_value": httpx.Response(200, json=[])},
    ],
    ids=repr,
)
async def test_a_create_without_a_readable_answer_is_unconfirmed(
    host: respx.Router, wire: Wire, notes: Notes, answered: dict[str, Any]
) -> None:
    """A paid task may exist, and VAP has no idempotency key to ask with: it is never sent again."""
    outcome, creates = await create(host, wire, notes, **answered)

    assert isinstance(outcome, Unconfirmed)
    assert creates == 1


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (401, {"error": {"code": "invalid_api_key", "message": "Bad key"}}, FailureKind.AUTH),
        (402, {"error": {"code": "insufficient_balance", "message": "Not enough"}}, FailureKind.FUNDS),
        (403, {"error": {"code": "insufficient_balance", "message": "Not enough"}}, FailureKind.FUNDS),
        (402, {"error": "Insufficient balance", "balance": 0.05, "required": 0.18}, FailureKind.FUNDS),
        (403, {"error": {"code": "tier_limit_exceeded", "message": "Tier 1"}}, FailureKind.FORBIDDEN),
        (403, {"error": {"code": "agent_paused", "message": "Paused"}}, FailureKind.FORBIDDEN),
        (400, {"error": {"code": "invalid_description", "message": "Empty"}}, FailureKind.VALIDATION),
        (400, {"error": {"code": "content_policy_violation", "message": "No"}}, FailureKind.MODERATED),
        (422, {"detail": [{"loc": ["body", "params"], "msg": "no", "type": "x"}]}, FailureKind.VALIDATION),
        (409, {"error": "duplicate idempotency key"}, FailureKind.CONFLICT),
    ],
)
async def test_a_refused_create_says_why(
    host: respx.Router, wire: Wire, notes: Notes, status: int, body: Any, kind: FailureKind
) -> None:
    """Nothing exists at VAP, nothing is billed."""
    outcome, creates = await create(host, wire, notes, return_value=httpx.Response(status, json=body))

    assert isinstance(outcome, Refused)
    assert (outcome.failure.kind, outcome.failure.http_status, creates) == (kind, status, 1)


async def test_a_rate_limited_create_may_be_sent_again_later(host: respx.Router, wire: Wire, notes: Notes) -> None:
    """A 429 takes nothing, and says when to come back."""
    limited = {"error": {"code": "rate_limit_exceeded", "message": "Slow down", "details": {"retry_after": 30}}}
    answer = httpx.Response(429, json=limited, headers={"Retry-After": "17"})

    outcome, creates = await create(host, wire, notes, return_value=answer)

    assert isinstance(outcome, NotReceived)
    assert (outcome.failure.kind, outcome.failure.retry_after, creates) == (FailureKind.RATE_LIMITED, 17.0, 1)


async def test_a_create_that_found_no_server_was_not_received(host: respx.Router, wire: Wire, notes: Notes) -> None:
    """Only a failed connect proves that."""
    outcome, _ = await create(host, wire, notes, side_effect=httpx.ConnectError("refused"))

    assert isinstance(outcome, NotReceived)
    assert outcome.failure.kind is FailureKind.NOT_SENT


async def test_a_kept_create_reply_still_gives_the_task(host: respx.Router, wire: Wire, notes: Notes) -> None:
    """A process that died right after the reply lost nothing."""
    outcome, _ = await create(host, wire, notes, return_value=httpx.Response(200, json=CREATED))

    found = replay(VAP, FOX, notes.packed, VAP.service.base_url)

    assert isinstance(outcome, Accepted)
    assert found is not None
    assert found.remote == outcome.remote


async def test_a_look_is_one_signed_read(host: respx.Router, wire: Wire) -> None:
    """The raw body is kept beside what was read from it."""
    done = {"task_id": TASK_ID, "type": "image_generation", "status": "completed", "error": None,
            "estimated_cost": "0.18", "actual_cost": "0.0527",
            "result": {"image_url": "https://replicate.delivery/x.webp"}}  # fmt: skip
    host.get(f"{HOST}/v3/tasks/{TASK_ID}").respond(200, json=done)

    seen = await fetch(VAP, REMOTE, wire)

    assert host.calls.last.request.headers["authorization"] == f"Bearer {KEY}"
    assert (seen.status, [artifact.url for artifact in seen.artifacts]) == (
        Status.SUCCEEDED, ["https://replicate.delivery/x.webp"],
    )  # fmt: skip
    assert seen.cost is not None
    assert (seen.cost.estimated, seen.cost.actual) == (Decimal("0.18"), Decimal("0.0527"))
    assert seen.raw is not None
    assert json.loads(seen.raw) == done


async def test_a_failed_task_is_an_observation(host: respx.Router, wire: Wire) -> None:
    """The look itself went well."""
    failed = {"task_id": TASK_ID, "status": "failed", "error": {"code": "provider_error", "message": "GPU lost"}}
    host.get(f"{HOST}/v3/tasks/{TASK_ID}").respond(200, json=failed)

    seen = await fetch(VAP, REMOTE, wire)

    assert seen.status is Status.FAILED
    assert seen.failure is not None
    assert (seen.failure.kind, seen.failure.code) == (FailureKind.PROVIDER, "provider_error")


@pytest.mark.parametrize(
    ("answered", "error"),
    [
        ({"return_value": httpx.Response(404, json={"error": {"code": "task_not_found"}})}, ProviderError),
        ({"return_value": httpx.Response(502, html="<h1>Bad gateway</h1>")}, ProviderError),
        ({"return_value": httpx.Response(302, headers={"Location": "/login"})}, MalformedReply),
        ({"return_value": httpx.Response(200, html="<h1>Hello</h1>")}, MalformedReply),
        ({"return_value": httpx.Response(200, json={"task_id": TASK_ID})}, MalformedReply),
        ({"side_effect": httpx.ReadError("gone")}, ReplyLost),
    ],
    ids=repr,
)
async def test_a_look_that_goes_wrong_says_how(
    host: respx.Router, wire: Wire, answered: dict[str, Any], error: type[Exception]
) -> None:
    """What to do next depends on it; the key is in none of the messages."""
    host.get(f"{HOST}/v3/tasks/{TASK_ID}").mock(**answered)

    with pytest.raises(error) as caught:
        await fetch(VAP, REMOTE, wire)

    assert KEY not in str(caught.value)


async def test_balance_falls_back_to_its_older_place(host: respx.Router, wire: Wire) -> None:
    """Papers since February and the SDK name different ones."""
    host.get(f"{HOST}/v3/agents/me/balance").respond(404, json={"detail": "Not Found"})
    host.get(f"{HOST}/v3/balance").respond(200, json={"balance": 5.00, "currency": "USD"})

    balance, _ = await run(VAP.balance(), wire, VAP.failure)

    assert (balance.available, balance.unit) == (Decimal(5), "USD")


async def test_balance_with_a_wrong_key_is_not_asked_for_twice(host: respx.Router, wire: Wire) -> None:
    """Only a missing place leads to the other one."""
    host.get(f"{HOST}/v3/agents/me/balance").respond(401, json={"error": {"code": "invalid_api_key"}})

    with pytest.raises(ProviderError):
        await run(VAP.balance(), wire, VAP.failure)

    assert host.calls.call_count == 1


async def test_recent_asks_for_as_many_as_vap_gives(host: respx.Router, wire: Wire) -> None:
    """Fifty tasks at most, matched by the kind of the request."""
    listing = {"tasks": [{"task_id": "a", "type": "video"}, {"task_id": "b", "type": "image"}], "total": 2}
    host.get(f"{HOST}/v3/tasks", params={"limit": "50"}).respond(200, json=listing)
    wanted = Request(task_id="ours", operation=VIDEO, parameters={"prompt": "sea"})

    found, _ = await run(VAP.recent(wanted), wire, VAP.failure)

    assert [candidate.remote for candidate in found] == [{"task_id": "a", "kind": "video"}]
