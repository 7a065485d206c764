"""A ledger with a queue beside it, in the memory of the tests' process: what a shared ledger is to core."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from taskferry import Ferry, Record, Registry, hookimpl
from taskferry.hookspecs import Engine
from taskferry.ledger.backend import Backlog, Database, Driver, Holder, Ledger


class Board:
    """What all ledgers of one file share."""

    def __init__(self) -> None:
        self.waiting: dict[str, str] = {}
        """The provider of each task that no worker has begun with."""
        self.in_hand: set[str] = set()
        self.workers: dict[str, Collection[str]] = {}
        """The providers of each worker, by its holder."""
        self.ahead = 0.0
        """Seconds that the server's clock is ahead of the machine's."""
        self.problem: Exception | None = None
        """What it raises when it is asked how the work stands."""

    def backlog(self) -> Backlog:
        if self.problem is not None:
            raise self.problem
        served = {name for names in self.workers.values() for name in names}
        return Backlog(
            waiting=Counter(self.waiting.values()),
            in_hand=len(self.in_hand),
            workers=len(self.workers),
            served=served,
        )


BOARDS: dict[str, Board] = {}


class SharedFile(Ledger):
    """The ledger in a file whose tasks workers drive."""

    def __init__(self, home: Path, board: Board, *, readonly: bool, now: Callable[[], float]) -> None:
        super().__init__(Database(home, readonly=readonly), Holder(home), readonly=readonly, now=now)
        self.board = board
        self._serves: Collection[str] = ()

    def server_time(self) -> float:
        return time.time() + self.board.ahead

    def add(self, record: Record, reservation: Any = None, *, since: float | None = None, held: bool = True) -> Record:
        added = super().add(record, reservation, since=since, held=held)
        if not held:
            self.board.waiting[record.id] = record.job.provider
        return added

    def leave(self, task_id: str) -> bool:
        record = self.get(task_id)
        if not self.is_left(record):
            return False
        if record.holder is None and task_id not in self.board.in_hand:
            self.board.waiting[task_id] = record.job.provider
        return True

    def is_left(self, record: Record) -> bool:
        return not self._serves and any(record.job.provider in names for names in self.board.workers.values())

    def serve(self, providers: Collection[str]) -> None:
        self._serves = tuple(providers)
        self.board.workers[self._holder.take()] = self._serves

    async def work(self, driver: Driver, *, slots: int, stop: asyncio.Event) -> None:
        driving: set[str] = set()

        def over(task_id: str) -> None:
            driving.discard(task_id)
            self.board.in_hand.discard(task_id)

        while not stop.is_set():
            mine = [task_id for task_id, name in [*self.board.waiting.items()] if self._is_mine(task_id, name)]
            for task_id in mine[: slots - len(driving)]:
                del self.board.waiting[task_id]
                self.board.in_hand.add(task_id)
                driving.add(task_id)
                await driver.drive(task_id, over)
            try:
                await asyncio.wait_for(stop.wait(), 0.01)
            except TimeoutError:
                continue
        for task_id in driving:
            self.board.in_hand.discard(task_id)
            self.board.waiting[task_id] = self.get(task_id).job.provider

    def _is_mine(self, task_id: str, provider: str) -> bool:
        """Tell whether it is for this worker, and kept: the queue in memory knows of it a moment before that."""
        return provider in self._serves and any(found.id == task_id for found in self.in_flight())

    def backlog(self) -> Backlog:
        return self.board.backlog()

    def close(self) -> None:
        self.board.workers.pop(self.holder, None)
        super().close()


def open_shared(
    url: str, environ: Mapping[str, str], *, readonly: bool = False, now: Callable[[], float] = time.time
) -> SharedFile:
    """Open the ledger that lies in a folder."""
    folder = urlsplit(url).path
    return SharedFile(Path(folder), BOARDS.setdefault(folder, Board()), readonly=readonly, now=now)


@hookimpl
def taskferry_engines(register: Callable[[Engine], None]) -> None:
    """Register it."""
    register(Engine(scheme="board", factory="shared_work:open_shared"))


def registry() -> Registry:
    """Give a registry that knows Acme, its twin and this ledger alone."""
    points = [("acme", "acme"), ("shared_work", "shared_work")]
    return Registry(entry_points=[EntryPoint(name, place, "taskferry") for name, place in points], disabled="")


def url(folder: Path) -> str:
    """Give the address of the ledger in a folder."""
    (folder / "ledger").mkdir(exist_ok=True)
    return f"board://{folder / 'ledger'}"


def board(folder: Path) -> Board:
    """Give what all who share the ledger in a folder see."""
    return BOARDS.setdefault(urlsplit(url(folder)).path, Board())


def settings(folder: Path, home: str, *, environ: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Give what a ferry of one machine is made with, whose own files are in a home of its own."""
    told = {"ACME_KEY": "sesame-acme", "TASKFERRY_LEDGER": url(folder), **(environ or {})}
    return {"home": folder / home, "registry": registry(), "environ": told, "speed": 100.0}


def ferry(folder: Path, home: str, *, environ: Mapping[str, str] | None = None, **more: Any) -> Ferry:
    """Give a ferry on one of the machines that share the ledger in a folder."""
    return Ferry(**settings(folder, home, environ=environ), **more)
