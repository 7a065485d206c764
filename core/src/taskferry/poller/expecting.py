"""What is expected of jobs of one operation, model and size: as past ones did, whichever process watched them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping

from attrs import define

from taskferry.errors import LedgerError, PluginError, UsageError
from taskferry.ledger import model_and_size
from taskferry.ledger.protocol import LedgerProtocol
from taskferry.ledger.record import Job
from taskferry.ledger.sharing import SharesLimits
from taskferry.ledger.thread import LedgerThread
from taskferry.operation import Typical
from taskferry.poller.deadlines import DEADLINES, Deadlines
from taskferry.poller.durations import Durations
from taskferry.registry import Registry
from taskferry.task import Kind

log = logging.getLogger("taskferry")

READ_AGAIN = 60.0
"""Seconds after which it is read again what jobs of a kind took in other processes, when the next one comes."""
_ANY = Typical(median=60.0, slow=300.0)
"""Durations of an operation that nobody here knows."""

_Runs = list[tuple[float, float, float | None]]


@define
class _Known:
    durations: Durations
    deadlines: Deadlines
    runs: _Runs
    read_at: float


class Expectations:
    """Durations and deadlines by kind of job, each shared by all its jobs of this process."""

    def __init__(
        self,
        ledger: LedgerProtocol,
        thread: LedgerThread,
        registry: Registry,
        monotonic: Callable[[], float],
        *,
        speed: float,
        deadlines: Mapping[Kind, Deadlines] | None = None,
    ) -> None:
        self._ledger = ledger
        self._is_shared = isinstance(ledger, SharesLimits)
        self._thread = thread
        self._registry = registry
        self._monotonic = monotonic
        self._speed = speed
        self._deadlines = DEADLINES if deadlines is None else {**DEADLINES, **deadlines}
        self._known: dict[tuple[str | None, ...], _Known] = {}
        self._reading: set[asyncio.Task[None]] = set()

    async def of(self, job: Job) -> tuple[Durations, Deadlines]:
        """Give how long such jobs take and may take: as past ones did, else as the operation says."""
        model, size = model_and_size(job.parameters)
        shape = (job.operation, job.generation, model, size)
        if shape not in self._known:
            now, runs = self._monotonic(), await self._runs(job.operation, model, size)
            typical, kind = self._told(job)
            deadlines = self._deadlines.get(kind, Deadlines()).fitted(typical)
            self._known.setdefault(shape, _Known(Durations(typical, runs), deadlines, runs, now))
        known = self._known[shape]
        if self._is_shared and self._monotonic() - known.read_at >= READ_AGAIN:
            known.read_at = self._monotonic()
            reading = asyncio.create_task(self._read_again(known, job.operation, model, size))
            self._reading.add(reading)
            reading.add_done_callback(self._reading.discard)
        return known.durations, known.deadlines

    def _told(self, job: Job) -> tuple[Typical, Kind]:
        try:
            operation = self._registry.operation(job.operation, job.generation)
        except (UsageError, PluginError):  # its plugin is gone: it can still be shown and its files copied
            return _ANY, Kind.OTHER
        return operation.typical.scaled(self._speed), operation.kind

    async def _runs(self, operation: str, model: str | None, size: str | None) -> _Runs:
        past = await self._thread.call(self._ledger.durations, operation, model, size)
        return [(run.queue_seconds, run.run_seconds, run.half) for run in reversed(past)]

    async def _read_again(self, known: _Known, operation: str, model: str | None, size: str | None) -> None:
        try:
            runs = await self._runs(operation, model, size)
        except LedgerError as error:
            log.debug("what jobs of %s took elsewhere is read later: %s", operation, error)
            return
        if runs != known.runs:
            known.runs = runs
            known.durations.relearn(runs)
