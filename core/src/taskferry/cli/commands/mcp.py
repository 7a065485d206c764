"""`taskferry mcp`: serve the operations to agents."""

from __future__ import annotations

import click

from taskferry.cli import options
from taskferry.cli.extras import need


@click.command("mcp", short_help="Serve the operations to agents over MCP.")
@options.errors_as_json
def command() -> int:
    """Serve the operations to agents over the Model Context Protocol, on stdin and stdout.

    An agent starts it by itself: name `taskferry mcp` as the command in the agent's list of MCP servers.
    """
    need("mcp")
    from taskferry.mcp.server import serve  # brings in the MCP library

    serve()
    return 0
