"""The one place where a task changes: an observation comes in, the next snapshot goes out."""

from __future__ import annotations

import math

from attrs import evolve

from taskferry.errors import AdapterError, Failure, FailureKind
from taskferry.status import Status, may_become
from taskferry.task import Artifact, Observation, ProgressSource, Snapshot

_ENDS_WITHOUT_REASON = {
    Status.FAILED: Failure.of(FailureKind.PROVIDER, "The provider says that the job failed and gives no reason."),
    Status.MODERATED: Failure.of(
        FailureKind.MODERATED,
        "The provider's content rules stopped the job.",
        suggestion="Rephrase before trying again.",
    ),
    Status.EXPIRED: Failure.of(FailureKind.TIMEOUT, "The job waited too long at the provider and was dropped there."),
}
_NO_OUTPUT = Failure.of(FailureKind.NO_OUTPUT, "The provider says that the job succeeded and gave no result.")

_MOST_AHEAD = 10**9
"""Jobs in a queue beyond which a number is no place in it."""
_LONGEST_ETA = 366 * 86400.0
"""Seconds beyond which a forecast is none."""


def step(snapshot: Snapshot, status: Status, at: float) -> Snapshot:
    """Move a task to another status at a time in epoch seconds; raise AdapterError if the step is illegal."""
    if not may_become(snapshot.status, status):
        raise AdapterError(f"A task cannot go from {snapshot.status} to {status}.")
    at_provider = status not in (Status.PREPARED, Status.SUBMITTING, Status.UNCONFIRMED, Status.REFUSED)
    moved = evolve(
        snapshot,
        status=status,
        submitted_at=at if snapshot.submitted_at is None and at_provider else snapshot.submitted_at,
        started_at=at if snapshot.started_at is None and status is Status.RUNNING else snapshot.started_at,
        finished_at=at if status.terminal else None,
        parked=None if status.terminal else snapshot.parked,
        next_try_at=None,
    )
    if snapshot.status is Status.RUNNING and status is Status.QUEUED:
        return evolve(moved, run=snapshot.run + 1, progress=None, progress_source=ProgressSource.NONE)
    return moved


def observe(snapshot: Snapshot, seen: Observation, asked_at: float, now: float) -> Snapshot:
    """Apply what a look showed; give back the very same snapshot when nothing may or did change.

    `asked_at` is when the look left: an answer to an older question than the last applied one is dropped, so a
    late reply never moves a task backwards. A word the adapter does not know leaves the status as it is.
    """
    if snapshot.status.terminal or (snapshot.looked_at is not None and asked_at < snapshot.looked_at):
        return snapshot
    following = seen.status
    if following is Status.SUCCEEDED and not (seen.artifacts or snapshot.artifacts):
        following, seen = Status.FAILED, evolve(seen, failure=seen.failure or _NO_OUTPUT)
    changed = snapshot
    if following is not None and following is not snapshot.status:
        if not may_become(snapshot.status, following):
            raise AdapterError(f"The adapter says that a task went from {snapshot.status} to {following}.")
        changed = step(snapshot, following, now)
    return _with_details(changed, seen, following, asked_at)


def refreshed(snapshot: Snapshot, seen: Observation) -> Snapshot:
    """Take fresh URLs for the results of a task that has ended; nothing else about it changes."""
    return evolve(snapshot, artifacts=_merged(snapshot.artifacts, tuple(seen.artifacts)))


def _with_details(snapshot: Snapshot, seen: Observation, following: Status | None, asked_at: float) -> Snapshot:
    progress, source = _progress(snapshot, seen)
    waiting = snapshot.status is Status.QUEUED
    failure = (seen.failure or _ENDS_WITHOUT_REASON.get(snapshot.status)) if following else snapshot.failure
    trace_ids = snapshot.trace_ids
    if seen.trace_id and (not trace_ids or snapshot.status.terminal):
        trace_ids = (*trace_ids, seen.trace_id)
    detailed = evolve(
        snapshot,
        provider_status=seen.provider_status if seen.provider_status is not None else snapshot.provider_status,
        progress=progress,
        progress_source=source,
        queue_position=_count(seen.queue_position) if waiting else None,
        eta=None if snapshot.status.terminal else _seconds(seen.eta),
        artifacts=_merged(snapshot.artifacts, tuple(seen.artifacts)),
        cost=snapshot.cost.updated(seen.cost),
        failure=None if snapshot.status is Status.SUCCEEDED else failure,
        trace_ids=trace_ids,
        look_problem=None,
    )
    if detailed == snapshot and snapshot.looked_at is not None:
        return snapshot
    return evolve(detailed, looked_at=asked_at, raw=seen.raw if seen.raw is not None else snapshot.raw)


def _progress(snapshot: Snapshot, seen: Observation) -> tuple[float | None, ProgressSource]:
    if snapshot.status is Status.SUCCEEDED:
        return 1.0, ProgressSource.SERVER
    told = seen.progress
    if snapshot.status is not Status.RUNNING or told is None or not math.isfinite(told) or not 0 <= told <= 1:
        return snapshot.progress, snapshot.progress_source
    return max(told, snapshot.progress or 0.0), ProgressSource.SERVER


def _merged(known: tuple[Artifact, ...], seen: tuple[Artifact, ...]) -> tuple[Artifact, ...]:
    """Take fresh URLs for known artifacts and add new ones; a kept file is never forgotten."""
    if not seen:
        return known
    fresh = {artifact.name: artifact for artifact in seen}
    merged = [
        evolve(fresh[old.name], path=old.path, size=old.size, sha256=old.sha256, media_type=old.media_type)
        if old.name in fresh and old.path is not None
        else fresh.get(old.name, old)
        for old in known
    ]
    names = {old.name for old in known}
    return (*merged, *(artifact for name, artifact in fresh.items() if name not in names))


def _count(value: int | None) -> int | None:
    return int(value) if value is not None and 0 <= value <= _MOST_AHEAD else None


def _seconds(value: float | None) -> float | None:
    return value if value is not None and 0 <= value <= _LONGEST_ETA else None
