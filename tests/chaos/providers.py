"""Both stand-ins in a process of their own, so that those which fork have no threads."""

from __future__ import annotations

import functools
import json
import os
import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pkgutil import resolve_name
from typing import Any

from chaos.script import SPEED
from taskferry.sandbox import Job, Media, Settings, StandIn, serve

_FACTORIES = {"tripo": "taskferry_tripo.sandbox:stand_in", "vap": "taskferry_vap.sandbox:stand_in"}


def _quick(factory: str) -> Callable[[Settings], StandIn]:
    """Make a stand-in that draws one file of each kind and serves it for every job."""

    def make(settings: Settings) -> StandIn:
        stand_in: StandIn = resolve_name(factory)(settings)
        drawn: dict[tuple[str, str], Media] = {}
        produce = stand_in.produce

        def produce_once(job: Job, name: str) -> Media:
            kind = (job.type, name)
            if kind not in drawn:
                drawn[kind] = produce(job, name)
            return drawn[kind]

        stand_in.produce = produce_once  # type: ignore[method-assign]  # its files are to cost nothing here
        stand_in.reset()
        return stand_in

    return make


@contextmanager
def providers() -> Iterator[Mapping[str, Mapping[str, Any]]]:
    """Run both stand-ins; yield, by name, their base URL and the variables that point taskferry at them."""
    reading, writing = os.pipe()
    process = os.fork()
    if not process:
        os.close(reading)
        serve(
            {name: _quick(factory) for name, factory in _FACTORIES.items()},
            speed=SPEED,
            limits=False,
            as_json=True,
            write=functools.partial(_write, writing),
        )
        os._exit(0)
    os.close(writing)
    try:
        with os.fdopen(reading) as pipe:
            yield json.loads(pipe.readline())
    finally:
        os.kill(process, signal.SIGTERM)
        os.waitpid(process, 0)


def _write(descriptor: int, text: str) -> None:
    os.write(descriptor, text.encode())
    os.close(descriptor)
