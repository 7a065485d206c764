"""Keeps the files of a task that succeeded."""

from __future__ import annotations

import logging
import platform

from attrs import evolve

from taskferry.accounts import Accounts
from taskferry.artifacts import Store
from taskferry.errors import ArtifactError, ArtifactGone, NotSent, ProviderError, ReplyLost, TaskferryError
from taskferry.exchange import fetch
from taskferry.ledger.sharing import SharesWork
from taskferry.machine import refreshed
from taskferry.poller.books import Books
from taskferry.poller.watched import Watched
from taskferry.task import Artifact

log = logging.getLogger("taskferry")

KEPT_ON = "kept on "
"""Begins the note in the history that names the machine which has the files, where several share a ledger."""
_TRIES = 3
_PAUSE = 2.0


async def keep_files(
    task: Watched, books: Books, accounts: Accounts, store: Store, *, again: bool = False
) -> float | None:
    """Keep what is not kept yet; give the seconds until the next try, None when there is nothing more to do.

    A URL that is no longer served is refreshed by a new look, once a round. Files that were removed on purpose are
    kept `again` only if asked for.
    """
    task.flight.attempts += 1
    folder = store.place(task.record)
    try:
        account = accounts.of(task.record.job)
        wire = accounts.wire(account)
        for name in [one.name for one in task.snapshot.artifacts if one.path is None and (again or not one.removed)]:
            try:
                kept = await store.keep(_named(task, name), folder, wire=wire)
            except ArtifactGone:
                seen = await fetch(account.adapter, task.record.remote, wire)
                await books.write(task, refreshed(task.snapshot, seen))
                # Whatever our clock makes of its end, a URL this fresh is worth asking for.
                kept = await store.keep(evolve(_named(task, name), expires_at=None), folder, wire=wire)
            artifacts = tuple(kept if artifact.name == name else artifact for artifact in task.snapshot.artifacts)
            whole = all(artifact.path is not None for artifact in artifacts)
            note = f"{KEPT_ON}{platform.node()}" if whole and isinstance(books.ledger, SharesWork) else None
            await books.write(task, evolve(task.snapshot, artifacts=artifacts), note=note)
    except TaskferryError as error:
        task.keep_failed = str(error)
        final = task.flight.attempts >= _TRIES or not _may_pass(error)
        log.warning(
            "%s: a file could not be kept%s: %s",
            task.record.id,
            "" if final else ", trying again",
            error,
            extra={"task": task.record.id},
        )
        if final:
            await books.park(task, f"Its files could not be kept: {task.keep_failed}")
        task.beat()
        return None if final else _PAUSE * task.flight.attempts
    task.keep_failed = None
    return None


def _may_pass(error: TaskferryError) -> bool:
    """Tell whether the next try may go better, be it of the file or of the look that asks for a fresh URL."""
    if isinstance(error, ProviderError):
        return error.failure.retryable
    return isinstance(error, ArtifactError | NotSent | ReplyLost)


def _named(task: Watched, name: str) -> Artifact:
    return next(artifact for artifact in task.snapshot.artifacts if artifact.name == name)
