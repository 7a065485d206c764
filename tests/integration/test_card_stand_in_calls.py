"""What a card's stand-in answers to each call: to taskferry itself, and to a client that does it wrong."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from integration.card_stand_ins import ACME, FABLE, UNHURRIED, DrawnOnce, ferry_for
from integration.webhook_receiver import receiving
from taskferry import CancelOutcome, Finished, Status
from taskferry.cards import card_adapter
from taskferry.sandbox import Running, Settings, running
from taskferry.sandbox.media.image import image

SPEED = 100.0
FOX = {"prompt": "a red fox", "model": "best", "duration": 9, "aspect_ratio": "9:16", "negative_prompt": "snow"}


@pytest.fixture(scope="module")
def listening() -> Iterator[Mapping[str, Running]]:
    """The stand-ins of both cards."""
    with running({card.name: partial(DrawnOnce, card) for card in UNHURRIED}, speed=SPEED) as found:
        yield found


@pytest.fixture
def servers(listening: Mapping[str, Running]) -> Mapping[str, Running]:
    """The same, as if nobody had been there."""
    for server in listening.values():
        server.stand_in.reset()
    return listening


@pytest.fixture
def acme(servers: Mapping[str, Running]) -> Iterator[httpx.Client]:
    """A client of acme's stand-in that says what every call has to say."""
    server = servers["acme"]
    headers = {"X-Key": f"Key {server.env['ACME_API_KEY']}", "X-Version": "2026-11-01"}
    with httpx.Client(base_url=server.env["TASKFERRY_ACME_BASE_URL"], headers=headers) as client:
        yield client


def create(acme: httpx.Client, **changes: Any) -> httpx.Response:
    """Send the least create of a video, with changes."""
    sent: dict[str, Any] = {
        "url": "/jobs/best/video",
        "params": {"quality": "final"},
        "headers": {"Idempotency-Key": "t-1"},
        "json": {
            "tag": "taskferry t-1",
            "list": ["fixed"],
            "input": {"prompt": "a fox", "size": {"ratio": "1280:720"}},
        },
    }
    return acme.post(**{**sent, **changes})


async def test_a_job_comes_to_its_files(servers: Mapping[str, Running], tmp_path: Path) -> None:
    """A list of results and a single one are kept, and the cost is what the reply says."""
    async with ferry_for(servers, tmp_path, *UNHURRIED, speed=SPEED) as ferry:
        task = await ferry.submit("acme/video", FOX, allow_unpriced=True)

        outcome = await task.wait(timeout=60)

    assert isinstance(outcome, Finished)
    assert outcome.snapshot.status is Status.SUCCEEDED
    assert [artifact.name for artifact in outcome.snapshot.artifacts] == ["video-1", "video-2", "preview"]
    assert [artifact.media_type for artifact in outcome.snapshot.artifacts] == ["video/mp4", "video/mp4", "image/png"]
    assert all(artifact.path is not None and artifact.path.is_file() for artifact in outcome.snapshot.artifacts)


async def test_the_parameters_arrive_as_they_were_given(servers: Mapping[str, Running], tmp_path: Path) -> None:
    """Through places, words, texts and paths in the body, and back again."""
    async with ferry_for(servers, tmp_path, *UNHURRIED, speed=SPEED) as ferry:
        await ferry.submit("acme/video", FOX, seed=7)

    (job,) = servers["acme"].stand_in.jobs
    assert job.input == {**FOX, "seed": 7, "quality": "final"}
    assert (job.type, job.prompt) == ("video", "a red fox")


async def test_a_file_is_uploaded_and_the_further_read_finds_the_result(
    servers: Mapping[str, Running], tmp_path: Path
) -> None:
    """Put to an address asked for, polled at an address given, found by an id in the status reply; money is taken."""
    picture = tmp_path / "fox.png"
    picture.write_bytes(image("a fox", 64, 64))
    async with ferry_for(servers, tmp_path, *UNHURRIED, speed=SPEED) as ferry:
        before = await ferry.balance("acme")
        task = await ferry.submit("acme/model", image=picture, count=2)

        outcome = await task.wait(timeout=60)

        after = await ferry.balance("acme")
    (job,) = servers["acme"].stand_in.jobs
    assert outcome.snapshot.status is Status.SUCCEEDED
    assert [artifact.media_type for artifact in outcome.snapshot.artifacts] == ["model/gltf-binary"]
    assert (job.prompt, str(job.input["image"])[:7]) == ("fox.png", "acme://")
    assert (before.available, before.available - after.available) == (Decimal(10_000), Decimal("0.80"))


async def test_a_cancelled_job_ends_and_costs_nothing(servers: Mapping[str, Running], tmp_path: Path) -> None:
    """The wish is taken once; a second one comes too late."""
    async with ferry_for(servers, tmp_path, *UNHURRIED, speed=SPEED) as ferry:
        task = await ferry.submit("acme/video", prompt="a fox [[stuck]]")

        outcome = await task.cancel()

        ended = await task.wait(timeout=60)
        account = servers["acme"].stand_in.accounts.open(servers["acme"].env["ACME_API_KEY"])
    assert outcome is CancelOutcome.ACCEPTED
    assert ended.snapshot.status is Status.CANCELLED
    assert account.reserved == 0


def test_a_cancel_after_the_end_comes_too_late(servers: Mapping[str, Running], acme: httpx.Client) -> None:
    """It is answered in the provider's shape."""
    job_id = create(
        acme, json={"tag": "taskferry t-1", "list": ["fixed"], "input": {"prompt": "a [[queue:0]][[run:0]]"}}
    )
    path = f"/jobs/{job_id.json()['data']['id']}/cancel"

    reply = acme.post(path, json={"reason": "the caller wished it"})

    assert (reply.status_code, reply.json()["error"]["message"]) == (409, "The job has ended.")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"headers": {}}, "the header Idempotency-Key is missing"),
        ({"headers": {"Idempotency-Key": "t-1", "X-Version": "2020-01-01"}}, "the header X-Version is '2020-01-01'"),
        ({"url": "/jobs/slow/video"}, 'model: "slow" is not one of'),
        ({"params": {"quality": "ugly"}}, 'quality: "ugly" is not one of'),
        ({"json": {"tag": "taskferry t-1", "list": ["fixed"], "input": {}}}, '"prompt" is a required property'),
        ({"json": {"list": ["fixed"], "input": {"prompt": "a fox"}}}, "body.tag is missing"),
        ({"json": {"tag": "x", "list": ["fixed"], "input": {"prompt": "a fox"}}}, "body.tag is 'x' instead of"),
        ({"json": {"tag": "taskferry t-1", "list": [], "input": {"prompt": "a fox"}}}, "body.list[1] is missing"),
        ({"json": None, "content": b"{"}, "The body is not JSON"),
        ({"json": None}, '"prompt" is a required property'),
    ],
)
def test_a_create_that_the_card_would_not_send_is_refused(
    acme: httpx.Client, servers: Mapping[str, Running], changes: dict[str, Any], said: str
) -> None:
    """What is wrong is said in the provider's own shape of an error."""
    reply = create(acme, **changes)

    assert (reply.status_code, list(servers["acme"].stand_in.jobs)) == (400, [])
    assert said in reply.json()["error"]["message"]


@pytest.mark.parametrize(
    ("key", "path", "status"),
    [("", "/account", 401), ("Key acme-key-1", "/nowhere", 404), ("acme-key-1", "/account", 401)],
)
def test_an_error_has_the_provider_s_shape(acme: httpx.Client, key: str, path: str, status: int) -> None:
    """Also where no call of the card is meant."""
    reply = acme.get(path, headers={"X-Key": key})

    assert reply.status_code == status
    assert reply.json()["error"]["message"]


def test_the_base_url_may_lack_the_prefix_of_the_card(servers: Mapping[str, Running], acme: httpx.Client) -> None:
    """The one that is printed is an origin only."""
    reply = acme.get(f"{servers['acme'].base_url}/account")

    assert reply.json() == {"code": 0, "data": {"cents": 1_000_000}}


async def test_a_job_whose_create_reply_was_lost_is_found_in_the_list(
    servers: Mapping[str, Running], tmp_path: Path
) -> None:
    """With all that its create reply would have said, the caller's own parameters among it."""
    async with ferry_for(servers, tmp_path, *UNHURRIED, speed=SPEED) as ferry:
        await ferry.submit("acme/video", FOX)
        lost = await ferry.submit("acme/video", {**FOX, "prompt": "a hen [[lost-reply]]"})

        settled = await ferry.reconcile(lost.id)

        remote = (await ferry.task(lost.id)).record.remote
    assert settled.outcome == "adopted"
    assert remote == {"id": [job.id for job in servers["acme"].stand_in.jobs][1], "model": "best", "operation": "video"}


def test_a_job_of_another_account_is_not_there(acme: httpx.Client) -> None:
    """Whatever its id."""
    job_id = create(acme).json()["data"]["id"]

    reply = acme.get(f"/jobs/{job_id}", headers={"X-Key": "Key another-one"})

    assert reply.status_code == 404


def test_the_admin_endpoints_show_jobs_and_requests(servers: Mapping[str, Running], acme: httpx.Client) -> None:
    """As those of every stand-in do."""
    job_id = create(acme).json()["data"]["id"]
    acme.get(f"/jobs/{job_id}")

    tasks = acme.get(f"{servers['acme'].base_url}/_sandbox/tasks").json()["tasks"]
    requests = acme.get(f"{servers['acme'].base_url}/_sandbox/requests").json()["requests"]

    assert [(task["task_id"], task["type"], task["status"], task["prompt"]) for task in tasks] == [
        (job_id, "video", "pending", "a fox")
    ]
    assert [(one["kind"], one["task_ids"]) for one in requests] == [("create", [job_id]), ("read", [job_id])]


def test_more_requests_than_the_card_allows_are_turned_down() -> None:
    """With the time to wait, as the provider would say no."""
    with running({"acme": partial(DrawnOnce, ACME)}) as servers:
        url, key = servers["acme"].env["TASKFERRY_ACME_BASE_URL"], servers["acme"].env["ACME_API_KEY"]
        headers = {"X-Key": f"Key {key}", "X-Version": "2026-11-01"}
        with httpx.Client(base_url=url, headers=headers) as client:
            replies = [client.get("/account") for _ in range(121)]

    assert [reply.status_code for reply in replies] == [200] * 120 + [429]
    assert int(replies[-1].headers["retry-after"]) > 0


async def test_the_end_of_a_job_is_announced_and_signed(servers: Mapping[str, Running], tmp_path: Path) -> None:
    """To the address that is registered, in a way that the card verifies."""
    server = servers["acme"]
    with receiving() as receiver:
        httpx.post(f"{server.base_url}/_sandbox/webhooks", json={"url": receiver.url}).raise_for_status()
        async with ferry_for(servers, tmp_path, *UNHURRIED, speed=SPEED) as ferry:
            task = await ferry.submit("acme/video", prompt="a fox")
            remote = task.record.remote
        received = receiver.next()

    adapter = card_adapter(ACME)
    named = adapter.verify_webhook(received.headers, received.body, server.env["ACME_WEBHOOK_SECRET"], 0.0)  # type: ignore[attr-defined]  # the card has [webhook]
    assert json.loads(received.body)["data"]["state"] == "done"
    assert named["id"] == remote["id"]


def test_a_card_without_webhooks_names_no_secret() -> None:
    """Nor does it name a variable for a key where there is none."""
    env = DrawnOnce(FABLE, Settings()).env("http://127.0.0.1:1")

    assert env.keys() == {"TASKFERRY_FABLE_BASE_URL", "FABLE_API_KEY"}
    assert env["TASKFERRY_FABLE_BASE_URL"] == "http://127.0.0.1:1/v1"
