"""`taskferry sandbox`: stand-in servers of the installed providers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import click

from taskferry.cli import options, output, render
from taskferry.cli.extras import need
from taskferry.cli.stand_ins import card_stand_ins, stand_ins
from taskferry.registry import Registry

if TYPE_CHECKING:
    from taskferry.sandbox import Settings, StandIn


@click.command("sandbox", short_help="Run stand-in servers that cost nothing.")
@click.option("--port", type=click.IntRange(0, 65535), default=0, metavar="N", help="First port; 0 takes free ones.")
@click.option("--speed", type=click.FloatRange(min=0, min_open=True), default=1.0, metavar="X", help="Times as fast.")
@click.option("--no-limits", is_flag=True, help="Enforce no request rates, concurrency or spending limits.")
@click.option(
    "--card",
    "cards",
    multiple=True,
    type=click.Path(dir_okay=False),
    metavar="FILE",
    help="Serve this card, and no installed provider; may be repeated.",
)
@click.option("--faults", is_flag=True, help="List the words that a prompt may carry to provoke faults, and stop.")
@options.as_json
def command(port: int, speed: float, no_limits: bool, cards: tuple[str, ...], faults: bool, as_json: bool) -> int:
    """Run a stand-in server for each provider on this machine, until Ctrl-C or SIGTERM.

    They behave as the real services do, faults included, make real files and bill nobody. Printed are their
    base URLs and the variables that point every taskferry command, and the vendors' own clients, at them.
    With --json that is one line of JSON as soon as they listen.
    """
    need("sandbox")
    found = card_stand_ins(cards) if cards else stand_ins(Registry())
    if faults:
        return _list_faults(found, as_json=as_json)
    from taskferry.sandbox import serve

    serve(found, port=port, speed=speed, limits=not no_limits, as_json=as_json)
    return 0


def _list_faults(found: Mapping[str, Callable[[Settings], StandIn]], *, as_json: bool) -> int:
    from taskferry.sandbox import TOKENS, Settings

    listed: list[dict[str, Any]] = []
    for provider, tokens in [
        ("", TOKENS),
        *((name, make(Settings()).tokens) for name, make in found.items()),
    ]:
        listed += [_fault(provider, word, token) for word, token in tokens.items()]
    if as_json:
        output.document({"faults": listed})
        return 0
    rows = [(one["token"], one["provider"] or "all", one["description"]) for one in listed]
    for line in render.columns(("TOKEN", "PROVIDER", "WHAT HAPPENS"), rows):
        output.say(line)
    return 0


def _fault(provider: str, word: str, token: Any) -> dict[str, Any]:
    argument = f":{token.argument}" if token.argument else ""
    written = f"[[{word}{f'({argument})' if argument and token.optional else argument}]]"
    return {"token": written, "provider": provider or None, "description": token.description}
