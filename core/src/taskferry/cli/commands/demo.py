"""`taskferry demo`: every provider's demo jobs at its own stand-in, at once, with nothing to pay."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import click

from taskferry.cli import options, output, render, waiting
from taskferry.cli.extras import need
from taskferry.cli.folders import usable
from taskferry.cli.stand_ins import Job, demo_jobs, stand_ins
from taskferry.cli.waiting import Ending
from taskferry.ledger.record import Record
from taskferry.registry import Registry

if TYPE_CHECKING:
    from taskferry.ferry import Ferry
    from taskferry.handle import FerryTask
    from taskferry.sandbox.host import Factory

DOCUMENT = "tasks.json"


@click.command("demo", short_help="Make image, video, music and 3D now, with no key and no cost.")
@click.option(
    "--out",
    "-o",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("demo-out"),
    metavar="DIR",
    help="Where the files go; demo-out unless told.",
)
@click.option("--speed", type=click.FloatRange(min=0, min_open=True), default=10.0, metavar="X", help="Times as fast.")
@options.as_json
def command(out: Path, speed: float, as_json: bool) -> int:
    """Run the demo jobs of every installed provider at once, at stand-in servers on this machine.

    It needs no key, sends nothing anywhere, costs nothing and leaves your own tasks alone. The files stay in DIR,
    and DIR/tasks.json holds what --json prints.
    """
    need("sandbox")
    registry = Registry()
    found = stand_ins(registry)
    jobs = demo_jobs(registry, list(found))
    folder = usable(out)
    ending = _run(registry, {name: found[name] for name in jobs}, jobs, folder, speed)
    document = waiting.tasks_document(ending.records)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / DOCUMENT).write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    code = waiting.conclude(ending, as_json=as_json, say=_remark)
    output.note(f"The files are in {out}, and what --json prints is in {out / DOCUMENT}.")
    return code


def _run(
    registry: Registry, servers: Mapping[str, Factory], jobs: Mapping[str, Sequence[Job]], folder: Path, speed: float
) -> Ending:
    from taskferry.sandbox import running  # brings in the servers

    async def begin(ferry: Ferry) -> list[FerryTask]:
        made = [ferry.submit(name, parameters, folder=folder) for some in jobs.values() for name, parameters in some]
        return list(await asyncio.gather(*made))

    with TemporaryDirectory(prefix="taskferry-demo-") as home, running(servers, speed=speed) as started:
        environ = {name: value for server in started.values() for name, value in server.env.items()}
        return waiting.follow(begin, home=home, registry=registry, environ=environ, speed=speed, caller="demo")


def _remark(record: Record, *, interrupted: bool) -> str:
    if record.snapshot.status.terminal:
        return render.remark(record)
    why = "the stand-ins ended with this command" if interrupted else "it did not end"
    return f"{render.headline(record)}  {record.snapshot.status}: {why}. Run `taskferry demo` again."
