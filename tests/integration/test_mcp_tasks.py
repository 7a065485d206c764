"""The tasks extension as a client that declares it meets it: a job becomes a task that outlives call and server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from mcp.shared.exceptions import MCPError
from mcp_types import EmptyResult

from mcp_desk import SPEED, Desk, LaterClock, content_of, submit, text_of
from mcp_tasks_client import Cancel, Id, Tasks, Update, begin, look
from taskferry.sandbox import Running, running

GENERATE = {"operation": "vap/image", "parameters": {"prompt": "a small red fox"}}


@pytest.fixture(scope="module")
def provider() -> Iterator[Running]:
    """A provider that is a hundred times faster than the real one."""
    with running({"vap": "taskferry_vap.sandbox:stand_in"}, speed=SPEED) as servers:
        yield servers["vap"]


@pytest.fixture
def desk(tmp_path: Path, provider: Running) -> Desk:
    """A place of work for one agent."""
    return Desk(tmp_path, provider)


async def test_a_call_becomes_a_task_whose_end_is_the_plain_result(desk: Desk) -> None:
    """The client drives it by itself; what comes out is what the plain tool gives, and keeps its schema."""
    async with desk.client(extensions=[Tasks()]) as client:
        result = await client.call_tool("generate", GENERATE)

    assert not result.is_error
    assert result.structured_content["status"] == "succeeded"
    assert result.structured_content["timed_out"] is False
    assert content_of(result.structured_content["artifacts"][0])
    assert desk.creates() == 1


async def test_a_task_begins_with_the_ledgers_id_and_times(desk: Desk) -> None:
    """The handle names what `list_tasks` names, and is kept for ever."""
    async with desk.client(extensions=[Tasks()]) as client:
        begun = await begin(client, "a fox [[stuck]]")
        listed = await client.call_tool("list_tasks", {})

    assert begun.task_id == listed.structured_content["tasks"][0]["id"]
    assert begun.status == "working"
    assert begun.ttl_ms is None
    assert isinstance(begun.poll_interval_ms, int)
    assert begun.created_at.endswith("Z")


async def test_a_task_is_finished_through_another_server(desk: Desk) -> None:
    """Hosts start a process for each connection: the row, not the process, is the task."""
    async with desk.client(extensions=[Tasks()]) as client:
        begun = await begin(client, "a small red fox [[run:30]]")
    async with desk.client(extensions=[Tasks()]) as client:
        while (detailed := await look(client.session, begun.task_id)).status == "working":
            await client.call_tool("wait_task", {"task_id": begun.task_id})

    assert detailed.status == "completed"
    assert detailed.result is not None
    assert content_of(detailed.result.structured_content["artifacts"][0])
    assert desk.creates() == 1


async def test_the_same_call_again_is_the_same_task(desk: Desk) -> None:
    """A client whose connection broke calls again, and pays once."""
    async with desk.client(extensions=[Tasks()]) as client:
        first = await begin(client, "a fox [[stuck]]")
        again = await begin(client, "a fox [[stuck]]")

    assert again.task_id == first.task_id
    assert desk.creates() == 1


@pytest.mark.parametrize("arguments", [{"bogus": 1}, {**GENERATE, "max_cots": "1 USD"}, {**GENERATE, "max_cost": "x"}])
async def test_arguments_are_checked_before_money_moves(desk: Desk, arguments: dict[str, Any]) -> None:
    """What is no valid call is an error result, and no task."""
    async with desk.client(extensions=[Tasks()]) as client:
        result = await client.call_tool("generate", arguments)

    assert result.is_error
    assert "nothing was billed" in text_of(result)
    assert desk.creates() == 0


async def test_a_job_that_fails_is_completed_with_an_error_result(desk: Desk) -> None:
    """`failed` is for the protocol; a provider's failure is a result."""
    async with desk.client(extensions=[Tasks()]) as client:
        result = await client.call_tool("generate", {**GENERATE, "parameters": {"prompt": "a fox [[moderated]]"}})

    assert result.is_error
    assert "Do not send it again unchanged" in text_of(result)


@pytest.mark.parametrize(
    ("prompt", "status"),
    [("a fox [[lost-reply]]", "unconfirmed"), ("a fox [[refuse:insufficient_balance]]", "refused")],
)
async def test_what_cannot_go_on_is_told_at_once(desk: Desk, prompt: str, status: str) -> None:
    """Nothing would happen to such a task, so a client must not poll it."""
    async with desk.client(extensions=[Tasks()]) as client:
        result = await client.call_tool("generate", {**GENERATE, "parameters": {"prompt": prompt}})

    assert result.is_error
    assert result.structured_content["status"] == status


async def test_looks_are_throttled(desk: Desk) -> None:
    """Two looks within a second ask the provider once at most."""
    async with desk.client(extensions=[Tasks()]) as client:
        begun = await begin(client, "a fox [[stuck]]")
    before = desk.reads()

    async with desk.client(extensions=[Tasks()], clock=LaterClock()) as client:
        first = await look(client.session, begun.task_id)
        await look(client.session, begun.task_id)

    assert first.status == "working"
    assert first.status_message is not None
    assert 1 <= desk.reads() - before <= 3


async def test_cancelling_is_a_wish_and_idempotent(desk: Desk) -> None:
    """The answer is empty; one that has ended stays as it is."""
    async with desk.client(extensions=[Tasks()]) as client:
        result = await client.call_tool("generate", GENERATE)
        task_id = result.structured_content["id"]
        await client.session.send_request(Cancel(params=Id(task_id=task_id)), EmptyResult)
        await client.session.send_request(Cancel(params=Id(task_id=task_id)), EmptyResult)
        detailed = await look(client.session, task_id)

    assert detailed.status == "completed"


async def test_answers_that_nobody_asked_for_are_passed_over(desk: Desk) -> None:
    """Whatever their shape."""
    async with desk.client(extensions=[Tasks()]) as client:
        begun = await begin(client, "a fox [[stuck]]")
        answer = Id(task_id=begun.task_id, input_responses={"other": {"ignored": True}})
        await client.session.send_request(Update(params=answer), EmptyResult)
        detailed = await look(client.session, begun.task_id)

    assert detailed.status == "working"


@pytest.mark.parametrize("task_id", ["01jd3nothere", "", "%", "../etc", "0" * 5000])
async def test_an_unknown_id_is_refused(desk: Desk, task_id: str) -> None:
    """With the protocol's own code, and nothing about other tasks."""
    async with desk.client(extensions=[Tasks()]) as client:
        begun = await begin(client, "a fox [[stuck]]")
        with pytest.raises(MCPError) as raised:
            await look(client.session, task_id)

    assert raised.value.code == -32602
    assert begun.task_id not in str(raised.value)


async def test_the_beginning_of_an_id_is_no_id(desk: Desk) -> None:
    """What a person may shorten, the protocol may not."""
    async with desk.client(extensions=[Tasks()]) as client:
        begun = await begin(client, "a fox [[stuck]]")
        with pytest.raises(MCPError) as raised:
            await look(client.session, begun.task_id[:20])

    assert raised.value.code == -32602


async def test_a_client_that_did_not_declare_it_gets_plain_results(desk: Desk) -> None:
    """And its tasks methods are refused with what it would have to declare."""
    async with desk.client() as client:
        result = await client.call_tool("generate", GENERATE)
        with pytest.raises(MCPError) as raised:
            await look(client.session, result.structured_content["id"])

    assert result.structured_content["status"] == "succeeded"
    assert raised.value.code == -32021
    assert "io.modelcontextprotocol/tasks" in str(raised.value.error.data)


async def test_submit_task_never_becomes_a_task(desk: Desk) -> None:
    """It is the tool for several jobs at once, and gives its handle by itself."""
    async with desk.client(extensions=[Tasks()]) as client:
        result = await submit(client, "a fox [[stuck]]")

    assert result.structured_content["status"] in {"queued", "running"}
