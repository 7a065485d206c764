"""`taskferry mcp --http` as a process: whose tasks callers see, and how it goes on after a kill."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from mcp.shared.exceptions import MCPError

from mcp_desk import ERAS, Desk, content_of, submit, text_of
from mcp_process import Process, served
from mcp_tasks_client import Tasks, begin, look
from taskferry.sandbox import Running, running

FOX, HARE = "f" * 32, "h" * 32


@pytest.fixture(scope="module")
def provider() -> Iterator[Running]:
    """A provider whose jobs end at once, as seen by a process that starts in the meantime."""
    with running({"vap": "taskferry_vap.sandbox:stand_in"}, speed=1000) as servers:
        yield servers["vap"]


@pytest.fixture
def desk(tmp_path: Path, provider: Running) -> Desk:
    """A place of work for one agent."""
    desk = Desk(tmp_path, provider)
    desk.environ["TASKFERRY_HOME"] = str(desk.home)
    return desk


@pytest.fixture
def tokens(tmp_path: Path) -> Path:
    """Tokens of two people."""
    path = tmp_path / "tokens"
    path.write_text(f"# who has what\nfox {FOX}\n\nhare {HARE}\n")
    return path


@pytest.mark.parametrize("era", [pytest.param(ERAS[0], marks=pytest.mark.slow), *ERAS[1:]])
async def test_a_job_from_submit_to_file_over_http(desk: Desk, era: str) -> None:
    """Both eras over one address."""
    with served(desk) as server:
        async with server.client(mode=era) as client:
            task_id = (await submit(client, "a small red fox")).structured_content["id"]
            result = await client.call_tool("wait_task", {"task_id": task_id})

    assert content_of(result.structured_content["artifacts"][0])


async def test_a_job_goes_on_through_another_process_after_a_kill(desk: Desk) -> None:
    """Nothing is lost, and nothing is paid twice."""
    with served(desk) as first:
        async with first.client(extensions=[Tasks()]) as client:
            begun = await begin(client, "a small red fox [[run:600]]")
            first.kill()

    with served(desk) as second:
        async with second.client(extensions=[Tasks()]) as client:
            await client.call_tool("wait_task", {"task_id": begun.task_id})
            detailed = await look(client.session, begun.task_id)

    assert detailed.status == "completed"
    assert detailed.result is not None
    assert content_of(detailed.result.structured_content["artifacts"][0])
    assert desk.creates() == 1


async def test_everybody_sees_their_own_tasks_alone(desk: Desk, tokens: Path) -> None:
    """Another's id is as unknown as a forged one, to every tool and to the tasks methods."""
    with served(desk, "--token-file", str(tokens)) as server:
        async with server.client(FOX, extensions=[Tasks()]) as fox:
            begun = await begin(fox, "a fox [[stuck]]")
            own = await fox.call_tool("get_task", {"task_id": begun.task_id})
        async with server.client(HARE, extensions=[Tasks()]) as hare:
            listed = await hare.call_tool("list_tasks", {})
            others = [
                await hare.call_tool(tool, {"task_id": begun.task_id})
                for tool in ("get_task", "wait_task", "cancel_task", "download_task", "refresh_urls")
            ]
            forged = await hare.call_tool("get_task", {"task_id": "01jd3nothere"})
            with pytest.raises(MCPError) as raised:
                await look(hare.session, begun.task_id)

    assert not own.is_error
    assert listed.structured_content["tasks"] == []
    assert all(result.is_error for result in others)
    assert {text_of(result) for result in others} == {text_of(forged).replace("01jd3nothere", begun.task_id)}
    assert raised.value.code == -32602


async def test_the_same_thing_asked_by_two_is_two_jobs(desk: Desk, tokens: Path) -> None:
    """The duplicate guard looks at one caller's jobs alone."""
    with served(desk, "--token-file", str(tokens)) as server:
        async with server.client(FOX) as fox, server.client(HARE) as hare:
            first = await submit(fox, "a fox [[stuck]]")
            second = await submit(hare, "a fox [[stuck]]")
            again = await submit(fox, "a fox [[stuck]]")

    assert first.structured_content["id"] != second.structured_content["id"]
    assert again.structured_content["duplicate"] is True
    assert desk.creates() == 2


def test_it_stops_when_it_is_asked_to(desk: Desk) -> None:
    """With no failure, soon."""
    server = Process(desk)

    code = server.stop()

    assert code == 0
