"""What the ledger remembers of a task's steps, and learns from them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger_records import a_job, a_record, an_image, moved
from taskferry.ledger import Duration, Ledger, model_and_size, open_ledger
from taskferry.status import Status


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with open_ledger(tmp_path, now=lambda: 5000.0) as opened:
        yield opened


def test_steps_are_kept_with_time_run_and_word(ledger: Ledger) -> None:
    """A write that changes neither status nor run and has no note leaves no step."""
    record = ledger.add(a_record())
    record = ledger.save(moved(record, Status.RUNNING, provider_status="working"))
    record = ledger.save(moved(record, Status.RUNNING, progress=0.5))
    record = ledger.save(moved(record, Status.RUNNING, run=2))
    ledger.save(moved(record, Status.RUNNING, run=2, parked="nobody pays"), note="parked: nobody pays \ud800")

    steps = ledger.transitions(record.id)

    assert [(step.before, step.after, step.run, step.provider_status, step.note) for step in steps] == [
        (None, Status.PREPARED, 1, None, None),
        (Status.PREPARED, Status.RUNNING, 1, "working", None),
        (Status.RUNNING, Status.RUNNING, 2, "working", None),
        (Status.RUNNING, Status.RUNNING, 2, "working", "parked: nobody pays ?"),
    ]
    assert {step.at for step in steps} == {5000.0}


def test_a_duration_is_learned_when_it_is_told(ledger: Ledger) -> None:
    """With the task's model and size; keeping a file later does not count the task again."""
    record = ledger.add(a_record(job=a_job(parameters={"prompt": "x", "model": "m-2", "resolution": "1080p"})))
    record = ledger.save(moved(record, Status.SUCCEEDED, artifacts=(an_image(),)), took=(4.0, 26.0, 0.4))
    ledger.save(moved(record, Status.SUCCEEDED, artifacts=(an_image(path=Path("/x.png")),)))

    learned = ledger.durations("acme/image", "m-2", "1080p")

    assert learned == [Duration(queue_seconds=4.0, run_seconds=26.0, half=0.4)]
    assert ledger.durations("acme/image", "m-2", None) == []
    assert ledger.durations("acme/image", None, "1080p") == []


def test_durations_come_newest_first_and_limited(ledger: Ledger) -> None:
    """Whether the provider told any progress or not."""
    for seconds in (10.0, 20.0, 30.0):
        ledger.save(moved(ledger.add(a_record()), Status.SUCCEEDED), took=(0.0, seconds, None))

    learned = ledger.durations("acme/image", None, None, limit=2)

    assert [(duration.run_seconds, duration.half) for duration in learned] == [(30.0, None), (20.0, None)]


@pytest.mark.parametrize(
    ("parameters", "shape"),
    [
        ({}, (None, None)),
        ({"model": "m", "resolution": "1080p", "duration": 6}, ("m", "1080p")),
        ({"model": 3, "duration": 6}, ("3", "6")),
    ],
)
def test_model_and_size_are_text(parameters: dict[str, object], shape: tuple[str | None, str | None]) -> None:
    """The resolution is the size where there is one, else the duration."""
    assert model_and_size(parameters) == shape
