"""`taskferry mcp --http` as a process of its own, for the tests that speak to it from outside."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import httpx2
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from mcp_desk import Desk

COMMAND = [sys.executable, "-m", "taskferry.cli.start", "mcp"]


class Process:
    """A server that listens, until it is stopped or killed."""

    def __init__(self, desk: Desk, *options: str) -> None:
        self._process = subprocess.Popen(
            [*COMMAND, "--http", "--port", "0", *options],
            stdout=subprocess.PIPE,
            env=desk.environ,
            cwd=desk.working,
            text=True,
        )
        assert self._process.stdout is not None, "it is a pipe"
        with self._process.stdout as told:
            self.url = told.readline().strip()

    @property
    def origin(self) -> str:
        """Give its address without the path."""
        return self.url.removesuffix("/mcp")

    @asynccontextmanager
    async def client(self, token: str | None = None, mode: str = "auto", **settings: Any) -> AsyncIterator[Client]:
        """Connect, with a token if one is given."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        async with (
            httpx2.AsyncClient(headers=headers, timeout=60) as http,
            Client(streamable_http_client(self.url, http_client=http), mode=mode, **settings) as client,
        ):
            yield client

    def kill(self) -> None:
        """End it as a power cut would."""
        self._process.kill()
        self._process.wait(timeout=20)

    def stop(self) -> int:
        """Ask it to stop, and give its exit code."""
        self._process.terminate()
        return self._process.wait(timeout=20)


@contextmanager
def served(desk: Desk, *options: str) -> Iterator[Process]:
    """Run a server while the test goes on."""
    process = Process(desk, *options)
    try:
        yield process
    finally:
        process.stop()
