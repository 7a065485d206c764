"""`taskferry worker`: drive the tasks of a ledger that several machines share."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING, Any

import click

from taskferry.cli import exits, options, output
from taskferry.cli.extras import need
from taskferry.cli.opening import SETTINGS
from taskferry.errors import UsageError
from taskferry.settings import shared_ledger

if TYPE_CHECKING:
    from taskferry.worker import Report

_LEVELS = ("debug", "info", "warning", "error")


def _place(_: click.Context, __: click.Parameter, text: str | None) -> tuple[str, int] | None:
    """Read HOST:PORT; an IPv6 address stands in brackets."""
    if text is None:
        return None
    host, colon, port = text.rpartition(":")
    host = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    if not (colon and host and port.isascii() and port.isdigit() and int(port) <= 65535):
        raise click.BadParameter(f"{text!r} is no address: write it as 127.0.0.1:8724, with port 0 for a free one.")
    return host, int(port)


@click.command("worker", short_help="Drive the tasks of a ledger that machines share.")
@click.option("--slots", type=click.IntRange(1), default=2000, metavar="N", help="Have N tasks in hand at most.")
@click.option(
    "--health",
    callback=_place,
    metavar="HOST:PORT",
    help="Answer /health and /metrics (Prometheus) there, to anybody who asks; without it, nowhere.",
)
@click.option("--log", "form", type=click.Choice(("text", "json")), default="text", help="How a line on stderr looks.")
@click.option("--log-level", "level", type=click.Choice(_LEVELS), default="info", help="Say nothing below this.")
@click.option(
    "--drain",
    type=click.FloatRange(min=0, max=3600),
    default=30.0,
    metavar="S",
    help="Wait at the end, for S seconds at most, for the replies to billed calls that are out.",
)
@options.as_json
def command(slots: int, health: tuple[str, int] | None, form: str, level: str, drain: float, as_json: bool) -> int:
    """Drive the tasks of a shared ledger (TASKFERRY_LEDGER=postgresql://...) until SIGTERM or Ctrl-C.

    It submits what others ask for, looks, and keeps the files in its own TASKFERRY_HOME. Several workers share the
    work, and the tasks of one that dies are taken over. Tasks of providers that it has no plugin or key for are left
    to others. At its end it hands its tasks over and cancels none; a second signal ends it at once. With --json the
    document is printed at the end.
    """
    from taskferry.worker import WorkerOptions, logging_to_stderr, run_worker
    from taskferry.worker.serving import NOT_SHARED

    if shared_ledger(os.environ) is None:
        raise UsageError(NOT_SHARED)
    if health is not None:
        need("worker")
    asked = WorkerOptions(slots=slots, health=health, drain=drain)
    with logging_to_stderr("json" if form == "json" else "text", level) as lines:
        report = asyncio.run(run_worker(asked, lines=lines, **{**SETTINGS, "caller": "worker"}))
    if as_json:
        output.document({"worker": _document(report)})
    return exits.DONE


def _document(report: Report) -> dict[str, Any]:
    return {
        "providers": list(report.providers),
        "slots": report.slots,
        "seconds": round(report.seconds, 3),
        "ended": dict(report.ended),
        "handed_over": report.handed_over,
    }
