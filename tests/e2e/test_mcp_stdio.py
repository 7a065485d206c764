"""`taskferry mcp` as hosts run it: a process of its own, spoken to over stdin and stdout, in both eras."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from mcp import Client, StdioServerParameters, stdio_client

from mcp_desk import ERAS, Desk, content_of, submit, text_of
from taskferry.sandbox import Running, running

COMMAND = [sys.executable, "-m", "taskferry.cli.start", "mcp"]
HELLO = {
    "protocolVersion": "2025-11-25",
    "capabilities": {},
    "clientInfo": {"name": "test", "version": "0"},
}
PICTURE = {"name": "submit_task", "arguments": {"operation": "vap/image", "parameters": {"prompt": "a fox [[stuck]]"}}}


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


def process(desk: Desk) -> StdioServerParameters:
    """How a host starts the server."""
    return StdioServerParameters(command=COMMAND[0], args=COMMAND[1:], env=desk.environ, cwd=desk.working)


@pytest.mark.parametrize("era", [pytest.param(ERAS[0], marks=pytest.mark.slow), *ERAS[1:]])
async def test_a_job_begun_through_one_process_ends_through_another(desk: Desk, era: str) -> None:
    """Hosts start a server for each connection: the job is in the ledger, not in the process."""
    async with Client(process(desk), mode=era) as client:
        submitted = await submit(client, "a small red fox")
        task_id = submitted.structured_content["id"]
    async with Client(process(desk), mode=era) as client:
        listed = await client.call_tool("list_tasks", {})
        result = await client.call_tool("wait_task", {"task_id": task_id})
        copied = await client.call_tool("download_task", {"task_id": task_id, "folder": "out"})

    assert not submitted.is_error
    assert [task["id"] for task in listed.structured_content["tasks"]] == [task_id]
    assert result.structured_content["status"] == "succeeded"
    assert content_of(result.structured_content["artifacts"][0])
    assert copied.structured_content["artifacts"][0]["path"].startswith(str(desk.working / "out"))
    assert desk.creates() == 1


@pytest.mark.parametrize("era", [pytest.param(ERAS[0], marks=pytest.mark.slow), *ERAS[1:]])
async def test_the_server_speaks_the_era_of_its_client(desk: Desk, era: str) -> None:
    """One process serves old and new clients, with the same tools."""
    async with Client(process(desk), mode=era) as client:
        names = [tool.name for tool in (await client.list_tools()).tools]
        version = client.protocol_version
        wrong = await client.call_tool("get_task", {"task_id": "nothere"})

    assert len(names) == 13
    assert (version >= "2026") is (era == "auto")
    assert wrong.is_error
    assert "Traceback" not in text_of(wrong)


async def test_logs_never_show_the_key(desk: Desk, tmp_path: Path) -> None:
    """Not even when calls fail."""
    desk.environ["TASKFERRY_VAP_BASE_URL"] = "http://127.0.0.1:9"
    log = tmp_path / "stderr"

    with log.open("w") as errlog:
        async with Client(stdio_client(process(desk), errlog=errlog)) as client:
            task_id = (await submit(client, "a fox")).structured_content["id"]
            result = await client.call_tool("wait_task", {"task_id": task_id, "timeout_s": 0})

    key = desk.environ["VAP_API_KEY"]
    assert desk.creates() == 0
    assert key not in log.read_text() + result.model_dump_json()


def test_stdout_is_the_wire_and_nothing_else(desk: Desk) -> None:
    """Every line on stdout is a message, and the process leaves when stdin ends, with a job under way."""
    messages = [
        {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": HELLO},
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
        {"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": PICTURE},
    ]

    with subprocess.Popen(
        COMMAND,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=desk.environ,
        cwd=desk.working,
        text=True,
    ) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        server.stdin.write("".join(json.dumps(message) + "\n" for message in messages))
        server.stdin.flush()
        replies = [json.loads(server.stdout.readline()) for _ in range(2)]
        rest, logged = server.communicate(timeout=20)

    assert [reply["id"] for reply in replies] == [1, 2]
    assert replies[1]["result"]["structuredContent"]["status"] in {"queued", "running"}
    assert rest == ""
    assert server.returncode == 0
    assert "Traceback" not in logged


def test_a_ledger_that_cannot_be_used_is_one_line(desk: Desk) -> None:
    """A host shows the server's stderr: it says what is wrong, not where in the code."""
    desk.home.mkdir()
    (desk.home / "ledger.sqlite3").write_text("this is no ledger " * 100)
    hello = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": HELLO})

    ended = subprocess.run(
        COMMAND, input=hello + "\n", capture_output=True, text=True, env=desk.environ, cwd=desk.working, timeout=20
    )

    assert ended.returncode != 0
    assert "ledger.sqlite3 is not a sound ledger" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert ended.stdout == ""
