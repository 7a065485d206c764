"""What is told over OpenTelemetry: one span for each job however many processes had it in hand, and the metrics."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode, Tracer

import taskferry.engine
from cli_keyboard import SPEED, HastyClock
from taskferry import Ferry
from taskferry.sandbox import Running, running
from taskferry.telemetry import open_telemetry, traceparent


class Collected:
    """What an application collects: spans and metrics."""

    def __init__(self) -> None:
        self.exporter = InMemorySpanExporter()
        self.traces = TracerProvider()
        self.traces.add_span_processor(SimpleSpanProcessor(self.exporter))
        self.reader = InMemoryMetricReader()
        self.meters = MeterProvider([self.reader])

    @property
    def tracer(self) -> Tracer:
        """Give a tracer of the application's own."""
        return self.traces.get_tracer("application")

    @property
    def spans(self) -> list[ReadableSpan]:
        """Give the spans of jobs, in the order in which they ended."""
        scoped = self.exporter.get_finished_spans()
        return [
            span for span in scoped if span.instrumentation_scope and span.instrumentation_scope.name == "taskferry"
        ]

    @property
    def points(self) -> dict[str, list[tuple[Mapping[str, Any], Any]]]:
        """Give each metric's points: attributes, and the sum of what was told."""
        data = self.reader.get_metrics_data()
        metrics = [] if data is None else data.resource_metrics[0].scope_metrics[0].metrics
        return {
            metric.name: [
                (dict(point.attributes), getattr(point, "value", getattr(point, "sum", None)))
                for point in metric.data.data_points
            ]
            for metric in metrics
        }


@pytest.fixture(scope="module")
def provider() -> Iterator[Running]:
    """A provider that is much faster than the real one."""
    with running({"vap": "taskferry_vap.sandbox:stand_in"}, speed=SPEED) as servers:
        yield servers["vap"]


@pytest.fixture
def collected(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collected]:
    """An application that collects in memory."""
    made = Collected()
    monkeypatch.setattr(taskferry.engine, "open_telemetry", partial(open_telemetry, made.traces, made.meters))
    yield made
    made.traces.shutdown()
    made.meters.shutdown()


@pytest.fixture
def ferry(provider: Running, tmp_path: Path) -> Callable[[], Ferry]:
    """A maker of ferries of one home, as several processes have them."""
    return partial(Ferry, home=tmp_path / "home", environ=provider.env, clock=HastyClock(), speed=SPEED)


async def test_a_job_is_one_span_in_a_trace_that_follows_from_its_id(
    ferry: Callable[[], Ferry], collected: Collected
) -> None:
    """From when it was asked for to when it ended, each step an event at its own time; no prompt, no key."""
    async with ferry() as one:
        task = await one.submit("vap/image", prompt="a very private fox")
        await task.save()

    (span,) = collected.spans
    assert span.context is not None
    assert span.parent is not None
    assert f"00-{span.context.trace_id:032x}-{span.parent.span_id:016x}-01" == traceparent(task.id)
    assert span.name == "vap/image"
    assert [event.name for event in span.events][:2] == ["prepared", "submitting"]
    assert span.events[-1].name == "succeeded"
    assert span.start_time == int(task.snapshot.created_at * 1e9)
    assert span.end_time == int((task.snapshot.finished_at or 0) * 1e9)
    assert span.attributes is not None
    assert span.attributes["taskferry.task.id"] == task.id
    assert span.attributes["taskferry.status"] == "succeeded"
    assert (span.attributes["taskferry.cost"], span.attributes["taskferry.cost.unit"]) == (0.18, "USD")
    assert span.status.status_code is StatusCode.UNSET
    assert "private" not in span.to_json()


async def test_a_job_that_another_process_ends_is_still_one_span_with_its_whole_life(
    ferry: Callable[[], Ferry], collected: Collected
) -> None:
    """The first process may be gone: the ledger knows what it did."""
    async with ferry() as first:
        task = await first.submit("vap/image", prompt="a fox")
    assert collected.spans == []

    async with ferry() as second:
        await (await second.resume(task.id)).wait()

    (span,) = collected.spans
    assert span.context is not None
    assert f"{span.context.trace_id:032x}" == traceparent(task.id).split("-")[1]
    assert [event.name for event in span.events][:2] == ["prepared", "submitting"]


async def test_whoever_asked_and_the_job_are_linked_both_ways(ferry: Callable[[], Ferry], collected: Collected) -> None:
    """A job outlives the request that it was asked for in, so it is no part of that trace."""
    async with ferry() as one:
        with collected.tracer.start_as_current_span("request") as request:
            task = await one.submit("vap/image", prompt="a fox")
        await task.wait()

    (span,) = collected.spans
    assert [link.context for link in span.links] == [request.get_span_context()]
    (asked,) = [one for one in collected.exporter.get_finished_spans() if one.name == "request"]
    assert [f"{link.context.trace_id:032x}" for link in asked.links] == [traceparent(task.id).split("-")[1]]


@pytest.mark.parametrize(
    ("prompt", "status", "kind"),
    [("[[refuse:insufficient_balance]]", "refused", "funds"), ("[[moderated]]", "moderated", "moderated")],
)
async def test_a_job_without_success_is_an_error_that_says_why(
    ferry: Callable[[], Ferry], collected: Collected, prompt: str, status: str, kind: str
) -> None:
    """By the kind of its failure, in span and metrics."""
    async with ferry() as one:
        task = await one.submit("vap/image", prompt=f"a fox {prompt}")
        await task.wait()

    (span,) = collected.spans
    assert span.status.status_code is StatusCode.ERROR
    assert span.status.description == str(task.snapshot.failure.message if task.snapshot.failure else "")
    assert span.attributes is not None
    assert (span.attributes["taskferry.status"], span.attributes["error.type"]) == (status, kind)
    ((attributes, count),) = collected.points["taskferry.errors"]
    assert (attributes["error.type"], attributes["taskferry.stage"], count) == (kind, "job", 1)


async def test_looks_queue_run_lateness_cost_and_ends_are_measured(
    ferry: Callable[[], Ferry], collected: Collected
) -> None:
    """By provider, and most by operation."""
    async with ferry() as one:
        tasks = [await one.submit("vap/image", prompt=f"fox {number} [[queue:20]] [[run:20]]") for number in range(2)]
        for task in tasks:
            await task.wait()

    points = collected.points
    of_images = {"taskferry.provider": "vap", "taskferry.operation": "vap/image"}
    ((attributes, looks),) = points["taskferry.looks"]
    assert attributes == {"taskferry.provider": "vap"}
    assert looks >= 4
    assert points["taskferry.jobs"] == [({**of_images, "taskferry.status": "succeeded"}, 2)]
    ((attributes, cost),) = points["taskferry.cost"]
    assert attributes == {**of_images, "taskferry.cost.unit": "USD", "taskferry.cost.told": "yes"}
    assert cost == pytest.approx(0.36)
    for name in ("taskferry.queue.duration", "taskferry.run.duration", "taskferry.lateness"):
        ((attributes, seconds),) = points[name]
        assert attributes == of_images
        assert seconds > 0


async def test_looks_that_fail_are_counted_by_what_went_wrong(ferry: Callable[[], Ferry], collected: Collected) -> None:
    """They are no failures of the job."""
    async with ferry() as one:
        task = await one.submit("vap/image", prompt="a fox [[read-http:502*2]]")
        await task.wait()

    assert task.snapshot.status.ok
    ((attributes, count),) = collected.points["taskferry.errors"]
    assert (attributes["taskferry.stage"], count) == ("look", 2)
    assert attributes["error.type"] == "unavailable"


async def test_a_collector_that_fails_harms_no_job(
    ferry: Callable[[], Ferry], collected: Collected, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It is a warning."""

    def broken(*arguments: Any, **named: Any) -> None:
        raise RuntimeError("the collector is full")

    monkeypatch.setattr("taskferry.telemetry.spans.Spans.ended", broken)
    monkeypatch.setattr("taskferry.telemetry.metrics.Metrics.looked", broken)

    async with ferry() as one:
        task = await one.submit("vap/image", prompt="a fox")
        await task.wait()

    assert task.snapshot.status.ok
    assert "telemetry raised RuntimeError: the collector is full" in caplog.text


async def test_log_records_carry_the_task(ferry: Callable[[], Ferry], caplog: pytest.LogCaptureFixture) -> None:
    """As an attribute of their own, for whoever collects logs as data."""
    with caplog.at_level(logging.INFO, "taskferry"):
        async with ferry() as one:
            task = await one.submit("vap/image", prompt="a fox [[read-http:502*2]]")
            await task.wait()

    told = [record for record in caplog.records if record.name == "taskferry" and task.id in record.getMessage()]
    assert {record.levelname for record in told} == {"INFO", "WARNING"}
    assert {getattr(record, "task", None) for record in told} == {task.id}


SCRIPT = """
import sys, json
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "opentelemetry":
            raise ModuleNotFoundError(name)
if "absent" in sys.argv:
    sys.meta_path.insert(0, Absent())
from taskferry.sync import Ferry
with Ferry(speed=50) as ferry:
    status = ferry.submit("vap/image", prompt="a fox").wait().snapshot.status
print(json.dumps([status, [name for name in sys.modules if name.startswith("opentelemetry")]]))
"""


def run_script(provider: Running, home: Path, *arguments: str, **variables: str) -> tuple[str, list[str]]:
    """Run a job in a process of its own; give its end, and what it loaded of OpenTelemetry."""
    environ = {**os.environ, **provider.env, "TASKFERRY_HOME": str(home), **variables}
    command = [sys.executable, "-c", SCRIPT, *arguments]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=100)
    assert done.returncode == 0, done.stderr
    status, loaded = json.loads(done.stdout)
    return status, loaded


def test_without_the_extra_jobs_go_on(provider: Running, tmp_path: Path) -> None:
    """As after `pip install taskferry` alone, even where its variables are set."""
    assert run_script(provider, tmp_path, "absent", OTEL_SDK_DISABLED="false") == ("succeeded", [])


def test_nothing_of_it_is_loaded_unless_somebody_listens(provider: Running, tmp_path: Path) -> None:
    """Its variables alone are enough to be told."""
    quiet = run_script(provider, tmp_path / "quiet")
    asked = run_script(provider, tmp_path / "asked", OTEL_SERVICE_NAME="studio")

    assert quiet == ("succeeded", [])
    assert asked[0] == "succeeded"
    assert "opentelemetry.trace" in asked[1]
