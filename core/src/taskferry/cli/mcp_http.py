"""The options of `taskferry mcp` that are about the network, and what they come to."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from taskferry.errors import UsageError

if TYPE_CHECKING:
    from taskferry.mcp.http import HttpOptions

F = TypeVar("F", bound=Callable[..., Any])
_SECRET = "TASKFERRY_MCP_CLIENT_SECRET"  # noqa: S105 -- the name of the variable, not a secret

_OPTIONS = (
    click.option("--http", is_flag=True, help="Serve over streamable HTTP instead of stdin and stdout."),
    click.option("--host", default="127.0.0.1", metavar="ADDRESS", help="Listen here; elsewhere only with tokens."),
    click.option("--port", type=click.IntRange(0, 65535), default=8722, metavar="N", help="0 takes a free one."),
    click.option(
        "--token-file",
        type=click.Path(path_type=Path, dir_okay=False, exists=True),
        metavar="FILE",
        help="Take the bearer tokens in FILE, a name and a token on each line; tasks belong to the name.",
    ),
    click.option("--allowed-host", "names", multiple=True, metavar="NAME", help="Answer to this Host header too."),
    click.option("--oauth-issuer", metavar="URL", help="Take access tokens of this authorization server."),
    click.option("--resource-url", metavar="URL", help="This server's public URL, which those tokens have to name."),
    click.option("--jwks-url", metavar="URL", help="Check those tokens with the keys published here."),
    click.option("--introspection-url", metavar="URL", help="Check those tokens by asking here."),
    click.option("--client-id", metavar="ID", help=f"Ask as this client, with the secret in {_SECRET}."),
    click.option("--scope", "scopes", multiple=True, metavar="NAME", help="Every access token needs this scope."),
)


def network_options(command: F) -> F:
    """Add the options."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def http_options(
    *,
    host: str,
    port: int,
    token_file: Path | None,
    names: Sequence[str],
    oauth_issuer: str | None,
    resource_url: str | None,
    jwks_url: str | None,
    introspection_url: str | None,
    client_id: str | None,
    scopes: Sequence[str],
) -> HttpOptions:
    """Give what the options come to; raise UsageError for what does not go together."""
    from taskferry.mcp.http import HttpOptions, OAuth, StaticTokens  # brings in the MCP library

    if bool(oauth_issuer) != bool(resource_url):
        raise UsageError("--oauth-issuer and --resource-url go together: give both or none.")
    oauth = None
    if oauth_issuer and resource_url:
        oauth = OAuth(
            issuer=oauth_issuer,
            resource=resource_url,
            jwks_url=jwks_url,
            introspection_url=introspection_url,
            client_id=client_id,
            client_secret=os.environ.get(_SECRET),
            scopes=scopes,
        )
    return HttpOptions(host=host, port=port, tokens=StaticTokens.read(os.environ, token_file), oauth=oauth, names=names)
