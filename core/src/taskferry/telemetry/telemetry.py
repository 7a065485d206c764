"""What the engine tells of its work: nothing where OpenTelemetry is not installed."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable, Sequence
from importlib.metadata import version
from typing import TYPE_CHECKING

from taskferry.errors import ProviderError, TaskferryError
from taskferry.ledger.history import Transition
from taskferry.ledger.record import Record
from taskferry.task import Snapshot
from taskferry.text import clean

if TYPE_CHECKING:
    from opentelemetry.metrics import MeterProvider
    from opentelemetry.trace import TracerProvider

    from taskferry.telemetry.metrics import Metrics
    from taskferry.telemetry.spans import Spans

log = logging.getLogger("taskferry")


class Telemetry:
    """Passes the engine's news on; what goes wrong in there is logged and changes nothing."""

    def __init__(self, spans: Spans, metrics: Metrics) -> None:
        self._spans = spans
        self._metrics = metrics

    def asked(self, snapshot: Snapshot) -> None:
        """Tell of a job that was just asked for, in the context of whoever asks."""
        _told(lambda: self._spans.asked(snapshot))

    def looked(self, provider: str) -> None:
        """Tell of a look that leaves."""
        _told(lambda: self._metrics.looked(provider))

    def look_failed(self, provider: str, error: TaskferryError) -> None:
        """Tell of a look that failed."""
        kind = error.failure.kind.value if isinstance(error, ProviderError) else type(error).__name__
        _told(lambda: self._metrics.look_failed(provider, kind))

    def stepped(self, before: Snapshot, after: Snapshot, late: float | None) -> None:
        """Tell of a job's new status, once it is written down."""
        _told(lambda: self._metrics.stepped(before, after, late))

    def ended(self, record: Record, steps: Sequence[Transition]) -> None:
        """Tell of a job's end, with its whole history."""
        _told(lambda: self._metrics.billed(record.snapshot))
        _told(lambda: self._spans.ended(record, steps))


def open_telemetry(
    tracer_provider: TracerProvider | None = None, meter_provider: MeterProvider | None = None
) -> Telemetry | None:
    """Give what tells of our work, by default over what the application has set up; None where nobody listens.

    Whoever collects has imported OpenTelemetry before, or lets its variables choose what does: all others are spared
    its import.
    """
    if "opentelemetry" not in sys.modules and not any(name.startswith("OTEL_") for name in os.environ):
        return None
    try:
        from opentelemetry import metrics, trace  # an extra: without it there is nobody to tell
    except ImportError:
        return None
    from taskferry.telemetry.metrics import Metrics
    from taskferry.telemetry.spans import Spans

    ours = version("taskferry")
    tracer = trace.get_tracer("taskferry", ours, tracer_provider)
    return Telemetry(Spans(tracer), Metrics(metrics.get_meter("taskferry", ours, meter_provider)))


def _told(tell: Callable[[], None]) -> None:
    try:
        tell()
    except Exception as error:  # noqa: BLE001 -- whoever collects this must not be able to harm a job
        log.warning("telemetry raised %s: %s", type(error).__name__, clean(error))
