"""`taskferry ui`: the gallery in the browser."""

from __future__ import annotations

import os
import secrets
import sys
import threading
import webbrowser
from collections.abc import Sequence

import click

from taskferry.cli import options
from taskferry.cli.extras import need
from taskferry.cli.opening import SETTINGS
from taskferry.cli.output import note, say

_HOST = "127.0.0.1"


@click.command("ui", short_help="See and make everything in the browser.")
@click.option("--host", default=_HOST, metavar="ADDRESS", help="Listen here; elsewhere than here only with a token.")
@click.option("--port", type=click.IntRange(0, 65535), default=8723, metavar="N", help="0 takes a free one.")
@click.option("--no-open", is_flag=True, help="Open no browser.")
@click.option(
    "--token",
    envvar="TASKFERRY_UI_TOKEN",
    metavar="TOKEN",
    help="What a browser has to show once; on another address than this machine's own, one is made unless given.",
)
@click.option("--allowed-host", "names", multiple=True, metavar="NAME", help="Answer to this host name too.")
@options.errors_as_json
def command(host: str, port: int, no_open: bool, token: str | None, names: Sequence[str]) -> int:
    """Show every task in the browser as it comes, and start, repeat and cancel jobs there, until Ctrl-C or SIGTERM.

    Nothing is loaded from anywhere but this machine. Jobs that nobody watches are watched meanwhile; those of other
    processes are shown as they have them.
    """
    need("ui")
    from taskferry.hosts import is_loopback
    from taskferry.web import WebOptions, serve  # brings in the web framework

    made = token or (None if is_loopback(host) else secrets.token_urlsafe(24))

    def listening(url: str) -> None:
        say(url)
        if not no_open:  # some browsers keep their caller waiting until they are closed
            threading.Thread(target=_open, args=(url,), name="taskferry-browser", daemon=True).start()

    serve(
        WebOptions(host=host, port=port, token=made, names=names),
        listening=listening,
        **{**SETTINGS, "caller": "ui"},
    )
    return 0


def _open(url: str) -> None:
    """Open the address, unless the only browser that is left would take over the terminal."""
    display = sys.platform in ("darwin", "win32") or any(map(os.environ.get, ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER")))
    try:
        opened = display and webbrowser.open(url)
    except (webbrowser.Error, OSError) as error:
        note(f"The browser could not be started: {error}")
        return
    if not opened:
        note("No browser could be opened here: open that address in one.")
