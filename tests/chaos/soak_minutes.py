"""`python -m chaos.soak_minutes SECONDS HOME`: real minutes of everything that users do, against the stand-ins."""

from __future__ import annotations

import asyncio
import collections
import contextlib
import json
import logging
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from chaos.audit import broken_files, compare, jobs_at, settle
from chaos.gauge import Reading, growth, lines, reading
from chaos.script import FAULTS, OPERATIONS
from taskferry import Ferry, Registry, Snapshot, Status, TaskferryError
from taskferry.handle import FerryTask
from taskferry.ledger import Record

SPEED = 20.0
EVERY = 0.3
"""Seconds between submits, on average."""
_FAULTY = 0.35
_ENDS_WITHIN = 60.0
"""Seconds in which a task of the stand-ins has ended, whatever was in its way."""
_QUARTERS = (0.25, 0.5, 0.75, 1.0)


class Soak:
    """A ferry that is given work for a while, and what came of it."""

    def __init__(self, ferry: Ferry, folder: Path, chance: random.Random) -> None:
        self.ferry = ferry
        self.folder = folder
        self.chance = chance
        self.submitted = 0
        self.figures: collections.Counter[str] = collections.Counter()
        self.stuck: list[str] = []

    async def go(self, seconds: float) -> list[Reading]:
        """Submit at a modest rate, each task with a user of its own; read what the process holds at each quarter."""
        await asyncio.gather(*(self._first(operation) for operation in OPERATIONS))
        began, readings = time.monotonic(), list[Reading]()
        users: set[asyncio.Task[None]] = set()
        for quarter in _QUARTERS:
            while time.monotonic() < began + quarter * seconds:
                user = asyncio.create_task(self._user())
                users.add(user)
                user.add_done_callback(users.discard)
                await asyncio.sleep(self.chance.uniform(0, 2 * EVERY))
            if quarter == 1.0:
                await asyncio.gather(*users)
            readings.append(reading(quarter, self.submitted))
        return readings

    async def _first(self, operation: str) -> None:
        """Have a short job done and kept: what is loaded and opened only once has to be there at the first reading."""
        task = await self.ferry.submit(operation, OPERATIONS[operation], prompt="fox 0 [[queue:0]] [[run:2]]")
        await self._ends(task.id)

    async def _user(self) -> None:
        self.submitted += 1
        operation = self.chance.choice(list(OPERATIONS))
        fault = self.chance.choice(FAULTS) if self.chance.random() < _FAULTY else ""
        prompt = f"fox {self.submitted} {fault}".strip()
        try:
            task = await self.ferry.submit(operation, OPERATIONS[operation], prompt=prompt)
            task = await self._settled(task)
            habit = self.chance.choice((self._waits, self._peeks, self._follows, self._cancels, self._forgets))
            await habit(task)
            await self._ends(task.id)
        except TaskferryError as error:
            self.figures[f"told: {type(error).__name__}"] += 1

    async def _settled(self, task: FerryTask) -> FerryTask:
        if task.snapshot.status is not Status.UNCONFIRMED:
            return task
        found = await self.ferry.reconcile(task.id)
        self.figures[found.outcome] += 1
        return await self.ferry.resume(task.id) if found.outcome == "adopted" else task

    async def _waits(self, task: FerryTask) -> None:
        await task.wait(timeout=_ENDS_WITHIN)

    async def _peeks(self, task: FerryTask) -> None:
        """Wait briefly again and again, and have a look of one's own now and then."""
        while task.snapshot.status.watched:
            await task.wait(timeout=self.chance.uniform(0, 1))
            await task.refresh()

    async def _follows(self, task: FerryTask) -> None:
        async for _ in task.updates():
            self.figures["updates"] += 1

    async def _cancels(self, task: FerryTask) -> None:
        await asyncio.sleep(self.chance.uniform(0, 1))
        self.figures[f"cancel {await task.cancel()}"] += 1

    async def _forgets(self, task: FerryTask) -> None:
        """Let the handle go; the task goes on without anybody."""
        del task
        await asyncio.sleep(self.chance.uniform(0, 3))

    async def _ends(self, task_id: str) -> None:
        task = await self.ferry.task(task_id)
        snapshot = (await task.wait(timeout=_ENDS_WITHIN)).snapshot
        self.figures[snapshot.status] += 1
        if not snapshot.status.terminal and snapshot.status is not Status.UNCONFIRMED:
            self.stuck.append(f"stuck: {task_id} {task.record.job.prompt!r} is {_state(snapshot)}")
        if snapshot.status.ok and self.chance.random() < 0.3:
            place = self.folder / task_id
            self.figures["downloaded"] += len(await task.save(place))
            for path in place.iterdir():
                path.unlink()
            place.rmdir()


def _state(snapshot: Snapshot) -> str:
    return f"{snapshot.status}, {snapshot.parked or snapshot.look_problem}"


@contextlib.contextmanager
def stand_ins() -> Iterator[Mapping[str, Mapping[str, Any]]]:
    """Run the bundled stand-ins as a command of their own, limits and all."""
    command = [sys.executable, "-m", "taskferry", "sandbox", "--port", "0", "--json", "--speed", str(SPEED)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        try:
            yield json.loads(process.stdout.readline())
        finally:
            process.terminate()


async def soak(seconds: float, home: Path) -> list[str]:
    """Soak, settle, compare; print the figures and give what is wrong."""
    with stand_ins() as servers:
        environ = {**os.environ, **{name: value for one in servers.values() for name, value in one["env"].items()}}
        registry = Registry()
        async with Ferry(home=home, registry=registry, environ=environ, speed=SPEED) as ferry:
            made = Soak(ferry, home / "out", random.Random(2026))
            readings = await made.go(seconds)
        settled, problems = await settle(home, registry, environ)
        async with Ferry(home=home, registry=registry, environ=environ) as ferry:
            rows: list[Record] = await ferry.recent(100_000)
        compared, others = compare(rows, {name: jobs_at(server["base_url"]) for name, server in servers.items()})
    print(*lines(readings), sep="\n")
    print("users:", dict(made.figures), "\nsettled:", dict(settled), "\ncompared:", dict(compared), flush=True)
    grown = growth(readings, megabytes=12, objects=0.1, descriptors=4)
    return problems + others + made.stuck + broken_files(rows, home) + grown


if __name__ == "__main__":
    logging.getLogger("taskferry").setLevel(logging.CRITICAL)  # the faults are wanted, and so are their warnings
    wrong = asyncio.run(soak(float(sys.argv[1]), Path(sys.argv[2])))
    print(*(f"PROBLEM {problem}" for problem in wrong), sep="\n")
    sys.exit(1 if wrong else 0)
