"""An agent's place of work for the tests of drop-in profiles: a server with a provider's own tools."""

from __future__ import annotations

import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from mcp import Client, StdioServerParameters
from mcp_types import CallToolResult

from mcp_desk import SPEED, Desk, text_of
from taskferry import Ferry
from taskferry.mcp import build_server


class ProfileDesk(Desk):
    """A desk whose servers offer the tools of a profile; the native ones and other profiles by name."""

    @asynccontextmanager
    async def agent(self, profile: str, mode: str = "auto", **client: Any) -> AsyncIterator[Client]:
        """Connect to a new server with a ferry of its own, in one era of the protocol."""
        ferry = Ferry(home=self.home, environ=self.environ, caller="mcp", speed=SPEED)
        async with Client(build_server(ferry, working=self.working, profile=profile), mode=mode, **client) as agent:
            yield agent


def lines_of(result: CallToolResult) -> dict[str, str]:
    """Give the lines of an answer that say something by name."""
    return dict(line.split(": ", 1) for line in text_of(result).splitlines() if ": " in line)


def said(result: CallToolResult) -> dict[str, Any]:
    """Give the dictionary that an answer is, after comparing its two forms."""
    document: dict[str, Any] = json.loads(text_of(result))
    assert document == result.structured_content
    return document


def offered(properties: dict[str, Any]) -> dict[str, Any]:
    """Give the defaults and choices of a tool's arguments, as tables of facts have them."""
    return {name: (rule.get("default"), rule.get("enum"), *limits(rule)) for name, rule in properties.items()}


def limits(rule: dict[str, Any]) -> tuple[Any, ...]:
    """Give the least and the greatest number, if there are any."""
    return (rule["minimum"], rule["maximum"]) if "maximum" in rule else ()


def process(desk: ProfileDesk, *options: str) -> StdioServerParameters:
    """Say how a host starts a server, as `process(desk, "--profile", "acme")`."""
    environ = {**desk.environ, "TASKFERRY_HOME": str(desk.home)}
    start = ["-m", "taskferry.cli.start", "mcp", *options]
    return StdioServerParameters(command=sys.executable, args=start, env=environ, cwd=desk.working)
