"""Brings the files of a task into a folder: copies what this machine has, fetches anew what another one kept."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

from attrs import evolve

from taskferry.accounts import Accounts
from taskferry.artifacts import Store, copy_into, folder_for
from taskferry.errors import ArtifactError, ArtifactGone, LedgerError, TaskferryError
from taskferry.exchange import fetch
from taskferry.ledger.record import Record
from taskferry.poller.books import Books
from taskferry.poller.keeping import KEPT_ON
from taskferry.task import Artifact
from taskferry.text import clean

log = logging.getLogger("taskferry")


class Bringing:
    """Has the files of a task in a folder of the machine that asked for it, whichever machine kept them."""

    def __init__(self, folder: Path, books: Books, accounts: Accounts, store: Store) -> None:
        """Bring them into a folder of their own below `folder`."""
        self._folder = folder
        self._means = books, accounts, store
        self._clock = books.clock
        self._over = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._brought: tuple[Artifact, ...] | None = None
        self.problem: str | None = None
        """Why they could not be brought, after the last try."""

    def shown(self, record: Record) -> Record:
        """Give a row with the paths that its files have here."""
        if self._brought is None:
            return record
        return evolve(record, snapshot=evolve(record.snapshot, artifacts=self._brought))

    async def done(self, record: Record, end: float | None) -> bool:
        """Bring them, until a monotonic time at most; tell whether there is nothing more to do."""
        if not (record.snapshot.status.ok and record.snapshot.kept):
            return True
        if self._task is None or (self._task.done() and self.problem is not None):
            self._over.clear()
            self._task = asyncio.create_task(self._bring(record), name=f"bring {record.id}")
        return await self._clock.wait(self._over, None if end is None else max(end - self._clock.monotonic(), 0.0))

    async def _bring(self, record: Record) -> None:
        try:
            self._brought = tuple(await bring_files(record, folder_for(self._folder, record), *self._means))
            self.problem = None
        except ArtifactError as error:
            self.problem = str(error)
            log.warning("%s: %s", record.id, error, extra={"task": record.id})
            lost = (evolve(one, path=None, size=None, sha256=None) for one in record.snapshot.artifacts)
            self._brought = tuple(lost)
        finally:
            self._over.set()


async def bring_files(record: Record, folder: Path, books: Books, accounts: Accounts, store: Store) -> list[Artifact]:
    """Put every kept file of a task into a folder and give them with their paths there; the row stays as it is.

    Raise ArtifactError for one that is neither on this machine nor served by the provider any more.
    """
    brought = []
    for artifact in record.snapshot.artifacts:
        if artifact.path is None or await is_here(artifact):
            brought += await asyncio.to_thread(copy_into, [artifact], folder)
        else:
            brought.append(await _fetched_anew(record, artifact, folder, books, accounts, store))
    return brought


async def is_here(artifact: Artifact) -> bool:
    """Tell whether an artifact's file is on this machine."""
    return artifact.path is not None and await asyncio.to_thread(artifact.path.is_file)


async def _fetched_anew(
    record: Record, artifact: Artifact, folder: Path, books: Books, accounts: Accounts, store: Store
) -> Artifact:
    try:
        fetched = await _fetched(record, artifact, folder, accounts, store)
    except TaskferryError as error:
        place = await _place(record, books)
        raise ArtifactError(
            f"{clean(artifact.name, 100)} of task {record.id} is not on this machine, and it cannot be fetched again: "
            f"{clean(error)} {place} kept it as {artifact.path}: copy it from there, or let the machines share that "
            "folder."
        ) from error
    if artifact.sha256 not in (None, fetched.sha256):
        log.warning(
            "%s: the provider serves %s with other content now than when it was kept",
            record.id,
            clean(artifact.name, 100),
            extra={"task": record.id},
        )
    return fetched


async def _fetched(record: Record, artifact: Artifact, folder: Path, accounts: Accounts, store: Store) -> Artifact:
    account = accounts.of(record.job)
    wire = accounts.wire(account)
    try:
        return await store.keep(artifact, folder, wire=wire)
    except ArtifactGone:
        seen = await fetch(account.adapter, record.remote, wire)
        fresh = next((one for one in seen.artifacts if one.name == artifact.name), None)
        if fresh is None:
            raise
        return await store.keep(evolve(fresh, expires_at=None), folder, wire=wire)


async def _place(record: Record, books: Books) -> str:
    """Name the machine that kept the files, as far as the history tells."""
    try:
        steps = await books.thread.call(books.ledger.transitions, record.id)
    except LedgerError as error:
        log.debug("%s: its history cannot be read: %s", record.id, error, extra={"task": record.id})
        steps = []
    notes = [one.note for one in steps if one.note and one.note.startswith(KEPT_ON)]
    return notes[-1].removeprefix(KEPT_ON) if notes else "The machine that watched it"
