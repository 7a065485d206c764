"""Serves over stdin and stdout, as hosts start it on the user's own machine."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from mcp.server.mcpserver import MCPServer

from taskferry.errors import TaskferryError


def serve_stdio(server: MCPServer[Any]) -> None:
    """Serve until stdin ends; raise the TaskferryError that keeps the ferry from opening, such as LedgerCorrupt."""
    with unwrapped():
        server.run("stdio")


def log_to_stderr() -> None:
    """Have warnings go to stderr, a line each: stdout is the wire. Call it before the server is built."""
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s: %(message)s")


@contextmanager
def unwrapped() -> Iterator[None]:
    """Raise a TaskferryError itself, out of the groups that the stream's tasks wrap it in."""
    try:
        yield
    except BaseExceptionGroup as group:
        known = group.subgroup(TaskferryError)
        if known is None:
            raise
        raise _first(known) from None


def _first(group: BaseExceptionGroup[TaskferryError]) -> TaskferryError:
    error = group.exceptions[0]
    return _first(error) if isinstance(error, BaseExceptionGroup) else error
