"""An agent's place of work for the tests of the MCP server."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
from mcp import Client
from mcp_types import CallToolResult

from taskferry import Ferry
from taskferry.clock import Clock, SystemClock
from taskferry.mcp import build_server
from taskferry.sandbox import Running

SPEED = 100.0
ERAS = ["legacy", "auto"]


class LaterClock(SystemClock):
    """The machine's time, some seconds on."""

    def now(self) -> float:
        """Give the wall clock as it will be."""
        return super().now() + 10.0


class Desk:
    """A server with a home and a working folder of its own, and a provider's stand-in."""

    def __init__(self, folder: Path, provider: Running) -> None:
        self.home, self.working = folder / "home", folder / "work"
        self.working.mkdir()
        self.provider = provider
        self.environ = dict(provider.env)
        httpx.post(f"{provider.base_url}/_sandbox/reset").raise_for_status()

    @asynccontextmanager
    async def client(
        self,
        mode: str = "auto",
        *,
        clock: Clock | None = None,
        server: Mapping[str, Any] | None = None,
        **settings: Any,
    ) -> AsyncIterator[Client]:
        """Connect to a new server with a ferry of its own, in one era of the protocol.

        `server` has more settings of the server, `settings` those of the client.
        """
        built = build_server(self.ferry(clock=clock), **{"working": self.working, **(server or {})})
        async with Client(built, mode=mode, **settings) as client:
            yield client

    def ferry(self, **settings: Any) -> Ferry:
        """Give a new ferry of the desk's home, as a server has it."""
        return Ferry(home=self.home, environ=self.environ, caller="mcp", speed=SPEED, **settings)

    def sandbox(self, what: str) -> list[dict[str, Any]]:
        """Give what the provider itself says about tasks or requests."""
        listed: list[dict[str, Any]] = httpx.get(f"{self.provider.base_url}/_sandbox/{what}").json()[what]
        return listed

    def creates(self) -> int:
        """Count the billed calls that reached the provider."""
        return self._count("create")

    def reads(self) -> int:
        """Count the looks that reached the provider."""
        return self._count("read")

    def _count(self, kind: str) -> int:
        return sum(request["kind"] == kind for request in self.sandbox("requests"))


def text_of(result: CallToolResult) -> str:
    """Give what the model reads."""
    return "\n".join(block.text for block in result.content if block.type == "text")


def content_of(artifact: dict[str, Any]) -> bytes:
    """Give the bytes of a kept file."""
    return Path(artifact["path"]).read_bytes()


async def submit(client: Client, prompt: str, **more: Any) -> CallToolResult:
    """Submit a picture."""
    return await client.call_tool("submit_task", {"operation": "vap/image", "parameters": {"prompt": prompt}, **more})


async def made(client: Client, prompt: str = "a small red fox") -> CallToolResult:
    """Submit a picture and wait for its end."""
    task_id = (await submit(client, prompt)).structured_content["id"]
    return await client.call_tool("wait_task", {"task_id": task_id})
