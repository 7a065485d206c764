"""The way of one job through the ferry, on a clock that jumps and a wire in respx's hands."""

from __future__ import annotations

import collections
from decimal import Decimal
from pathlib import Path

import httpx
import pytest
import respx
from attrs import evolve

import acme
from taskferry import (
    CancelOutcome,
    CostExceeded,
    FailureKind,
    Finished,
    InvalidParameters,
    MissingKey,
    Snapshot,
    Status,
    StillRunning,
    UnknownName,
    UsageError,
)
from taskferry.exchange import pack
from taskferry.ledger import Record, open_ledger
from taskferry.machine import step
from taskferry.reply import Reply
from taskferry.testing import VirtualClock

DONE = {"state": "done", "images": ["https://cdn.acme.example/1.png?sig=1"]}


@pytest.fixture
async def clock():
    async with VirtualClock() as made:
        yield made


def jobs(mock: respx.MockRouter, *states: dict) -> respx.Route:
    """Answer a create with job 1, and its looks with the states in turn, the last one for good."""
    mock.post(f"{acme.BASE}/jobs").respond(json={"id": "1", "cost": "0.20"})
    replies = iter(states)
    last = [states[-1]]

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=next(replies, last[0]))

    mock.get("https://cdn.acme.example/1.png").respond(content=acme.PNG, headers={"content-type": "image/png"})
    return mock.get(f"{acme.BASE}/jobs/1").mock(side_effect=answer)


@respx.mock(using="taskferry", assert_all_called=False)
async def test_a_job_goes_from_intent_to_kept_file(tmp_path: Path, clock: VirtualClock, respx_mock) -> None:
    """Submit, look, keep: each change is told, and the file is where the snapshot says."""
    jobs(respx_mock, {"state": "waiting"}, {"state": "working", "percent": 40}, DONE)

    async with acme.ferry(tmp_path, clock=clock) as ferry:
        task = await ferry.submit("acme/image", prompt="a fox")
        seen = [snapshot async for snapshot in task.updates()]
        artifacts = await task.save(tmp_path / "out")

    assert [snapshot.status for snapshot in seen][-1] is Status.SUCCEEDED
    assert artifacts[0].path is not None
    assert artifacts[0].path.read_bytes() == acme.PNG
    assert artifacts[0].path.parent == tmp_path / "out"
    assert task.snapshot.cost.estimated == Decimal("0.20")


@respx.mock(using="taskferry", assert_all_called=False)
async def test_the_history_has_every_step(tmp_path: Path, clock: VirtualClock, respx_mock) -> None:
    """Append-only, from prepared to the end."""
    jobs(respx_mock, {"state": "working"}, DONE)

    async with acme.ferry(tmp_path, clock=clock) as ferry:
        task = await ferry.submit("acme/image", prompt="a fox")
        await task.wait()
        steps = [step.after.value for step in ferry.ledger.transitions(task.id)]

    assert steps == ["prepared", "submitting", "queued", "running", "succeeded"]


@respx.mock(using="taskferry", assert_all_called=False)
async def test_running_out_of_time_is_an_outcome(tmp_path: Path, clock: VirtualClock, respx_mock) -> None:
    """The token lets another ferry go on, and nothing is submitted twice."""
    create = jobs(respx_mock, {"state": "working"})

    async with acme.ferry(tmp_path, clock=clock) as ferry:
        first = await (await ferry.submit("acme/image", prompt="a fox")).wait(timeout=10)
    assert isinstance(first, StillRunning)
    create.side_effect = lambda request: httpx.Response(200, json=DONE)
    async with acme.ferry(tmp_path, clock=clock) as ferry:
        second = await (await ferry.resume(str(first.token))).wait()

    assert isinstance(second, Finished)
    assert second.snapshot.artifacts[0].path is not None
    assert respx_mock.post(f"{acme.BASE}/jobs").call_count == 1


@respx.mock(using="taskferry", assert_all_called=False)
async def test_one_bad_look_does_not_end_a_wait(tmp_path: Path, clock: VirtualClock, respx_mock) -> None:
    """Neither a 502, nor a broken connection, nor nonsense."""
    route = jobs(respx_mock, DONE)
    route.side_effect = [
        httpx.Response(502, html="<h1>"),
        httpx.ReadTimeout("slow"),
        httpx.Response(200, text="{"),
        httpx.Response(429, headers={"retry-after": "30"}),
        httpx.Response(200, json=DONE),
    ]

    async with acme.ferry(tmp_path, clock=clock) as ferry:
        outcome = await (await ferry.submit("acme/image", prompt="a fox")).wait()

    assert isinstance(outcome, Finished)
    assert outcome.snapshot.status.ok


@respx.mock(using="taskferry", assert_all_called=False)
async def test_a_lost_reply_is_unconfirmed_and_reconciled_by_evidence(
    tmp_path: Path, clock: VirtualClock, respx_mock
) -> None:
    """The list shows one job with that prompt, so it is adopted; nothing was sent again."""
    create = respx_mock.post(f"{acme.BASE}/jobs").mock(side_effect=httpx.ReadError("gone"))
    listed = {"jobs": [{"id": "8", "prompt": "a hare"}, {"id": "1", "prompt": "a fox", "at": clock.now()}]}
    respx_mock.get(f"{acme.BASE}/jobs").respond(json=listed)
    respx_mock.get(f"{acme.BASE}/jobs/1").respond(json=DONE)
    respx_mock.get("https://cdn.acme.example/1.png").respond(content=acme.PNG)

    async with acme.ferry(tmp_path, clock=clock) as ferry:
        task = await ferry.submit("acme/image", prompt="a fox")
        waited = await task.wait()
        found = await ferry.reconcile(task.id)
        finished = await (await ferry.resume(task.id)).wait()

    assert isinstance(waited, StillRunning)
    assert waited.snapshot.status is Status.UNCONFIRMED
    assert (found.outcome, found.record.remote) == ("adopted", {"id": "1"})
    assert isinstance(finished, Finished)
    assert finished.snapshot.kept
    assert create.call_count == 1


@respx.mock(using="taskferry", assert_all_called=False)
async def test_a_job_that_two_candidates_fit_is_left_to_the_user(
    tmp_path: Path, clock: VirtualClock, respx_mock
) -> None:
    """The evidence is shown; --abandon or --adopt decide."""
    respx_mock.post(f"{acme.BASE}/jobs").mock(side_effect=httpx.ReadError("gone"))
    listed = {"jobs": [{"id": str(n), "prompt": "a fox", "at": clock.now()} for n in (1, 2)]}
    respx_mock.get(f"{acme.BASE}/jobs").respond(json=listed)

    async with acme.ferry(tmp_path, clock=clock) as ferry:
        task = await ferry.submit("acme/image", prompt="a fox")
        found = await ferry.reconcile(task.id)
        given_up = await ferry.reconcile(task.id, abandon=True)

    assert (found.outcome, len(found.candidates)) == ("ambiguous", 2)
    assert given_up.record.snapshot.status is Status.REFUSED


@respx.mock(using="taskferry", assert_all_called=False)
async def test_a_create_that_never_connects_is_tried_again_and_then_refused(
    tmp_path: Path, clock: VirtualClock, respx_mock
) -> None:
    """Nothing was sent, and the failure says so."""
    route = respx_mock.post(f"{acme.BASE}/jobs").mock(side_effect=httpx.ConnectError("no route"))

    async with acme.ferry(tmp_path, clock=clock) as ferry:
        task = await ferry.submit("acme/image", prompt="a fox")
        after_first = task.snapshot
        outcome = await task.wait()

    assert (after_first.status, after_first.next_try_at is not None) == (Status.PREPARED, True)
    assert isinstance(outcome, Finished)
    assert (outcome.snapshot.status, outcome.snapshot.failure.kind) == (Status.REFUSED, FailureKind.NOT_SENT)
    assert route.call_count == 5


@respx.mock(using="taskferry", assert_all_called=False)
async def test_a_full_provider_is_offered_the_job_again_when_it_says(
    tmp_path: Path, clock: VirtualClock, respx_mock
) -> None:
    """429 is documented as not taken; Retry-After is heeded."""
    jobs(respx_mock, DONE)
    create = respx_mock.post(f"{acme.BASE}/jobs")
    create.side_effect = [
        httpx.Response(429, headers={"retry-after": "40"}),
        httpx.Response(200, json={"id": "1"}),
    ]
    began = clock.now()

    async with acme.ferry(tmp_path, clock=clock) as ferry:
        task = await ferry.submit("acme/image", prompt="a fox")
        outcome = await task.wait()

    assert isinstance(outcome, Finished)
    assert outcome.snapshot.status.ok
    assert outcome.snapshot.submitted_at - began >= 40


@respx.mock(using="taskferry", assert_all_called=False)
async def test_jobs_beyond_a_providers_room_wait_for_their_turn(
    tmp_path: Path, clock: VirtualClock, respx_mock
) -> None:
    """Two at a time are taken; all twelve end, each created once, with few refusals on the way."""
    running: dict[str, float] = {}
    counts = collections.Counter[str]()

    def create(request: httpx.Request) -> httpx.Response:
        if sum(end > clock.now() for end in running.values()) >= 2:
            counts["refused"] += 1
            return httpx.Response(429, headers={"retry-after": "5"})
        counts["created"] += 1
        running[str(counts["created"])] = clock.now() + 30
        return httpx.Response(200, json={"id": str(counts["created"])})

    def look(request: httpx.Request) -> httpx.Response:
        over = running[request.url.path.rpartition("/")[2]] <= clock.now()
        return httpx.Response(200, json=DONE if over else {"state": "working"})

    respx_mock.post(f"{acme.BASE}/jobs").mock(side_effect=create)
    respx_mock.get(url__startswith=f"{acme.BASE}/jobs/").mock(side_effect=look)
    respx_mock.get("https://cdn.acme.example/1.png").respond(content=acme.PNG)

    async with acme.ferry(tmp_path, clock=clock) as ferry:
        tasks = [await ferry.submit("acme/image", prompt=f"fox {n}") for n in range(12)]
        outcomes = [await task.wait() for task in tasks]

    assert all(isinstance(outcome, Finished) and outcome.snapshot.status.ok for outcome in outcomes)
    assert counts["created"] == 12
    assert counts["refused"] < 60


@pytest.mark.parametrize(("reply", "expected"), [(None, Status.UNCONFIRMED), (b'{"id": "2"}', Status.SUCCEEDED)])
@respx.mock(using="taskferry", assert_all_called=False)
async def test_a_process_that_died_while_submitting_never_sends_again(
    reply: bytes | None, expected: Status, tmp_path: Path, clock: VirtualClock, respx_mock
) -> None:
    """A kept reply is read once more; without one the task is unconfirmed."""
    jobs(respx_mock, DONE)
    async with acme.ferry(tmp_path, clock=clock) as ferry:
        example = (await ferry.submit("acme/image", prompt="a hare")).record
    prepared = Snapshot(id="0dead", provider="acme", operation="acme/image", status=Status.PREPARED)
    with open_ledger(tmp_path) as dying:
        record = dying.add(Record(job=evolve(example.job, parameters={"prompt": "a fox"}), snapshot=prepared))
        submitting = evolve(record, snapshot=step(prepared, Status.SUBMITTING, clock.now()))
        dying.save(evolve(submitting, create_reply=None if reply is None else pack(Reply(200, reply))))
    respx_mock.get(f"{acme.BASE}/jobs/2").respond(json=DONE)

    async with acme.ferry(tmp_path, clock=clock) as ferry:
        resumed = await ferry.resume("0dead")
        await resumed.wait()

    assert resumed.snapshot.status is expected
    assert respx_mock.calls.call_count == len([call for call in respx_mock.calls if call.request.method == "GET"]) + 1


async def test_what_is_wrong_with_the_call_is_said_at_once_and_nothing_is_kept(
    tmp_path: Path, clock: VirtualClock
) -> None:
    """Names, parameters, key and cap are all checked before the ledger sees anything."""
    async with acme.ferry(tmp_path, clock=clock) as ferry:
        with pytest.raises(UnknownName, match=r"Did you mean acme/image"):
            await ferry.submit("acme/imag", prompt="a fox")
        with pytest.raises(UnknownName, match="provider 'acne'"):
            await ferry.submit("acne/image", prompt="a fox")
        with pytest.raises(InvalidParameters) as wrong:
            await ferry.submit("acme/image", prompt=3, promt="a fox")
        with pytest.raises(CostExceeded, match=r"0\.18 USD, more than the cap of 0\.1 USD"):
            await ferry.submit("acme/image", prompt="a fox", max_cost="0.10 USD")
        with pytest.raises(UsageError, match="is not an amount"):
            await ferry.submit("acme/image", prompt="a fox", max_cost="cheap")
        kept = ferry.ledger.recent()

    assert {problem.path for problem in wrong.value.problems} == {"prompt", "promt"}
    assert kept == []


async def test_a_missing_key_names_the_variable_and_where_to_get_one(tmp_path: Path, clock: VirtualClock) -> None:
    """Before anything is kept."""
    async with acme.ferry(tmp_path, clock=clock, environ={"ACME_KEY": " "}) as ferry:
        with pytest.raises(MissingKey, match=r"set ACME_KEY\. Get one at https://acme\.example/keys"):
            await ferry.submit("acme/image", prompt="a fox")


@respx.mock(using="taskferry", assert_all_called=False)
async def test_asking_for_the_same_thing_again_gives_the_same_task(
    tmp_path: Path, clock: VirtualClock, respx_mock
) -> None:
    """Within minutes, or ever with the same idempotency key; `again` passes over the first."""
    jobs(respx_mock, {"state": "working"})
    respx_mock.post(f"{acme.BASE}/jobs").side_effect = [httpx.Response(200, json={"id": str(n)}) for n in (1, 2, 3)]
    respx_mock.get(url__regex=rf"{acme.BASE}/jobs/[23]").respond(json={"state": "working"})

    async with acme.ferry(tmp_path, clock=clock) as ferry:
        first = await ferry.submit("acme/image", prompt="a fox")
        second = await ferry.submit("acme/image", prompt="a fox")
        forced = await ferry.submit("acme/image", prompt="a fox", again=True)
        keyed = [await ferry.submit("acme/image", prompt="a hare", idempotency_key="k") for _ in range(2)]
        with pytest.raises(UsageError, match="'k' stands for task"):
            await ferry.submit("acme/image", prompt="a bear", idempotency_key="k")

    assert (second.id, second.duplicate) == (first.id, True)
    assert (forced.id != first.id, forced.duplicate) == (True, False)
    assert (keyed[1].id, keyed[1].duplicate) == (keyed[0].id, True)


@respx.mock(using="taskferry", assert_all_called=False)
async def test_a_job_of_another_address_or_account_is_parked_and_nobody_is_asked(
    tmp_path: Path, clock: VirtualClock, respx_mock
) -> None:
    """Made on a stand-in, it is not looked up at the real host when the variables are gone."""
    stand_in = "http://127.0.0.1:9"
    respx_mock.post(f"{stand_in}/jobs").respond(json={"id": "1"})
    respx_mock.get(f"{stand_in}/jobs/1").respond(json={"state": "working"})
    real = respx_mock.get(f"{acme.BASE}/jobs/1").respond(json=DONE)

    async with acme.ferry(tmp_path, clock=clock, environ={"TASKFERRY_ACME_BASE_URL": stand_in}) as ferry:
        task = await ferry.submit("acme/image", prompt="a fox")
    async with acme.ferry(tmp_path, clock=clock) as ferry:
        elsewhere = await (await ferry.resume(task.id)).wait()
    environ = {"TASKFERRY_ACME_BASE_URL": stand_in, "ACME_KEY": "another"}
    async with acme.ferry(tmp_path, clock=clock, environ=environ) as ferry:
        other = await (await ferry.resume(task.id)).wait()

    assert isinstance(elsewhere, StillRunning)
    assert "lives at http://127.0.0.1:9" in elsewhere.snapshot.parked
    assert "another key" in other.snapshot.parked
    assert not real.called


@respx.mock(using="taskferry", assert_all_called=False)
async def test_cancelling_asks_the_provider_and_the_end_shows(tmp_path: Path, clock: VirtualClock, respx_mock) -> None:
    """The provider's answer is passed on; after the end it is too late."""
    route = jobs(respx_mock, {"state": "working"})
    respx_mock.post(f"{acme.BASE}/jobs/1/stop").respond(json={"outcome": "accepted"})

    async with acme.ferry(tmp_path, clock=clock) as ferry:
        task = await ferry.submit("acme/image", prompt="a fox")
        outcome = await task.cancel()
        route.side_effect = lambda request: httpx.Response(200, json={"state": "stopped"})
        end = await task.wait()
        late = await task.cancel()

    assert (outcome, end.snapshot.status, late) == (
        CancelOutcome.ACCEPTED,
        Status.CANCELLED,
        CancelOutcome.TOO_LATE,
    )


@respx.mock(using="taskferry", assert_all_called=False)
async def test_an_expired_url_is_renewed_by_a_look(tmp_path: Path, clock: VirtualClock, respx_mock) -> None:
    """The file is kept from the fresh URL."""
    jobs(respx_mock, DONE, {"state": "done", "images": ["https://cdn.acme.example/2.png"]})
    respx_mock.get("https://cdn.acme.example/1.png").respond(403)
    respx_mock.get("https://cdn.acme.example/2.png").respond(content=acme.PNG)

    async with acme.ferry(tmp_path, clock=clock) as ferry:
        outcome = await (await ferry.submit("acme/image", prompt="a fox")).wait()

    assert isinstance(outcome, Finished)
    assert outcome.snapshot.kept


@respx.mock(using="taskferry", assert_all_called=False)
async def test_a_job_that_runs_for_ever_is_parked_not_failed(tmp_path: Path, clock: VirtualClock, respx_mock) -> None:
    """Its status stays, and resuming goes on with it."""
    jobs(respx_mock, {"state": "working"})

    async with acme.ferry(tmp_path, clock=clock) as ferry:
        outcome = await (await ferry.submit("acme/image", prompt="a fox")).wait()

    assert isinstance(outcome, StillRunning)
    assert outcome.snapshot.status is Status.RUNNING
    assert "far longer than usual" in outcome.snapshot.parked


@respx.mock(using="taskferry", assert_all_called=False)
async def test_a_key_that_stops_working_parks_the_task(tmp_path: Path, clock: VirtualClock, respx_mock) -> None:
    """After several answers of 401; the reason is the provider's."""
    route = jobs(respx_mock, DONE)
    route.side_effect = lambda request: httpx.Response(401, json={"message": "bad key"})

    async with acme.ferry(tmp_path, clock=clock) as ferry:
        outcome = await (await ferry.submit("acme/image", prompt="a fox")).wait()

    assert isinstance(outcome, StillRunning)
    assert "bad key" in outcome.snapshot.parked
