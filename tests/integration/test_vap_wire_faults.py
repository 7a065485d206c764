"""What VAP's own clients do wrong over time, tried with a whole ferry: at the wire, on a clock that jumps."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import httpx
import pytest
import respx

import acme
from taskferry import FailureKind, Ferry, Finished, MissingKey, Status, StillRunning
from taskferry.testing import VirtualClock

HOST = "https://api.vapagent.com"
KEY = "vape_0123456789abcdef"
TASK_ID = "550e8400-e29b-41d4-a716-446655440000"
FILE = "https://files.example/fox.png"
CREATED = {"task_id": TASK_ID, "status": "pending", "estimated_cost": "0.1800"}
RUNNING = {"task_id": TASK_ID, "type": "image", "status": "processing"}
DONE = {"task_id": TASK_ID, "type": "image", "status": "completed", "result": {"image_url": FILE}}
NOT_FOUND = httpx.Response(404, json={"error": {"code": "task_not_found", "message": "No task of yours"}})


@pytest.fixture
async def clock() -> AsyncIterator[VirtualClock]:
    async with VirtualClock() as made:
        yield made


def ferry(home: Path, clock: VirtualClock, *, key: str = KEY) -> Ferry:
    environ = {"VAP_API_KEY": key} if key else {}
    return Ferry(home=home, environ=environ, clock=clock)


def answers(mock: respx.MockRouter, *looks: object) -> respx.Route:
    """Answer a create, then looks in turn, the last answer for good; an exception is raised."""
    mock.post(f"{HOST}/v3/tasks").respond(json=CREATED)
    mock.get(FILE).respond(content=acme.PNG, headers={"content-type": "image/png"})
    waiting = list(looks)

    def answer(_: httpx.Request) -> httpx.Response:
        given = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        if isinstance(given, Exception):
            raise given
        return given if isinstance(given, httpx.Response) else httpx.Response(200, json=given)

    return mock.get(f"{HOST}/v3/tasks/{TASK_ID}").mock(side_effect=answer)


@respx.mock(using="taskferry", assert_all_called=False)
async def test_the_body_of_a_refused_look_is_read(tmp_path: Path, clock: VirtualClock, respx_mock) -> None:
    """Code and words of the service come to the user, not the HTTP library's general sentence."""
    refused = {"error": {"code": "agent_paused", "message": "Circuit breaker is open"}}
    answers(respx_mock, httpx.Response(403, json=refused))

    async with ferry(tmp_path, clock) as opened:
        outcome = await (await opened.submit("vap/image", prompt="a fox")).wait()

    assert isinstance(outcome, StillRunning)
    assert "Circuit breaker is open [agent_paused]" in str(outcome.snapshot.parked)


@respx.mock(using="taskferry", assert_all_called=False)
async def test_a_create_that_was_not_taken_waits_as_long_as_it_is_told(
    tmp_path: Path, clock: VirtualClock, respx_mock
) -> None:
    """A 429 is no reason to give up, nor to come back at once."""
    answers(respx_mock, DONE)
    limited = {"error": {"code": "rate_limit_exceeded", "message": "Slow down", "details": {"retry_after": 30}}}
    sent: list[float] = []

    def create(_: httpx.Request) -> httpx.Response:
        sent.append(clock.monotonic())
        return httpx.Response(429, json=limited) if len(sent) == 1 else httpx.Response(200, json=CREATED)

    respx_mock.post(f"{HOST}/v3/tasks").mock(side_effect=create)

    async with ferry(tmp_path, clock) as opened:
        outcome = await (await opened.submit("vap/image", prompt="a fox")).wait()

    assert isinstance(outcome, Finished)
    assert outcome.snapshot.status is Status.SUCCEEDED
    assert len(sent) == 2
    assert sent[1] - sent[0] >= 30


@respx.mock(using="taskferry", assert_all_called=False)
async def test_a_wait_of_no_seconds_is_an_outcome(tmp_path: Path, clock: VirtualClock, respx_mock) -> None:
    """Zero means zero, the last state comes along, and the job goes on."""
    answers(respx_mock, RUNNING)

    async with ferry(tmp_path, clock) as opened:
        task = await opened.submit("vap/image", prompt="a fox")
        before = clock.monotonic()
        outcome = await task.wait(timeout=0)
        waited = clock.monotonic() - before

    assert isinstance(outcome, StillRunning)
    assert (outcome.snapshot.status, outcome.token.task_id) == (Status.QUEUED, task.id)
    assert waited < 1


@respx.mock(using="taskferry", assert_all_called=False)
async def test_success_without_output_is_told_as_a_failure(tmp_path: Path, clock: VirtualClock, respx_mock) -> None:
    """Nobody is told that a picture is ready which is nowhere."""
    answers(respx_mock, {**RUNNING, "status": "completed", "result": {}})

    async with ferry(tmp_path, clock) as opened:
        outcome = await (await opened.submit("vap/image", prompt="a fox")).wait()

    assert isinstance(outcome, Finished)
    assert outcome.snapshot.status is Status.FAILED
    assert outcome.snapshot.failure is not None
    assert outcome.snapshot.failure.kind is FailureKind.NO_OUTPUT


@respx.mock(using="taskferry", assert_all_called=False)
async def test_a_new_status_word_neither_ends_nor_breaks_a_wait(
    tmp_path: Path, clock: VirtualClock, respx_mock
) -> None:
    """It is shown, and the job goes on to its end."""
    answers(respx_mock, RUNNING, {**RUNNING, "status": "levitating"}, {**RUNNING, "status": "levitating"}, DONE)

    async with ferry(tmp_path, clock) as opened:
        task = await opened.submit("vap/image", prompt="a fox")
        words = [(snapshot.status, snapshot.provider_status) async for snapshot in task.updates()]

    assert (Status.RUNNING, "levitating") in words
    assert words[-1] == (Status.SUCCEEDED, "completed")


@respx.mock(using="taskferry", assert_all_called=False)
async def test_one_bad_look_does_not_end_a_wait(tmp_path: Path, clock: VirtualClock, respx_mock) -> None:
    """Gateways fail, and connections break, in the middle of a job that is paid for."""
    trouble: Sequence[object] = [httpx.Response(502, html="<h1>Bad gateway</h1>"), httpx.ReadError("gone"), NOT_FOUND]
    answers(respx_mock, *trouble, RUNNING, DONE)

    async with ferry(tmp_path, clock) as opened:
        outcome = await (await opened.submit("vap/image", prompt="a fox")).wait()

    assert isinstance(outcome, Finished)
    assert outcome.snapshot.status is Status.SUCCEEDED


@respx.mock(using="taskferry", assert_all_called=False)
async def test_jobs_are_waited_for_together(tmp_path: Path, clock: VirtualClock, respx_mock) -> None:
    """Ten jobs take as long as one."""
    answers(respx_mock, DONE)
    made = iter(range(10))
    respx_mock.post(f"{HOST}/v3/tasks").mock(
        side_effect=lambda _: httpx.Response(200, json={**CREATED, "task_id": f"t-{next(made)}"})
    )
    ready: dict[str, float] = {}

    def look(request: httpx.Request) -> httpx.Response:
        done = clock.monotonic() > ready.setdefault(request.url.path, clock.monotonic() + 20)
        return httpx.Response(200, json=DONE if done else RUNNING)

    respx_mock.get(url__startswith=f"{HOST}/v3/tasks/t-").mock(side_effect=look)

    async with ferry(tmp_path, clock) as opened:
        tasks = [await opened.submit("vap/image", prompt=f"fox {number}") for number in range(10)]
        began = clock.monotonic()
        ends = [await task.wait() for task in tasks]
        took = clock.monotonic() - began

    assert [type(end) for end in ends] == [Finished] * 10
    assert took < 100


@respx.mock(using="taskferry", assert_all_called=False)
async def test_without_a_key_nothing_is_sent(tmp_path: Path, clock: VirtualClock, respx_mock) -> None:
    """The error names the variable and where to get a key."""
    answers(respx_mock, DONE)

    async with ferry(tmp_path, clock, key="") as opened:
        with pytest.raises(MissingKey, match=r"set VAP_API_KEY or VAPE_API_KEY.*https://vapagent\.com"):
            await opened.submit("vap/image", prompt="a fox")

    assert respx_mock.calls.call_count == 0


@respx.mock(using="taskferry", assert_all_called=False)
async def test_logs_show_neither_key_nor_prompt(
    tmp_path: Path, clock: VirtualClock, respx_mock, caplog: pytest.LogCaptureFixture
) -> None:
    """Not at any level of ours, not even when looks fail."""
    caplog.set_level(logging.DEBUG, logger="taskferry")
    answers(respx_mock, httpx.Response(500, json={"error": "Oops"}), {**RUNNING, "status": "levitating"}, DONE)

    async with ferry(tmp_path, clock) as opened:
        await (await opened.submit("vap/image", prompt="a very secret fox")).wait()

    assert "levitating" in caplog.text
    assert KEY not in caplog.text
    assert "secret fox" not in caplog.text


@respx.mock(using="taskferry", assert_all_called=False)
async def test_a_job_that_is_not_found_is_parked_with_its_id(tmp_path: Path, clock: VirtualClock, respx_mock) -> None:
    """Asking ends, the reason is the provider's, and a later resume finds the job that was paid for."""
    route = answers(respx_mock, NOT_FOUND)

    async with ferry(tmp_path, clock) as opened:
        task = await opened.submit("vap/image", prompt="a fox")
        parked = await task.wait()
        asked = route.call_count
        answers(respx_mock, DONE)
        found = await (await opened.resume(task.id)).wait()

    assert isinstance(parked, StillRunning)
    assert "task_not_found" in str(parked.snapshot.parked)
    assert asked < 20
    assert isinstance(found, Finished)
    assert found.snapshot.status is Status.SUCCEEDED
