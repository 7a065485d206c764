"""How soon `taskferry mcp` answers, and what a call costs, beside a bare server of the same library."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from taskferry.ledger import open_ledger
from taskferry.ledger.record import Job, Record
from taskferry.status import Status
from taskferry.task import Snapshot, new_id

PLAIN = "import sys; sys.modules['trio'] = None\n"
"""Trio is installed for a test alone; httpcore would bring it in with httpx."""
BARE = (
    f"{PLAIN}from mcp.server.mcpserver import MCPServer\n"
    "server = MCPServer('bare')\n"
    "@server.tool()\n"
    "def echo(text: str) -> str:\n"
    "    'Give the text back.'\n"
    "    return text\n"
    "server.run('stdio')\n"
)
HELLO = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "bench", "version": "0"}}
OURS = [sys.executable, "-c", f"{PLAIN}from taskferry.cli.start import main; sys.argv[1:] = ['mcp']; main()"]
STARTS, CALLS = 7, 200
pytestmark = pytest.mark.slow  # processes are started many times over


class Talk:
    """A conversation over the pipes of a server's process, message by message."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        assert process.stdin is not None, "it is a pipe"
        assert process.stdout is not None, "it is a pipe"
        self._stdin, self._stdout = process.stdin, process.stdout

    def ask(self, message: Mapping[str, object]) -> str:
        """Send a request and give the line that answers it."""
        self._stdin.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
        self._stdin.flush()
        return self._stdout.readline()

    def call(self, tool: str, arguments: Mapping[str, str]) -> float:
        """Call a tool; give the seconds that it took."""
        begun = time.perf_counter()
        answer = self.ask({"id": 2, "method": "tools/call", "params": {"name": tool, "arguments": arguments}})
        took = time.perf_counter() - begun
        assert '"isError":true' not in answer, answer
        return took


@contextmanager
def talking(command: Sequence[str], environ: Mapping[str, str]) -> Iterator[Talk]:
    """Start a server and shake hands."""
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environ, text=True) as process:
        talk = Talk(process)
        assert "protocolVersion" in talk.ask({"id": 1, "method": "initialize", "params": HELLO})
        yield talk
        assert process.stdin is not None, "it is a pipe"
        process.stdin.close()


def seconds_to_answer(command: Sequence[str], environ: Mapping[str, str]) -> float:
    """Start a server and wait for its first answer."""
    begun = time.perf_counter()
    with talking(command, environ):
        return time.perf_counter() - begun


def test_it_starts_almost_as_soon_as_a_bare_server(tmp_path: Path) -> None:
    """At most 1.3 times its start; in turns, the least of each."""
    environ = {"TASKFERRY_HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}
    bare = [sys.executable, "-c", BARE]

    pairs = [(seconds_to_answer(bare, environ), seconds_to_answer(OURS, environ)) for _ in range(STARTS)]

    least_bare, least_ours = (min(times) for times in zip(*pairs, strict=True))
    ratio = least_ours / least_bare
    print(f"bare {least_bare:.3f} s, taskferry mcp {least_ours:.3f} s, ratio {ratio:.2f}")
    assert ratio <= 1.3


def test_get_task_costs_little_more_than_a_bare_tool(tmp_path: Path) -> None:
    """At most twice; over stdin and stdout, in turns, the median of each, for a task that has ended."""
    task_id = _ended_task(tmp_path)
    environ = {"TASKFERRY_HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}

    times: dict[str, list[float]] = {"echo": [], "get_task": []}
    with talking([sys.executable, "-c", BARE], environ) as bare, talking(OURS, environ) as ours:
        for _ in range(CALLS):
            times["echo"].append(bare.call("echo", {"text": task_id}))
            times["get_task"].append(ours.call("get_task", {"task_id": task_id}))

    medians = {name: statistics.median(taken[CALLS // 10 :]) for name, taken in times.items()}
    ratio = medians["get_task"] / medians["echo"]
    print({name: f"{median * 1000:.2f} ms" for name, median in medians.items()}, f"ratio {ratio:.2f}")
    assert ratio <= 2


def _ended_task(home: Path) -> str:
    job = Job(
        provider="acme",
        operation="acme/image",
        generation="v1",
        base_url="https://api.acme.example",
        account="",
        parameters={"prompt": "a fox"},
    )
    now = time.time()
    snapshot = Snapshot(
        id=new_id(now),
        provider="acme",
        operation="acme/image",
        status=Status.CANCELLED,
        created_at=now,
        finished_at=now,
    )
    with open_ledger(home) as ledger:
        ledger.add(Record(job=job, snapshot=snapshot))
    return snapshot.id
