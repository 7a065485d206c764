"""The vendor's own MCP client, vap-mcp 0.2.1, loaded as far as the MCP SDK of today allows.

The wheel asks for `mcp>=1.0.0` and registers its tools by `@server.list_tools()` and `@server.call_tool()`, which
mcp 2 took away from `Server`: importing it there ends in an AttributeError. Only these two decorators are given back,
for the time of the import; all that the client does with the service is its own code.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

import mcp.server
import pytest


class DecoratedServer(mcp.server.Server[Any]):
    """mcp 2's server with the decorators of mcp 1, which leave a function as it is."""

    def list_tools(self) -> Callable[[Any], Any]:
        return lambda function: function

    def call_tool(self) -> Callable[[Any], Any]:
        return lambda function: function


class VapMcp:
    """The client's tools, called as its server calls them."""

    def __init__(self, module: ModuleType) -> None:
        self._module = module

    async def call(self, tool: str, **arguments: Any) -> str:
        """Call a tool and give its text."""
        (content,) = await self._module.call_tool(tool, arguments)
        return str(content.text)

    async def read(self, task_id: str) -> dict[str, str]:
        """Call get_task and give its lines by their names."""
        lines = (await self.call("get_task", task_id=task_id)).splitlines()
        return dict(line.split(": ", 1) for line in lines if ": " in line)

    async def tools(self) -> list[str]:
        """List the names of its tools."""
        return [tool.name for tool in await self._module.list_tools()]

    async def schemas(self) -> dict[str, dict[str, Any]]:
        """Give the JSON Schemas of its tools' arguments, by name."""
        return {tool.name: tool.input_schema for tool in await self._module.list_tools()}


@contextmanager
def vap_mcp(variables: dict[str, str]) -> Iterator[VapMcp]:
    """Load the client with these environment variables, which it reads when it is imported."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("VAP_API_URL", "VAP_API_BASE_URL", "VAP_API_KEY", "VAP_DEBUG"):
            patch.delenv(name, raising=False)
        for name, value in variables.items():
            patch.setenv(name, value)
        patch.setattr(mcp.server, "Server", DecoratedServer)
        for name in ("vap_mcp", "vap_mcp.server"):
            patch.delitem(sys.modules, name, raising=False)
        yield VapMcp(importlib.import_module("vap_mcp.server"))
