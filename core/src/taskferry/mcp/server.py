"""Builds the MCP server and serves it over stdin and stdout."""

from __future__ import annotations

import logging
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from pathlib import Path

from mcp.server.mcpserver import MCPServer

from taskferry.errors import TaskferryError
from taskferry.ferry import Ferry
from taskferry.mcp.roots import Roots
from taskferry.mcp.state import State
from taskferry.mcp.tools import TOOLS

_INSTRUCTIONS = """\
Taskferry submits paid, long-running generation jobs (images, video, music, 3D) to these providers: {providers}.
1. list_operations shows what there is; called with one operation it gives the schema of its parameters.
2. submit_task starts a job and costs money; set max_cost, and an idempotency_key if you may have to repeat it.
3. wait_task returns when the job ends, or within its timeout while the job goes on; call it again then.
4. The results are files on this machine; the result links them.
Jobs outlive this server and this conversation: list_tasks finds them again. Never submit a job again only because a
call timed out or a reply was lost."""


def build_server(ferry: Ferry, *, working: Path | None = None) -> MCPServer[State]:
    """Make the server of a ferry that is not open yet; serving opens it.

    `working` is the folder below which tools may read and write files, by default the process's own.
    """
    roots = Roots(working=working or Path.cwd(), home=ferry.home)

    @asynccontextmanager
    async def lifespan(_: MCPServer[State]) -> AsyncIterator[State]:
        async with ferry:
            yield State(ferry=ferry, roots=roots)

    return MCPServer(
        "taskferry",
        title="Taskferry",
        version=version("taskferry"),
        instructions=_INSTRUCTIONS.format(providers=", ".join(ferry.registry.providers) or "none installed"),
        tools=list(TOOLS),
        lifespan=lifespan,
        log_level="WARNING",  # below it, the HTTP client logs URLs, and some providers take the key in the URL
    )


def serve() -> None:
    """Serve over stdin and stdout until stdin ends; logs go to stderr.

    Raise the TaskferryError that keeps the ferry from opening, such as LedgerCorrupt.
    """
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s: %(message)s")
    try:
        build_server(Ferry(caller="mcp")).run("stdio")
    except BaseExceptionGroup as group:
        known = group.subgroup(TaskferryError)
        if known is None:
            raise
        raise _first(known) from None


def _first(group: BaseExceptionGroup[TaskferryError]) -> TaskferryError:
    """Give the error itself, out of the groups that the stream's tasks wrap it in."""
    error = group.exceptions[0]
    return _first(error) if isinstance(error, BaseExceptionGroup) else error
