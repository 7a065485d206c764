"""One span for each job, made when the job has ended, by whichever process saw that."""

from __future__ import annotations

from collections.abc import Sequence

from opentelemetry import trace
from opentelemetry.trace import Link, NonRecordingSpan, SpanContext, SpanKind, StatusCode, TraceFlags, Tracer

from taskferry.errors import UsageError
from taskferry.ledger.history import Transition
from taskferry.ledger.record import Record
from taskferry.status import Status
from taskferry.task import Snapshot
from taskferry.telemetry.ids import span_id, trace_id

_ASKED_AT_MOST = 10_000
"""Tasks for which it is kept in memory who asked for them."""
_NO_ERROR = frozenset({Status.SUCCEEDED, Status.CANCELLED})


class Spans:
    """Makes spans of jobs, and links them with the spans of whoever asked for those jobs."""

    def __init__(self, tracer: Tracer) -> None:
        self._tracer = tracer
        self._asked: dict[str, SpanContext] = {}

    def asked(self, snapshot: Snapshot) -> None:
        """Link the span in which a job was asked for, if there is one, with the job's trace, and remember it."""
        job = _job(snapshot.id)
        caller = trace.get_current_span()
        context = caller.get_span_context()
        if job is None or not context.is_valid:
            return
        caller.add_link(job, {"taskferry.task.id": snapshot.id, "taskferry.operation": snapshot.operation})
        if len(self._asked) >= _ASKED_AT_MOST:
            del self._asked[next(iter(self._asked))]
        self._asked[snapshot.id] = context

    def ended(self, record: Record, steps: Sequence[Transition]) -> None:
        """Make the span of a job that has ended, with every step of its life as an event."""
        snapshot = record.snapshot
        job, caller = _job(snapshot.id), self._asked.pop(snapshot.id, None)
        if job is None:
            return
        span = self._tracer.start_span(
            snapshot.operation,
            context=trace.set_span_in_context(NonRecordingSpan(job)),
            kind=SpanKind.CLIENT,
            attributes=_attributes(record),
            links=[] if caller is None else [Link(caller)],
            start_time=_nanoseconds(snapshot.created_at),
        )
        for one in steps:
            span.add_event(one.after.value, _event(one), timestamp=_nanoseconds(one.at))
        if snapshot.status not in _NO_ERROR:
            span.set_status(StatusCode.ERROR, "" if snapshot.failure is None else snapshot.failure.message)
        last = snapshot.finished_at or max((one.at for one in steps), default=snapshot.created_at)
        span.end(_nanoseconds(last))


def _job(task_id: str) -> SpanContext | None:
    """Give the place in its own trace that stands for a job; None for an id that was not made by us."""
    try:
        found = trace_id(task_id)
    except UsageError:
        return None  # a task that was taken in from elsewhere has an id of theirs, and no trace
    return SpanContext(found, span_id(task_id), is_remote=True, trace_flags=TraceFlags(TraceFlags.SAMPLED))


def _attributes(record: Record) -> dict[str, str | int | float]:
    snapshot = record.snapshot
    cost = snapshot.cost.known
    said: dict[str, str | int | float | None] = {
        "taskferry.task.id": snapshot.id,
        "taskferry.provider": snapshot.provider,
        "taskferry.operation": snapshot.operation,
        "taskferry.status": snapshot.status.value,
        "taskferry.run": snapshot.run,
        "taskferry.artifacts": len(snapshot.artifacts),
        "taskferry.cost": None if cost is None else float(cost.value),
        "taskferry.cost.unit": None if cost is None else cost.unit,
        "taskferry.provider.trace_id": next(iter(snapshot.trace_ids), None),
        "error.type": None if snapshot.failure is None else snapshot.failure.kind.value,
        "server.address": record.job.base_url,
    }
    return {name: value for name, value in said.items() if value is not None}


def _event(one: Transition) -> dict[str, str | int]:
    said = {"taskferry.provider_status": one.provider_status, "taskferry.note": one.note, "taskferry.run": one.run}
    return {name: value for name, value in said.items() if value is not None}


def _nanoseconds(seconds: float) -> int:
    return int(seconds * 1_000_000_000)
