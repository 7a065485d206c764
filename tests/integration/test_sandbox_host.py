"""How stand-ins are hosted: as a command until a signal, or beside other code."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from starlette.responses import Response

from integration.acme_stand_in import Acme
from taskferry.errors import UsageError
from taskferry.sandbox import Context, running

VAP = "taskferry_vap.sandbox:stand_in"


def start(arguments: str) -> subprocess.Popen[str]:
    """Start `serve` in a process of its own, as the command does."""
    code = f"from taskferry.sandbox import serve; serve({{'one': {VAP!r}, 'two': {VAP!r}}}, {arguments})"
    return subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def two_free_ports() -> int:
    """Find a port that is free, as is the next one."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port: int = first.getsockname()[1]
            try:
                second.bind(("127.0.0.1", port + 1))
            except (OSError, OverflowError):
                continue
            return port


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_serve_prints_one_line_of_json_and_ends_on_a_signal(number: signal.Signals) -> None:
    """The line comes as soon as it listens; the end is silent and with exit code 0."""
    process = start("as_json=True")
    assert process.stdout is not None
    document = json.loads(process.stdout.readline())
    reply = httpx.get(f"{document['one']['base_url']}/health")

    process.send_signal(number)
    rest = process.communicate(timeout=10)

    assert sorted(document) == ["one", "two"]
    assert document["one"]["env"]["TASKFERRY_VAP_BASE_URL"] == document["one"]["base_url"]
    assert reply.status_code == 200
    assert (process.returncode, rest) == (0, ("", ""))


def test_serve_tells_people_what_to_set() -> None:
    """Without JSON there is a line for each stand-in and the variables to export."""
    process = start("")
    assert process.stdout is not None
    lines = [process.stdout.readline() for _ in range(4)]

    process.terminate()
    process.communicate(timeout=10)

    assert lines[0].startswith("one  http://127.0.0.1:")
    assert lines[3].startswith("export TASKFERRY_VAP_BASE_URL=http://127.0.0.1:")


def test_ports_follow_the_one_asked_for() -> None:
    """With a port, the stand-ins get it and the next ones in the order of their names."""
    port = two_free_ports()

    with running({"b": VAP, "a": VAP}, port=port) as servers:
        urls = {name: server.base_url for name, server in servers.items()}

    assert urls == {"a": f"http://127.0.0.1:{port}", "b": f"http://127.0.0.1:{port + 1}"}


def test_a_taken_port_is_told() -> None:
    """The error names the port and what to do."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        with pytest.raises(UsageError, match=f"port {port}.*choose another"), running({"a": VAP}, port=port):
            pytest.fail("it must not start")


async def test_stand_ins_run_beside_a_running_loop() -> None:
    """They have a thread and a loop of their own, so async code can ask them."""
    with running({"vap": VAP}) as servers:
        async with httpx.AsyncClient(base_url=servers["vap"].base_url) as client:
            reply = await client.get("/health")

    assert reply.json()["status"] == "healthy"


def test_starting_and_stopping_are_quick_and_leave_no_thread() -> None:
    """Tests can afford a host of their own, even with a connection kept open."""
    began = time.perf_counter()
    with httpx.Client() as client:
        with running({"vap": VAP}) as servers:
            client.get(f"{servers['vap'].base_url}/health")
        took = time.perf_counter() - began

    assert took < 2.0
    assert not [thread for thread in threading.enumerate() if thread.name == "taskferry-sandbox"]


def test_a_reply_under_way_at_the_end_is_dropped_in_silence(capfd: pytest.CaptureFixture[str]) -> None:
    """A handler that never answers does not keep the servers up; its client sees the connection drop."""
    arrived = threading.Event()

    class Hanging(Acme):
        async def health(self, context: Context) -> Response:
            arrived.set()
            await asyncio.Event().wait()
            raise AssertionError("nobody sets it")

    with ThreadPoolExecutor() as pool:
        with running({"acme": Hanging}) as servers:
            reply = pool.submit(httpx.get, f"{servers['acme'].base_url}/health")
            arrived.wait(timeout=10)

        with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
            reply.result(timeout=10)

    assert capfd.readouterr() == ("", "")


def test_starting_loads_no_media_library() -> None:
    """Libraries that make media are loaded for the first file, not before."""
    code = (
        f"import sys; from taskferry.sandbox import running\nwith running({{'vap': {VAP!r}}}): pass\n"
        "print([name for name in ('av', 'PIL', 'numpy', 'trimesh') if name in sys.modules])"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"
