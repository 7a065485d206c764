"""`taskferry mcp`: serve the operations to agents."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

from taskferry.cli import options
from taskferry.cli.commands.mcp_install import command as install
from taskferry.cli.extras import need
from taskferry.cli.importing import much_to_import
from taskferry.cli.mcp_http import http_options, network_options
from taskferry.cli.output import say


@click.group("mcp", invoke_without_command=True, short_help="Serve the operations to agents over MCP.")
@click.option("--profile", default="native", metavar="NAME", help="Offer the tools of a provider's own server.")
@click.option(
    "--root",
    "roots",
    multiple=True,
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    metavar="DIR",
    help="Let tools read and write files below DIR, not the working folder; may be given several times.",
)
@network_options
@options.errors_as_json
@click.pass_context
def command(context: click.Context, /, *, profile: str, roots: tuple[Path, ...], http: bool, **network: Any) -> int:
    """Serve the operations to agents over the Model Context Protocol, on stdin and stdout or over HTTP.

    An agent starts it by itself: name `taskferry mcp` as the command in the agent's list of MCP servers, or let
    `taskferry mcp install` do that. Over HTTP it listens on this machine alone unless told otherwise; with tokens, from
    TASKFERRY_MCP_TOKEN, a file or an authorization server, each caller sees its own tasks alone.
    TASKFERRY_CONFIRM_ABOVE, as "1 USD, 40 credits", has agents' clients ask their user before a dearer job.
    """
    if context.invoked_subcommand is not None:
        return 0
    need("mcp")
    with much_to_import():
        from taskferry.ferry import Ferry
        from taskferry.mcp.confirming import Confirming  # brings in the MCP library
        from taskferry.mcp.server import build_server
        from taskferry.mcp.stdio import log_to_stderr, serve_stdio

        log_to_stderr()
        settings = http_options(**network) if http else None
        server = build_server(
            Ferry(caller="mcp"),
            roots=roots,
            profile=profile,
            confirming=Confirming.read(os.environ),
            auth=settings.auth if settings else None,
            verifier=settings.verifier if settings else None,
        )
    if settings is None:
        serve_stdio(server)
    else:
        from taskferry.mcp.http import serve_http

        serve_http(server, settings, listening=say)
    return 0


command.add_command(install)
