"""What a child does: a seeded row of things that users do, until it is struck or has done enough."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, TypeAlias

from taskferry import Ferry, Finished, Registry, Status, TaskferryError
from taskferry.handle import FerryTask

OPERATIONS: Mapping[str, Mapping[str, Any]] = {
    "vap/image": {},
    "tripo/text-to-model": {"texture": False, "pbr": False},
}
FAULTS = (
    "[[lost-reply]]", "[[http:502]]", "[[read-http:502*2]]", "[[read-http:429*1]]", "[[fail]]", "[[no-output]]",
    "[[moderated]]", "[[truncated-file*1]]", "[[expired-url*1]]", "[[run:40]]", "[[unknown-status]]",
)  # fmt: skip
SPEED = 100.0

Action: TypeAlias = "Callable[[Child], Awaitable[None]]"


class Child:
    """One process at work on the shared home."""

    def __init__(self, ferry: Ferry, label: str, chance: random.Random, say: Callable[..., None]) -> None:
        self.ferry = ferry
        self.label = label
        self.chance = chance
        self.say = say
        """Tells, where the death of this process does not reach, what it was told."""
        self._submitted = 0

    async def submit(self) -> None:
        """Submit a job of its own, or one under a key that other processes use as well."""
        self._submitted += 1
        operation = self.chance.choice(list(OPERATIONS))
        fault = self.chance.choice(FAULTS) if self.chance.random() < 0.35 else ""
        key = f"key {self.chance.randrange(40)}" if self.chance.random() < 0.2 else None
        if key is not None:
            operation, fault = sorted(OPERATIONS)[int(key.split()[1]) % len(OPERATIONS)], ""
        prompt = f"fox {key or f'{self.label} {self._submitted}'} {fault}".strip()
        self.say(asked=prompt)
        task = await self.ferry.submit(operation, OPERATIONS[operation], prompt=prompt, idempotency_key=key)
        if task.record.remote is not None:
            self.say(accepted=task.id)
        await self._waited(task)

    async def wait(self) -> None:
        """Wait for some task, whoever submitted it."""
        task = await self._some()
        if task is not None:
            await self._waited(task)

    async def _waited(self, task: FerryTask) -> None:
        outcome = await task.wait(timeout=self.chance.choice((0.0, 0.03, 0.15, 0.5)))
        if isinstance(outcome, Finished):
            self.say(ended=task.id, status=outcome.snapshot.status)

    async def cancel(self) -> None:
        """Cancel some task."""
        task = await self._some()
        if task is not None and self.chance.random() < 0.5:
            await task.cancel()

    async def download(self) -> None:
        """Keep the files of some task that succeeded."""
        done = [row for row in await self.ferry.recent(30) if row.snapshot.status is Status.SUCCEEDED]
        if done:
            await (await self.ferry.task(self.chance.choice(done).id)).save()

    async def resume(self) -> None:
        """Go on with everything that others left."""
        for task in await self.ferry.resume_all():
            await task.wait(timeout=0.1)

    async def reconcile(self) -> None:
        """Settle some unconfirmed task."""
        unclear = await self.ferry.recent(30, statuses={Status.UNCONFIRMED})
        if unclear:
            await self.ferry.reconcile(self.chance.choice(unclear).id)

    async def _some(self) -> FerryTask | None:
        rows = await self.ferry.recent(20)
        return await self.ferry.task(self.chance.choice(rows).id) if rows else None


ACTIONS: Mapping[Action, int] = {
    Child.submit: 10,
    Child.wait: 3,
    Child.cancel: 2,
    Child.download: 2,
    Child.resume: 3,
    Child.reconcile: 1,
}
"""How often each is done, as weights."""


async def play(
    home: Path, registry: Registry, environ: Mapping[str, str], label: str, say: Callable[..., None], clock: Any = None
) -> None:
    """Do a few things with a ferry, one after another or at once; what taskferry refuses is written down."""
    chance = random.Random(label)
    async with Ferry(home=home, registry=registry, environ=environ, speed=SPEED, clock=clock) as ferry:
        child = Child(ferry, label, chance, say)
        actions = chance.choices(list(ACTIONS), list(ACTIONS.values()), k=chance.randint(2, 6))
        if chance.random() < 0.3:
            await asyncio.gather(*(_attempted(child, action) for action in actions))
        else:
            for action in actions:
                await _attempted(child, action)


async def _attempted(child: Child, action: Action) -> None:
    try:
        await action(child)
    except TaskferryError as error:
        child.say(refused=f"{action.__name__}: {type(error).__name__}: {error}")
