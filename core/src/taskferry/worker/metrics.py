"""A worker's counts as Prometheus reads them, put together when they are asked for."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import version

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from taskferry.worker.probe import Probe
from taskferry.worker.tally import BOUNDS, Tally, Waits

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4


class Metrics:
    """All that a worker tells of itself; `all` in a name is what the ledger says of every worker together."""

    def __init__(self, tally: Tally, probe: Probe) -> None:
        self._tally = tally
        self._probe = probe
        self._registry = CollectorRegistry()
        self._registry.register(self)
        ProcessCollector(registry=self._registry)

    def text(self) -> bytes:
        """Give the numbers as they are now."""
        return generate_latest(self._registry)

    def describe(self) -> list[Metric]:
        """Name nothing beforehand: the registry need not collect to know that nobody else has these names."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Yield each metric."""
        yield self._steps()
        yield self._waits()
        yield from self._gauges()
        yield self._waiting()
        yield self._serving()

    def _steps(self) -> Metric:
        counted = CounterMetricFamily(
            "taskferry_task_steps",
            "Steps of tasks that this worker wrote, by the status that they came to.",
            labels=["provider", "operation", "status"],
        )
        for (provider, operation, status), count in self._tally.steps.items():
            counted.add_metric([provider, operation, status.value], count)
        return counted

    def _waits(self) -> Metric:
        waited = HistogramMetricFamily(
            "taskferry_task_wait_seconds", "From asking for a job to the provider's taking it.", labels=["provider"]
        )
        for provider, waits in self._tally.waits.items():
            waited.add_metric([provider], _buckets(waits), waits.total)
        return waited

    def _gauges(self) -> Iterator[Metric]:
        probe, backlog = self._probe, self._probe.backlog
        for name, text, value in (
            ("in_hand", "Tasks that this worker has in hand.", probe.in_hand),
            ("slots", "Tasks that it has in hand at most.", probe.slots),
            ("draining", "1 while it fetches no more tasks.", int(probe.draining)),
            ("loop_lag_seconds", "Longest delay of its event loop in the last seconds.", probe.lag),
            ("ledger_up", "1 while the ledger answers.", int(probe.reachable)),
            ("ledger_seconds", "How long the ledger's last answer took.", probe.ledger_seconds),
            ("all_workers", "Workers that live.", backlog.workers),
            ("all_in_hand", "Tasks that all workers have in hand.", backlog.in_hand),
        ):
            yield GaugeMetricFamily(f"taskferry_{name}", text, value=value)

    def _waiting(self) -> Metric:
        waiting = GaugeMetricFamily(
            "taskferry_all_waiting",
            "Tasks that no worker has begun with; `served` is no where no worker that lives has the provider.",
            labels=["provider", "served"],
        )
        for provider, count in self._probe.backlog.waiting.items():
            served = "yes" if provider in self._probe.backlog.served else "no"
            waiting.add_metric([provider, served], count)
        return waiting

    def _serving(self) -> Metric:
        serving = GaugeMetricFamily(
            "taskferry_worker", "1 for each provider that this worker serves.", labels=["provider", "version"]
        )
        for provider in self._probe.providers:
            serving.add_metric([provider, version("taskferry")], 1)
        return serving


def _buckets(waits: Waits) -> list[tuple[str, float]]:
    """Give how many waits were at most as long as each bound."""
    total = 0.0
    found = []
    for bound, count in zip((*map(str, BOUNDS), "+Inf"), waits.counts, strict=True):
        total += count
        found.append((bound, total))
    return found
