"""The same ferry without `await`: the async one on a background loop thread."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Coroutine, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar, Unpack

from taskferry.adapter import Balance
from taskferry.cost import Amount
from taskferry.ferry import Ferry as AsyncFerry
from taskferry.handle import FerryTask as AsyncTask
from taskferry.ledger.listing import Filter
from taskferry.ledger.record import Record
from taskferry.operation import Operation
from taskferry.poller.reconciling import Reconciliation
from taskferry.routing import Route
from taskferry.spend import Spend
from taskferry.task import Artifact, CancelOutcome, Snapshot, Token, WaitOutcome

T = TypeVar("T")


class Ferry:
    """Carries tasks to providers and back; takes what `taskferry.Ferry` takes, and any thread may call it."""

    def __init__(self, **settings: Any) -> None:
        self._ferry = AsyncFerry(**settings)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="taskferry", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self.run(self._ferry.__aenter__())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self.run(self._ferry.__aexit__(kind, error, trace))
        finally:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._loop.close()

    @property
    def behind(self) -> AsyncFerry:
        """Give the async ferry that does the work, in the loop of its own thread."""
        return self._ferry

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """Give that loop."""
        return self._loop

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Do some work with the async ferry, in its loop, and wait for it."""
        future = asyncio.run_coroutine_threadsafe(_as_asyncio(work), self._loop)
        try:
            return future.result()
        except KeyboardInterrupt:
            future.cancel()
            raise

    def submit(self, operation: str, /, *arguments: Any, **parameters: Any) -> Task:
        """Submit a job, as `taskferry.Ferry.submit` does."""
        return Task(self, self.run(self._ferry.submit(operation, *arguments, **parameters)))

    def quote(self, operation: str, /, *arguments: Any, **parameters: Any) -> Amount | None:
        """Give the price of a job as far as it is known; nothing is sent."""
        return self._ferry.quote(operation, *arguments, **parameters)

    def route(self, operation: str, /, *arguments: Any, **parameters: Any) -> Route:
        """Say who would make `any/video` and the like, and why, as `taskferry.Ferry.route` does; nothing is sent."""
        return self.run(self._ferry.route(operation, *arguments, **parameters))

    def task(self, text: str) -> Task:
        """Give a task by id, by the start of one, or by token."""
        return Task(self, self.run(self._ferry.task(text)))

    def resume(self, text: str | Token) -> Task:
        """Go on with a task in this process."""
        return Task(self, self.run(self._ferry.resume(str(text))))

    def resume_all(self) -> list[Task]:
        """Go on with every unfinished task that no other live process has in hand."""
        return [Task(self, task) for task in self.run(self._ferry.resume_all())]

    def balance(self, provider: str) -> Balance:
        """Ask what an account has left."""
        return self.run(self._ferry.balance(provider))

    def spend(self, days: int = 7, *, provider: str | None = None) -> Spend:
        """Give what tasks of the last days came to and still hold, and how every cap stands."""
        return self.run(self._ferry.spend(days, provider=provider))

    def recent(self, limit: int = 50, **wanted: Unpack[Filter]) -> list[Record]:
        """List tasks as the ledger has them, newest first: all, or those that fit what is wanted."""
        return self.run(self._ferry.recent(limit, **wanted))

    def operation(self, name: str) -> Operation:
        """Give an operation by its full name; raise UnknownName."""
        return self._ferry.operation(name)

    def operations(self, provider: str | None = None) -> Sequence[Operation]:
        """List what one provider offers for new jobs, or all that every sound one does."""
        return self._ferry.operations(provider)

    def reconcile(self, text: str, *, adopt: str | None = None, abandon: bool = False) -> Reconciliation:
        """Settle a task whose create reply was lost."""
        return self.run(self._ferry.reconcile(text, adopt=adopt, abandon=abandon))


class Task:
    """A task of a sync ferry."""

    def __init__(self, ferry: Ferry, task: AsyncTask) -> None:
        self._ferry = ferry
        self._task = task

    def __repr__(self) -> str:
        return repr(self._task)

    @property
    def id(self) -> str:
        """Give our own id."""
        return self._task.id

    @property
    def snapshot(self) -> Snapshot:
        """Give the last state known in this process."""
        return self._task.snapshot

    @property
    def token(self) -> Token:
        """Give what any process needs to go on with it."""
        return self._task.token

    @property
    def duplicate(self) -> bool:
        """Tell whether submitting gave this task because it existed already."""
        return self._task.duplicate

    def wait(self, timeout: float | None = None) -> WaitOutcome:
        """Wait for the end for at most `timeout` seconds; a timeout is an outcome and cancels nothing."""
        return self._ferry.run(self._task.wait(timeout))

    def updates(self) -> Iterator[Snapshot]:
        """Yield the present state and then every change up to the end."""
        updates = self._task.updates()
        while True:
            snapshot = self._ferry.run(_next(updates))
            if snapshot is None:
                return
            yield snapshot

    def refresh(self) -> Snapshot:
        """Look at the provider now, but not twice within a second."""
        return self._ferry.run(self._task.refresh())

    def cancel(self) -> CancelOutcome:
        """Ask for the job to be stopped."""
        return self._ferry.run(self._task.cancel())

    def save(self, folder: str | Path | None = None) -> list[Artifact]:
        """Wait for the end and keep every file."""
        return self._ferry.run(self._task.save(folder))


async def _next(updates: Any) -> Snapshot | None:
    snapshot: Snapshot | None = await anext(updates, None)
    return snapshot


async def _as_asyncio(work: Coroutine[Any, Any, T]) -> T:
    """Do some work under the name of this loop's library: trio leaves its own in the context that comes along."""
    sniffio = sys.modules.get("sniffio")
    if sniffio is not None:
        sniffio.current_async_library_cvar.set("asyncio")
    return await work
