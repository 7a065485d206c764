"""What is counted and measured of all jobs, by provider and operation."""

from __future__ import annotations

from opentelemetry.metrics import Meter

from taskferry.status import Status
from taskferry.task import Snapshot

_SECONDS = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200)
"""Bounds of the ranges, in seconds, that queues, runs and lateness fall into."""


class Metrics:
    """The instruments; each tells its provider, most their operation as well."""

    def __init__(self, meter: Meter) -> None:
        self._looks = meter.create_counter(
            "taskferry.looks", "{look}", "Status reads that left, one for each job in it."
        )
        self._errors = meter.create_counter(
            "taskferry.errors", "{error}", "Looks that failed and jobs that ended with a failure, by its kind."
        )
        self._jobs = meter.create_counter("taskferry.jobs", "{job}", "Jobs that ended, by their status.")
        self._cost = meter.create_counter("taskferry.cost", "1", "What jobs that ended were billed, by its unit.")
        self._late = meter.create_histogram(
            "taskferry.lateness",
            "s",
            "From the last look that showed a job under way to the one that showed its end: no end was noticed later.",
            explicit_bucket_boundaries_advisory=_SECONDS,
        )
        self._queue = meter.create_histogram(
            "taskferry.queue.duration",
            "s",
            "From the provider's taking a job to the look that showed it running.",
            explicit_bucket_boundaries_advisory=_SECONDS,
        )
        self._run = meter.create_histogram(
            "taskferry.run.duration",
            "s",
            "From the look that showed a job running to the one that showed its end.",
            explicit_bucket_boundaries_advisory=_SECONDS,
        )
        self._providers: dict[str, dict[str, str]] = {}

    def looked(self, provider: str) -> None:
        """Count one look."""
        attributes = self._providers.get(provider)
        if attributes is None:
            attributes = self._providers[provider] = {"taskferry.provider": provider}
        self._looks.add(1, attributes)

    def look_failed(self, provider: str, kind: str) -> None:
        """Count a look that failed, by the kind of its failure or of what went wrong on the wire."""
        self._errors.add(1, {"taskferry.provider": provider, "error.type": kind, "taskferry.stage": "look"})

    def stepped(self, before: Snapshot, after: Snapshot, late: float | None) -> None:
        """Measure a step in the life of a job; `late` are the seconds since the look before the one that showed it."""
        attributes = {"taskferry.provider": after.provider, "taskferry.operation": after.operation}
        if after.status is Status.RUNNING and after.run == 1 and after.submitted_at and after.started_at:
            self._queue.record(max(0.0, after.started_at - after.submitted_at), attributes)
        if not after.status.terminal:
            return
        self._jobs.add(1, {**attributes, "taskferry.status": after.status.value})
        if before.status is Status.RUNNING and after.started_at and after.finished_at:
            self._run.record(max(0.0, after.finished_at - after.started_at), attributes)
        if late is not None and before.status.watched:
            self._late.record(late, attributes)
        if after.failure is not None:
            self._errors.add(1, {**attributes, "error.type": after.failure.kind.value, "taskferry.stage": "job"})

    def billed(self, snapshot: Snapshot) -> None:
        """Count what a job that ended was billed, or, where the provider does not tell, what it was to cost."""
        cost = snapshot.cost
        told = cost.actual is not None
        amount = cost.known if told or snapshot.status is Status.SUCCEEDED else None
        if amount is None:
            return
        attributes = {"taskferry.provider": snapshot.provider, "taskferry.operation": snapshot.operation}
        said = {**attributes, "taskferry.cost.unit": amount.unit, "taskferry.cost.told": "yes" if told else "no"}
        self._cost.add(float(amount.value), said)  # OpenTelemetry has no exact numbers; the ledger has
