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
from taskferry.adapter import Balance, HasBalance
from taskferry.clock import Clock, SystemClock
from taskferry.configuration import configured_environ, read_configuration
from taskferry.cost import Amount
from taskferry.engine import Engine
from taskferry.errors import Unsupported, UsageError
from taskferry.exchange import ask
from taskferry.handle import FerryTask
from taskferry.intake import Intake, Terms
from taskferry.ledger.listing import Filter
from taskferry.ledger.protocol import LedgerProtocol
from taskferry.ledger.record import Record
from taskferry.operation import Operation
from taskferry.parameters import validate
from taskferry.poller import reconciling
from taskferry.poller.deadlines import Deadlines
from taskferry.poller.reconciling import Reconciliation
from taskferry.poller.recovering import recover
from taskferry.poller.watched import Watched
from taskferry.registry import Registry
from taskferry.routing import PROVIDER as ROUTED
from taskferry.routing import Policy, Route, is_route, route_operation, route_operations
from taskferry.settings import home_folder
from taskferry.spend import Caps, Spend, price_of, read_caps
from taskferry.status import Status
from taskferry.task import Kind
from taskferry.token import read_token

log = logging.getLogger("taskferry")

_RESUMED_TOGETHER = 200


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
        environ = os.environ if environ is None else environ
        configured = read_configuration(self.home, environ)
        self._environ = configured_environ(environ, configured)
        self._output = configured.output
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
    def ledger(self) -> LedgerProtocol:
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
        policy: str | None = None,
        prefer: Sequence[str] = (),
        **more: Any,
    ) -> FerryTask:
        """Submit a job; come back when the provider has taken or refused it, or when that is unclear.

        With a ledger that machines share it comes back `prepared`, as soon as the job is in it: a worker submits it.

        What is wrong with the call itself raises a UsageError before anything is kept or sent; CostExceeded tells of
        `max_cost`, written as `"1.50 USD"` or several parted by commas, and of every other cap. `allow_unpriced` lets a
        job of unknown price pass them. A refusal by the provider is not an exception: the task is `refused` and its
        failure says why. The same `idempotency_key`, or the same thing asked again within minutes unless `again`, gives
        the task that exists. After `patience` seconds the task comes back as it is, while its submit goes on.

        For an operation as `any/video` a provider is chosen as `route` says; the next one is asked only if that one
        refuses the job for a reason of its own, and the last task is given.
        """
        terms = Terms(
            caller=self.caller,
            caps=self._caps(max_cost, allow_unpriced=allow_unpriced),
            max_cost=max_cost,
            key=idempotency_key,
            folder=folder or self._output,
            again=again,
            end=math.inf if patience is None else self._clock.monotonic() + patience,
        )
        intake, given = Intake(self.engine, self.registry, terms), {**(parameters or {}), **more}
        if is_route(operation):
            taken = await intake.submit_routed(operation, given, self._policy(policy, prefer))
        elif policy is not None or prefer:
            raise UsageError(f"{operation} names its provider, so there is nothing to choose by policy or preference.")
        else:
            taken = await intake.submit(operation, given)
        asked = terms.folder if self.engine.shares else None
        return FerryTask(self.engine, taken.task, duplicate=taken.duplicate, folder=asked)

    def _caps(self, max_cost: str | None, *, allow_unpriced: bool) -> Caps:
        """Give the caps as they are set now, and that of one call beside them."""
        caps = self._read_caps()
        for name in {cap.provider for cap in caps.caps if cap.provider} - self.registry.providers.keys():
            log.warning("A cap is set for %s, but there is no such provider.", name)
        caps = caps.with_task_caps(max_cost, "max_cost")
        return evolve(caps, allow_unpriced=True) if allow_unpriced else caps

    async def route(
        self,
        operation: str,
        parameters: Mapping[str, Any] | None = None,
        /,
        *,
        policy: str | None = None,
        prefer: Sequence[str] = (),
        max_cost: str | None = None,
        allow_unpriced: bool = False,
        **more: Any,
    ) -> Route:
        """Say who would make `any/image`, `any/video`, `any/music` or `any/model`, and why; nothing is sent.

        `policy` is `cheapest` or `fastest`; providers named in `prefer` come first, the best first. Those that cannot
        take the parameters, have no key or do not fit below a cap are in the rows with the reason.
        """
        terms = Terms(caller=self.caller, caps=self._caps(max_cost, allow_unpriced=allow_unpriced))
        intake = Intake(self.engine, self.registry, terms)
        return await intake.route(operation, {**(parameters or {}), **more}, self._policy(policy, prefer))

    def _policy(self, policy: str | None, prefer: Sequence[str]) -> Policy:
        return Policy.of(policy, prefer, self.registry.providers)

    def quote(self, operation: str, parameters: Mapping[str, Any] | None = None, /, **more: Any) -> Amount | None:
        """Give the price of a job as far as it is known; nothing is sent and no key is needed."""
        if is_route(operation):
            raise UsageError(f"{operation} has no price of its own: `route` shows what it costs at each provider.")
        found = self.operation(operation)
        valid = validate(found, {**(parameters or {}), **more})
        adapter = self.registry.adapter(found.provider, self._generation(found.provider))
        return price_of(adapter, found, valid)

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
        """Go on with every task that has not ended, but for those that another live process has in hand.

        With a ledger whose tasks are left to workers it is all of them.
        """
        tasks: list[FerryTask] = []
        records = await self.engine.call(self.ledger.unfinished)
        for start in range(0, len(records), _RESUMED_TOGETHER):
            some = records[start : start + _RESUMED_TOGETHER]
            handed = await asyncio.gather(*(self.engine.handed(record) for record in some))
            tasks += [self._given(task) for task in handed]
        return [task for task in tasks if self.engine.shares or not task.elsewhere]

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

    def _given(self, task: Watched) -> FerryTask:
        return FerryTask(self.engine, task)

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
        if is_route(name):
            return route_operation(name)
        return self.registry.operation(name, self._generation(name.partition("/")[0]) if "/" in name else None)

    def operations(self, provider: str | None = None) -> Sequence[Operation]:
        """List what one provider offers for new jobs, or all that every sound one does; `any` has what is routed."""
        if provider == ROUTED:
            return route_operations()
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
        wire = self.engine.accounts.wire(account)
        return await ask(account.adapter.balance(), wire, account.adapter.failure, Balance)

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
