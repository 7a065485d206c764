"""What a worker counts, and what it says of that to Prometheus."""

from __future__ import annotations

from itertools import pairwise
from types import SimpleNamespace
from typing import Any

from attrs import evolve
from prometheus_client.parser import text_string_to_metric_families

from taskferry import Snapshot, Status
from taskferry.hookspecs import Change
from taskferry.ledger.backend import Backlog
from taskferry.worker.metrics import Metrics
from taskferry.worker.tally import Tally

ASKED = Snapshot(
    id="01jd3k5w0v7a4bz2m9q8r6t1xy",
    provider="acme",
    operation="acme/image",
    status=Status.PREPARED,
    created_at=1000.0,
)
SENT = evolve(ASKED, status=Status.SUBMITTING)
TAKEN = evolve(SENT, status=Status.QUEUED, submitted_at=1003.0)
DONE = evolve(TAKEN, status=Status.SUCCEEDED)


def change(before: Snapshot | None, after: Snapshot) -> Change:
    return Change(before=before, after=after)


def told(*steps: Snapshot) -> Tally:
    tally = Tally()
    for before, after in pairwise(steps):
        tally.taskferry_task_changed(change(before, after))
    return tally


def numbers(tally: Tally, **probe: Any) -> dict[tuple[str, ...], float]:
    seen = {
        "slots": 10, "in_hand": 2, "draining": False, "lag": 0.01, "reachable": True, "ledger_seconds": 0.002,
        "providers": ["acme"], "backlog": Backlog(waiting={"acme": 3, "zeta": 1}, workers=2, served=["acme"]),
    }  # fmt: skip
    text = Metrics(tally, SimpleNamespace(**{**seen, **probe})).text().decode()
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_steps_are_counted_by_what_they_came_to() -> None:
    """A change that is no step is not counted."""
    tally = told(ASKED, SENT, TAKEN, evolve(TAKEN, progress=0.5), DONE)

    assert dict(tally.steps) == {
        ("acme", "acme/image", status): 1 for status in (Status.SUBMITTING, Status.QUEUED, Status.SUCCEEDED)
    }
    assert tally.ended() == {"succeeded": 1}


def test_what_another_process_drives_is_left_to_its_own_tally() -> None:
    """So that the sum over workers is right."""
    tally = Tally()
    tally.follows = lambda task_id: task_id == ASKED.id

    tally.taskferry_task_changed(change(ASKED, SENT))

    assert not tally.steps


def test_a_new_task_is_no_step_of_a_worker() -> None:
    """It was asked for elsewhere."""
    tally = Tally()

    tally.taskferry_task_changed(change(None, ASKED))

    assert not tally.steps


def test_prometheus_reads_steps_waits_and_the_backlog() -> None:
    """By the names that the operations guide has."""
    found = numbers(told(ASKED, SENT, TAKEN, DONE))

    assert found["taskferry_task_steps_total", "acme/image", "acme", "succeeded"] == 1
    assert found["taskferry_task_wait_seconds_sum", "acme"] == 3.0
    assert found["taskferry_task_wait_seconds_bucket", "5", "acme"] == 1
    assert found["taskferry_task_wait_seconds_bucket", "2.5", "acme"] == 0
    assert found["taskferry_all_waiting", "acme", "yes"] == 3
    assert found["taskferry_all_waiting", "zeta", "no"] == 1
    assert (found["taskferry_in_hand",], found["taskferry_slots",], found["taskferry_ledger_up",]) == (2, 10, 1)
    assert found["process_resident_memory_bytes",] > 0


def test_a_wait_that_a_wrong_clock_made_negative_counts_as_none() -> None:
    """It can be no shorter."""
    tally = told(evolve(SENT, created_at=2000.0), evolve(TAKEN, created_at=2000.0))

    assert tally.waits["acme"].total == 0.0
