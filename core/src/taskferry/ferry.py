"""What an embedder imports: submit a job, wait for it, keep its files; nothing is lost and nothing is paid twice."""

from __future__ import annotations

import asyncio
import copy
import logging
import math
import os
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self, Unpack

from attrs import evolve

from taskferry.accounts import generation_for
from taskferry.adapter import Balance, Estimates, HasBalance, Request
from taskferry.clock import Clock, SystemClock
from taskferry.cost import Amount, Cost
from taskferry.engine import Engine
from taskferry.errors import TaskTaken, Unsupported, UsageError
from taskferry.exchange import run
from taskferry.handle import FerryTask
from taskferry.hookspecs import Change
from taskferry.ledger import Ledger
from taskferry.ledger.listing import Filter
from taskferry.ledger.record import Job, Record
from taskferry.operation import Operation
from taskferry.parameters import validate
from taskferry.poller import reconciling
from taskferry.poller.deadlines import Deadlines
from taskferry.poller.reconciling import Reconciliation
from taskferry.poller.recovering import recover
from taskferry.poller.watched import Watched
from taskferry.registry import Registry
from taskferry.settings import home_folder
from taskferry.spend import Caps, Reservation, Span, Spend, TaskCost, check, overruns, quantity_of, read_caps
from taskferry.status import Status
from taskferry.task import Kind, Snapshot, new_id
from taskferry.token import read_token

log = logging.getLogger("taskferry")

_RESUMED_TOGETHER = 200
SAME_WITHIN = 180.0
"""Seconds within which the same caller asking for the same thing gets the task it already has."""


class Ferry:
    """Carries tasks to providers and back; open it with `async with`, once in a process and event loop."""

    def __init__(
        self,
        *,
        home: str | Path | None = None,
        keys: Mapping[str, str] | None = None,
        base_urls: Mapping[str, str] | None = None,
        generations: Mapping[str, str] | None = None,
        keep: bool = True,
        caller: str = "python",
        registry: Registry | None = None,
        environ: Mapping[str, str] | None = None,
        clock: Clock | None = None,
        speed: float = 1.0,
        caps: Mapping[str, Any] | None = None,
        rates: Mapping[str, Any] | None = None,
        deadlines: Mapping[Kind, Deadlines] | None = None,
    ) -> None:
        """Say where the ledger is, and what differs from the environment.

        `keys`, `base_urls` and `generations` are by provider name; `caps` and `rates` are written as in the config
        file: `{"day": "20 USD, 10 videos", "acme": {"task": "40 credits"}}` and `{"acme": {"credits": "0.01 USD"}}`.
        `keep=False` leaves files at the provider until `save` is called. `speed` is that of stand-ins that run faster
        than real providers. `deadlines`, by what an operation makes, say when watching ends.
        """
        self.home = home_folder(environ, home)
        self.registry = registry or Registry(home=self.home)
        self.caller = caller
        self._clock: Clock = clock or SystemClock()
        self._environ = os.environ if environ is None else environ
        self._generations = generations or {}
        self._read_caps = partial(read_caps, self.home, self._environ, caps=caps, rates=rates)
        self._open = partial(
            Engine.open,
            self.registry,
            self._clock,
            home=self.home,
            environ=self._environ,
            settings={"keys": keys or {}, "base_urls": base_urls or {}, "generations": self._generations},
            keep=keep,
            speed=speed,
            deadlines=deadlines,
        )
        self._engine: Engine | None = None

    async def __aenter__(self) -> Self:
        self._engine = await self._open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        engine, self._engine = self.engine, None
        await engine.close()

    @property
    def engine(self) -> Engine:
        """Give what is inside; raise UsageError outside `async with`."""
        if self._engine is None:
            raise UsageError("The ferry is not open: use it inside `async with Ferry() as ferry:`.")
        return self._engine

    @property
    def ledger(self) -> Ledger:
        """Give the open ledger, whose methods block."""
        return self.engine.ledger

    async def submit(
        self,
        operation: str,
        parameters: Mapping[str, Any] | None = None,
        /,
        *,
        max_cost: str | None = None,
        allow_unpriced: bool = False,
        idempotency_key: str | None = None,
        folder: str | Path | None = None,
        again: bool = False,
        patience: float | None = None,
        **more: Any,
    ) -> FerryTask:
        """Submit a job; come back when the provider has taken or refused it, or when that is unclear.

        What is wrong with the call itself raises a UsageError before anything is kept or sent; CostExceeded tells of
        `max_cost`, written as `"1.50 USD"`, and of every other cap. `allow_unpriced` lets a job of unknown price pass
        them. A refusal by the provider is not an exception: the task is `refused` and its failure says why. The same
        `idempotency_key`, or the same thing asked again within minutes unless `again`, gives the task that exists.
        After `patience` seconds the task comes back as it is, while its submit goes on.
        """
        engine = self.engine
        planned, price, reservation = await self._planned(
            operation, {**(parameters or {}), **more}, max_cost, allow_unpriced=allow_unpriced
        )
        job = evolve(planned, idempotency_key=idempotency_key, folder=_absolute(folder))
        now = self._clock.now()
        since = math.inf if again else now - SAME_WITHIN
        existing = await self.engine.call(self.ledger.duplicate, job, since)
        if existing is not None:
            _check_same(existing, job)
            return self._given(await engine.handed(existing), duplicate=True)
        snapshot = Snapshot(
            id=new_id(now),
            provider=job.provider,
            operation=job.operation,
            status=Status.PREPARED,
            cost=Cost() if price is None else Cost(estimated=price.value, unit=price.unit),
            created_at=now,
        )
        try:
            row = Record(job=job, snapshot=snapshot)
            record = await self.engine.write(self.ledger.add, row, reservation, since=since)
        except TaskTaken:  # somebody else, in this process or another, was quicker to ask for the same
            existing = await self.engine.call(self.ledger.duplicate, job, since)
            if existing is None:
                raise
            _check_same(existing, job)
            return self._given(await engine.handed(existing), duplicate=True)
        engine.books.announce(Change(after=record.snapshot))
        task = await engine.watched(record)
        end = math.inf if patience is None else self._clock.monotonic() + patience
        while not task.flight.handled and (left := end - self._clock.monotonic()) > 0:
            await self._clock.wait(task.pulse, None if left == math.inf else left)
        _tell_overrun(task.snapshot, reservation.caps)
        return self._given(task)

    async def _planned(
        self, name: str, parameters: Mapping[str, Any], max_cost: str | None, *, allow_unpriced: bool
    ) -> tuple[Job, Amount | None, Reservation]:
        """Check everything that can be checked before anything is kept or billed."""
        accounts = self.engine.accounts
        usual = self.operation(name)
        provider = usual.provider
        generation = await accounts.settled_generation(provider, keyless=not usual.needs_key)
        found = self.registry.operation(name, generation)
        valid = validate(found, parameters)
        caps = self._caps(max_cost, allow_unpriced=allow_unpriced)
        account = accounts.account(provider, generation, keyless=not found.needs_key)
        job = Job(
            provider=provider,
            operation=found.name,
            generation=account.generation,
            base_url=account.base_url,
            account=account.fingerprint,
            parameters=valid,
            caller=self.caller,
            max_cost=max_cost,
        )
        price = self._price(account.adapter, found, valid)
        reservation = Reservation(caps=caps, quantity=quantity_of(found, valid))
        check(found.name, reservation.held(provider, price), caps, spans=(Span.TASK,))
        return job, price, reservation

    def _caps(self, max_cost: str | None, *, allow_unpriced: bool) -> Caps:
        """Give the caps as they are set now, and that of one call beside them."""
        caps = self._read_caps()
        for name in {cap.provider for cap in caps.caps if cap.provider} - self.registry.providers.keys():
            log.warning("A cap is set for %s, but there is no such provider.", name)
        caps = caps.with_task_caps(max_cost, "max_cost")
        return evolve(caps, allow_unpriced=True) if allow_unpriced else caps

    def quote(self, operation: str, parameters: Mapping[str, Any] | None = None, /, **more: Any) -> Amount | None:
        """Give the price of a job as far as it is known; nothing is sent and no key is needed."""
        found = self.operation(operation)
        valid = validate(found, {**(parameters or {}), **more})
        adapter = self.registry.adapter(found.provider, self._generation(found.provider))
        return self._price(adapter, found, valid)

    def _price(self, adapter: object, operation: Operation, parameters: Mapping[str, Any]) -> Amount | None:
        if isinstance(adapter, Estimates):
            return adapter.estimate(Request(task_id="", operation=operation, parameters=parameters))
        return operation.price

    async def spend(self, days: int = 7, *, provider: str | None = None) -> Spend:
        """Give what tasks of the last days came to and still hold, today among them, and how every cap stands."""
        return await self.engine.call(self.ledger.spend, self._read_caps(), days, provider)

    async def task(self, text: str) -> FerryTask:
        """Give a task by id, by the start of one, or by token, as the ledger has it, without a look."""
        record = await self._found(text)
        return self._given(await self.engine.present(record))

    async def resume(self, text: str) -> FerryTask:
        """Go on with a task in this process: watch it again, or keep files that are still missing."""
        return self._given(await self.engine.handed(await self._found(text)))

    async def resume_all(self) -> list[FerryTask]:
        """Go on with every task that has not ended and that no other live process has in hand."""
        tasks: list[FerryTask] = []
        records = await self.engine.call(self.ledger.unfinished)
        for start in range(0, len(records), _RESUMED_TOGETHER):
            some = records[start : start + _RESUMED_TOGETHER]
            handed = await asyncio.gather(*(self.engine.handed(record) for record in some))
            tasks += [self._given(task) for task in handed]
        return [task for task in tasks if not task.elsewhere]

    async def drive_all(self) -> int:
        """Do as `resume_all` does and keep no handle, for processes with very many tasks; give how many there are."""
        count, after = 0, ""
        while page := await self.engine.call(self.ledger.in_flight, _RESUMED_TOGETHER, after):
            after = page[-1].id
            count += len(page)
            await asyncio.gather(*(self.engine.driven(found.id) for found in page))
        return count

    async def _found(self, text: str) -> Record:
        return await self.engine.call(self.ledger.find, read_token(text))

    def _given(self, task: Watched, *, duplicate: bool = False) -> FerryTask:
        return FerryTask(self.engine, task, duplicate=duplicate)

    async def recent(self, limit: int = 50, **wanted: Unpack[Filter]) -> list[Record]:
        """List tasks as the ledger has them, newest first: all, or those that fit what is wanted."""
        return await self.engine.call(partial(self.ledger.recent, limit, **wanted))

    def for_caller(self, caller: str) -> Ferry:
        """Give the same open ferry in another caller's name, whose jobs alone the duplicate guard compares."""
        view = copy.copy(self)
        view.caller = caller
        return view

    def operation(self, name: str) -> Operation:
        """Give an operation by its full name, in the API generation that new jobs go to; raise UnknownName."""
        return self.registry.operation(name, self._generation(name.partition("/")[0]) if "/" in name else None)

    def operations(self, provider: str | None = None) -> Sequence[Operation]:
        """List what one provider offers for new jobs, or all that every sound one does."""
        if provider is None:
            return self.registry.operations()
        return tuple(self.registry.adapter(provider, self._generation(provider)).operations)

    def _generation(self, provider: str) -> str:
        return generation_for(self.registry.provider(provider), self._environ, self._generations.get(provider))

    async def balance(self, provider: str) -> Balance:
        """Ask what an account has left; raise Unsupported where the provider does not tell."""
        account = self.engine.accounts.account(provider)
        if not isinstance(account.adapter, HasBalance):
            raise Unsupported(f"{provider} does not tell what an account has left.")
        balance, _ = await run(account.adapter.balance(), self.engine.accounts.wire(account), account.adapter.failure)
        return balance

    async def reconcile(self, text: str, *, adopt: str | None = None, abandon: bool = False) -> Reconciliation:
        """Settle a task whose create reply was lost: by evidence, or by the user's word.

        `adopt` names the job at the provider, by its plain id or by `remote` as JSON; `abandon` ends the task.
        """
        engine = self.engine
        task = await engine.claimed(await self._found(text))
        try:
            if task.snapshot.status is Status.SUBMITTING:  # its process died while the billed call was out
                await recover(task, engine.books, engine.accounts)
            if adopt is None and not abandon:
                return await reconciling.reconcile(task, engine.books, engine.accounts)
            if task.snapshot.status is not Status.UNCONFIRMED:
                raise UsageError(f"Task {task.record.id} is {task.snapshot.status}, so there is nothing to settle.")
            if adopt is None:
                return await reconciling.abandon(task, engine.books)
            remote = reconciling.named_remote(task, engine.accounts, adopt)
            return await reconciling.adopt(task, engine.books, engine.accounts, remote, "Named by the user.")
        finally:
            await engine.write(self.ledger.release, task.record.id)


def _check_same(existing: Record, job: Job) -> None:
    """Raise UsageError if an idempotency key stands for another job already."""
    if (existing.job.operation, existing.job.parameters) != (job.operation, job.parameters):
        raise UsageError(
            f"The idempotency key {job.idempotency_key!r} stands for task {existing.id} already, which is another job "
            f"({existing.job.operation}): use a new key for a new job."
        )


def _tell_overrun(snapshot: Snapshot, caps: Caps) -> None:
    """Say so if a provider that has taken a job wants more for it than its cap: that cannot be undone."""
    cost = snapshot.cost.known
    if cost is not None:
        task = TaskCost(task_id=snapshot.id, operation=snapshot.operation, provider=snapshot.provider, cost=cost)
        for found in overruns(task, caps):
            log.warning("%s: the provider took the job for %s, more than the cap of %s.", snapshot.id, cost, found.cap)


def _absolute(folder: str | Path | None) -> Path | None:
    return None if folder is None else Path(folder).expanduser().absolute()
