"""A worker from its first look at the ledger to its last hand-over."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import socket
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, NamedTuple

from attrs import frozen

from taskferry.errors import UsageError
from taskferry.ferry import Ferry
from taskferry.ledger.sharing import SharesWork
from taskferry.settings import LEDGER
from taskferry.text import clean
from taskferry.worker.logs import Lines
from taskferry.worker.probe import Probe
from taskferry.worker.sound import providers_of, secrets_of
from taskferry.worker.stopping import stopped_by_signals
from taskferry.worker.tally import Tally

log = logging.getLogger("taskferry")

NOT_SHARED = (
    f"A worker drives the tasks of a ledger that several machines share, and there is none here: set {LEDGER}="
    "postgresql://USER@HOST/DATABASE (with taskferry-postgres installed), the same as where jobs are submitted. With "
    "the file of the taskferry home no worker is needed: whoever submits a job drives it."
)
_TAKEN_BACK_WITHIN = 30.0
"""Seconds that the queue has at the end to take its tasks back."""
_CLOCK_EVERY = 60.0
"""Seconds between two looks whether this machine's clock was set."""


@frozen(kw_only=True)
class WorkerOptions:
    """How a worker works."""

    slots: int = 2000
    """Tasks in hand at most."""
    health: tuple[str, int] | None = None
    """Host and port to answer questions about its health at; None for nowhere."""
    drain: float = 30.0
    """Seconds at the end to wait for the replies to billed calls that are out."""


@frozen(kw_only=True)
class Report:
    """What a worker did."""

    providers: Sequence[str]
    slots: int
    seconds: float
    ended: Mapping[str, int]
    """Tasks that ended in its hands, by their status."""
    handed_over: int
    """Tasks that it had in hand when it was told to stop."""


async def run_worker(options: WorkerOptions, *, lines: Lines | None = None, **settings: Any) -> Report:
    """Work until a signal or an error ends it; nothing is ever cancelled at a provider.

    `settings` are those of a Ferry; `lines` are told what must not be in the log. Raise UsageError where there is
    nothing to share or nothing that can be served, LedgerError for a ledger that does not work and will not.
    """
    tally = Tally()
    with contextlib.ExitStack() as stack:
        listener = None if options.health is None else stack.enter_context(_listen(options.health))
        ferry = Ferry(**{"caller": "worker", **settings})
        ferry.registry.manager.register(tally, "the worker's tally")
        async with ferry:
            ledger, providers = await _begun(ferry, tally, lines, settings.get("environ") or os.environ)
            probe = Probe(ferry.engine, ledger, slots=options.slots, providers=providers)
            async with _answering(listener, probe, tally):
                shift = await _work(ferry, ledger, probe, options)
    report = Report(
        providers=providers,
        slots=options.slots,
        seconds=shift.seconds,
        ended=tally.ended(),
        handed_over=shift.handed_over,
    )
    _tell(f"worker stopped, {report.handed_over} tasks handed over", ended=report.ended)
    return report


class _Shift(NamedTuple):
    seconds: float
    handed_over: int


async def _begun(
    ferry: Ferry, tally: Tally, lines: Lines | None, environ: Mapping[str, str]
) -> tuple[SharesWork, Sequence[str]]:
    """Find out what can be served, and say so to the ledger."""
    engine, ledger = ferry.engine, ferry.ledger
    if not isinstance(ledger, SharesWork):
        raise UsageError(NOT_SHARED)
    if lines is not None:
        lines.hide(secrets_of(engine, ferry.registry, environ))
    tally.follows = lambda task_id: (flight := engine.poller.flight(task_id)) is not None and flight.foreign
    providers, left_out = providers_of(engine, ferry.registry)
    for name, reason in left_out.items():
        log.warning("tasks of %s are left to other workers: %s", name, clean(reason))
    if not providers:
        raise UsageError(
            "There is no provider that this worker could serve: "
            + (" ".join(left_out.values()) or "install a provider's package.")
        )
    await engine.call(ledger.serve, providers)
    return ledger, providers


async def _work(ferry: Ferry, ledger: SharesWork, probe: Probe, options: WorkerOptions) -> _Shift:
    """Work until told to stop, then hand everything over: the queue first, so that nothing new comes meanwhile."""
    stop, began = asyncio.Event(), time.monotonic()
    engine = ferry.engine
    with stopped_by_signals(stop):
        working = asyncio.create_task(ledger.work(engine, slots=options.slots, stop=stop), name="taskferry-work")
        stopping = asyncio.create_task(stop.wait())
        agreeing = asyncio.create_task(_agree_again(ferry))
        try:
            _tell("worker ready", providers=list(probe.providers), slots=options.slots, ledger=ferry.ledger.place)
            await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
            probe.draining = True
            handed_over = engine.in_hand
            stop.set()
            await asyncio.wait({working}, timeout=_TAKEN_BACK_WITHIN)
        finally:
            for task in (stopping, agreeing, working):
                task.cancel()
            await asyncio.gather(stopping, agreeing, working, return_exceptions=True)
            await engine.poller.close(options.drain)
    if not working.cancelled():
        working.result()  # raises what ended it
    return _Shift(time.monotonic() - began, handed_over)


async def _agree_again(ferry: Ferry) -> None:
    while True:
        await asyncio.sleep(_CLOCK_EVERY)
        await ferry.engine.agree()


@contextlib.asynccontextmanager
async def _answering(listener: socket.socket | None, probe: Probe, tally: Tally) -> AsyncIterator[None]:
    """Watch the worker and, where that is asked for, answer questions about its health while the block lasts."""
    if listener is None:
        yield
        return
    from taskferry.worker.health import answering, application, url_of  # needs the extra `worker`
    from taskferry.worker.metrics import Metrics

    watching = asyncio.create_task(probe.watch(), name="taskferry-probe")
    try:
        async with answering(listener, application(probe, Metrics(tally, probe))):
            _tell("health is told", url=url_of(listener))
            yield
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)


def _listen(place: tuple[str, int]) -> socket.socket:
    from taskferry.worker.health import listen  # needs the extra `worker`

    return listen(*place)


def _tell(message: str, **fields: Any) -> None:
    log.info(message, extra={"fields": fields})
