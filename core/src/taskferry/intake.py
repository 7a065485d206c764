"""Takes jobs in: checks them, finds those that stand already, keeps the intent, and hands it to the poller."""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from attrs import evolve, field, frozen

from taskferry.cost import Amount, Cost
from taskferry.engine import Engine
from taskferry.errors import TaskTaken, UsageError
from taskferry.hookspecs import Change
from taskferry.ledger.record import Choice, Job, Record
from taskferry.operation import Operation
from taskferry.parameters import validate
from taskferry.poller.watched import Watched
from taskferry.registry import Registry
from taskferry.routing import Policy, Route, attempt_key, choose, may_fail_over, route_operation
from taskferry.spend import Caps, Reservation, Span, TaskCost, check, overruns, price_of, quantity_of
from taskferry.status import Status
from taskferry.task import Snapshot, new_id

log = logging.getLogger("taskferry")

_UNANSWERED = (Status.PREPARED, Status.SUBMITTING)
SAME_WITHIN = 180.0
"""Seconds within which the same caller asking for the same thing gets the task it already has."""


def _absolute(folder: str | Path | None) -> Path | None:
    return None if folder is None else Path(folder).expanduser().absolute()


@frozen(kw_only=True)
class Terms:
    """What is asked beside the job itself."""

    caller: str
    caps: Caps
    """Every cap that holds, that of this call among them."""
    max_cost: str | None = None
    """The cap of this call, as it was given."""
    key: str | None = None
    """The caller's idempotency key."""
    folder: Path | None = field(default=None, converter=_absolute)
    """Where the files are to go."""
    again: bool = False
    end: float = math.inf
    """When to come back although the submit goes on, on the monotonic clock."""


class Taken(NamedTuple):
    """A task that was taken in, or the one that stood already."""

    task: Watched
    duplicate: bool = False


class Intake:
    """Takes in what is asked of one open ferry in one call."""

    def __init__(self, engine: Engine, registry: Registry, terms: Terms) -> None:
        self._engine = engine
        self._registry = registry
        self._terms = terms

    async def submit(self, operation: str, given: Mapping[str, Any]) -> Taken:
        """Submit a job to the provider that its name says."""
        return await self._submitted(operation, given, self._terms.key, None)

    async def submit_routed(self, asked: str, given: Mapping[str, Any], policy: Policy) -> Taken:
        """Submit to the best, and to the next best after each refusal that others need not share."""
        valid = validate(route_operation(asked), given)
        tried: list[Taken] = []
        while True:
            key = attempt_key(self._terms.key, len(tried) + 1)
            choice = Choice(asked=asked, policy=str(policy), tried=tuple(one.task.record.id for one in tried))
            taken = await self._standing(_unplaced(choice, valid, self._terms.caller, key))
            if taken is None:
                route = await self.route(asked, valid, policy, [one.task.snapshot.operation for one in tried])
                if tried and not route.fitting:
                    return tried[-1]
                taken = await self._submitted(route.chosen.operation, valid, key, choice)
                await self._answered(taken.task)
            if not may_fail_over(taken.task.snapshot):
                return taken
            tried.append(taken)

    async def _answered(self, task: Watched) -> None:
        """Wait until a worker has the provider's answer: whom to ask next depends on it."""
        clock = self._engine.clock
        while task.flight.foreign and task.snapshot.status in _UNANSWERED and clock.monotonic() < self._terms.end:
            left = self._terms.end - clock.monotonic()
            await clock.wait(task.pulse, None if left == math.inf else left)

    async def route(self, asked: str, given: Mapping[str, Any], policy: Policy, refused: Sequence[str] = ()) -> Route:
        """Rank everyone who makes what is asked for; nothing is sent."""
        return await choose(self._engine, self._registry, asked, given, policy, self._terms.caps, left_out=refused)

    async def _submitted(
        self, operation: str, given: Mapping[str, Any], key: str | None, choice: Choice | None
    ) -> Taken:
        engine, terms = self._engine, self._terms
        planned, price, reservation = await self._planned(operation, given)
        # a worker may be another machine, so whoever asks puts the files there: see FerryTask
        folder = None if engine.shares else terms.folder
        job = evolve(planned, idempotency_key=key, folder=folder, choice=choice)
        existing = await self._standing(job)
        if existing is not None:
            return existing
        try:
            await engine.agree()
            row = _first_row(job, price, engine.clock.now())
            record = await engine.write(
                engine.ledger.add, row, reservation, since=self._since(), held=not engine.shares
            )
        except TaskTaken:  # somebody else, in this process or another, was quicker to ask for the same
            existing = await self._standing(job)
            if existing is None:
                raise
            return existing
        engine.books.announce(Change(after=record.snapshot))
        if engine.shares:
            return Taken(await engine.left(record))
        task = await engine.watched(record)
        while self._is_on_its_way(task) and (left := terms.end - engine.clock.monotonic()) > 0:
            await engine.clock.wait(task.pulse, None if left == math.inf else left)
        _tell_overrun(task.snapshot, terms.caps)
        return Taken(task)

    def _is_on_its_way(self, task: Watched) -> bool:
        """Tell whether the provider is still to be asked at once, or as soon as the account's rate allows."""
        if not task.flight.handled:
            return True
        snapshot = task.snapshot
        return snapshot.failure is None and not snapshot.parked and self._engine.poller.is_paced(task.flight)

    def _since(self) -> float:
        """Give the time from which on the same job without a key is the same task."""
        return math.inf if self._terms.again else self._engine.clock.now() - SAME_WITHIN

    async def _standing(self, job: Job) -> Taken | None:
        """Give the task that stands for a job already, if there is one; raise UsageError for another job's key."""
        existing = await self._engine.call(self._engine.ledger.duplicate, job, self._since())
        if existing is None:
            return None
        if (_asked_for(existing.job), existing.job.parameters) != (_asked_for(job), job.parameters):
            raise UsageError(
                f"The idempotency key {job.idempotency_key!r} stands for task {existing.id} already, which is another "
                f"job ({existing.job.operation}): use a new key for a new job."
            )
        return Taken(await self._engine.handed(existing), duplicate=True)

    async def _planned(self, name: str, given: Mapping[str, Any]) -> tuple[Job, Amount | None, Reservation]:
        """Check everything that can be checked before anything is kept or billed."""
        accounts, caps = self._engine.accounts, self._terms.caps
        usual = self._usual(name)
        generation = await accounts.settled_generation(usual.provider, keyless=not usual.needs_key)
        found = self._registry.operation(name, generation)
        valid = validate(found, given)
        account = accounts.account(found.provider, generation, keyless=not found.needs_key)
        job = Job(
            provider=found.provider,
            operation=found.name,
            generation=account.generation,
            base_url=account.base_url,
            account=account.fingerprint,
            parameters=valid,
            caller=self._terms.caller,
            max_cost=self._terms.max_cost,
        )
        price = price_of(account.adapter, found, valid)
        reservation = Reservation(caps=caps, quantity=quantity_of(found, valid))
        check(found.name, reservation.held(found.provider, price), caps, spans=(Span.TASK,))
        return job, price, reservation

    def _usual(self, name: str) -> Operation:
        provider, slash, _ = name.partition("/")
        return self._registry.operation(name, self._engine.accounts.generation(provider) if slash else None)


def _first_row(job: Job, price: Amount | None, now: float) -> Record:
    snapshot = Snapshot(
        id=new_id(now),
        provider=job.provider,
        operation=job.operation,
        status=Status.PREPARED,
        cost=Cost() if price is None else Cost(estimated=price.value, unit=price.unit),
        created_at=now,
    )
    return Record(job=job, snapshot=snapshot)


def _asked_for(job: Job) -> str:
    """Give what was asked for: who makes it may be chosen otherwise the next time."""
    return job.operation if job.choice is None else job.choice.asked


def _unplaced(choice: Choice, parameters: Mapping[str, Any], caller: str, key: str | None) -> Job:
    """Give a job before it is chosen who makes it, to look for one that stands already."""
    return Job(
        provider="",
        operation="",
        generation="",
        base_url="",
        account="",
        parameters=parameters,
        caller=caller,
        idempotency_key=key,
        choice=choice,
    )


def _tell_overrun(snapshot: Snapshot, caps: Caps) -> None:
    """Say so if a provider that has taken a job wants more for it than its cap: that cannot be undone."""
    cost = snapshot.cost.known
    if cost is not None:
        task = TaskCost(task_id=snapshot.id, operation=snapshot.operation, provider=snapshot.provider, cost=cost)
        for found in overruns(task, caps):
            log.warning(
                "%s: the provider took the job for %s, more than the cap of %s.",
                snapshot.id,
                cost,
                found.cap,
                extra={"task": snapshot.id},
            )
