"""How a process ends whose looks are still under way on pyreqwest: as it would have without them."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count

import pytest

SCRIPT = """
import asyncio, atexit, signal, sys, threading, time
from taskferry.transport.native import NativeLane

way, base = sys.argv[1:]
lane = NativeLane([], "taskferry")

async def look():
    while not asyncio.current_task().cancelling():
        await lane.look(base, {})

async def main():
    begun.extend(asyncio.ensure_future(look()) for _ in range(60))
    await asyncio.sleep(0.1)
    if way == "exit":
        sys.exit(3)
    if way == "error":
        raise LookupError
    if way == "interrupt":
        signal.raise_signal(signal.SIGINT)
        await asyncio.sleep(1)
    if way == "closed":
        for task in begun:
            task.cancel()
        await asyncio.gather(*begun, return_exceptions=True)
        await lane.aclose()

begun = []
if way == "loop left open":
    loop = asyncio.new_event_loop()
    loop.run_until_complete(main())
elif way == "loop in a thread":
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_until_complete, args=[main()], daemon=True).start()
    time.sleep(0.2)
elif way == "closed at exit":
    loop = asyncio.new_event_loop()
    loop.run_until_complete(main())
    way = "closed"
    atexit.register(lambda: loop.run_until_complete(main()))
else:
    asyncio.run(main())
"""
CODES = {
    "forgotten": 0,
    "closed": 0,
    "closed at exit": 0,
    "exit": 3,
    "error": 1,
    "interrupt": -signal.SIGINT,
    "loop left open": 0,
    "loop in a thread": 0,
}
"""What Python itself ends with, by the way of ending."""
_CRASHES = ("Fatal Python error", "panicked", "FATAL")


class _Slow(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    asked = count()

    def do_GET(self) -> None:
        time.sleep(next(self.asked) % 30 / 1000)
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")

    def handle(self) -> None:
        try:
            super().handle()
        except OSError as gone:  # the client has ended, as it should
            self.log_message("%s", gone)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the name that the library gives it
        """Say nothing."""


@pytest.fixture(scope="module")
def slow() -> Iterator[str]:
    """Give the address of a server that takes up to 30 ms for a reply."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Slow) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/"
        server.shutdown()
        thread.join()


def ended(way: str, base: str) -> tuple[int, list[str]]:
    done = subprocess.run([sys.executable, "-c", SCRIPT, way, base], capture_output=True, text=True, timeout=60)
    return done.returncode, [mark for mark in _CRASHES if mark in done.stderr]


@pytest.mark.parametrize("way", ["forgotten", "closed at exit", "interrupt", "loop in a thread"])
def test_a_process_ends_as_it_would_without_looks(way: str, slow: str) -> None:
    """Whether or not anything was closed, and wherever the loop runs."""
    outcome = ended(way, slow)

    assert outcome == (CODES[way], [])


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("way", CODES)
def test_none_of_forty_processes_aborts(way: str, slow: str) -> None:
    """Without the thread held, up to 5 of 40 did."""
    outcomes = {(code, *marks) for code, marks in (ended(way, slow) for _ in range(40))}

    assert outcomes == {(CODES[way],)}
