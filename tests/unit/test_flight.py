"""What is kept of a task between two looks: little, and enough for its schedule."""

from __future__ import annotations

import gc
import tracemalloc

from attrs import evolve

from ledger_records import a_record
from taskferry import Observation, Status, Typical
from taskferry.ledger.record import Record
from taskferry.poller.deadlines import Deadlines
from taskferry.poller.durations import Durations
from taskferry.poller.flight import Flight, digest_of

DURATIONS, DEADLINES = Durations(Typical(median=20, slow=60)), Deadlines()


def running(**changes: object) -> Record:
    row = a_record()
    return evolve(row, remote={"id": "j-1"}, snapshot=evolve(row.snapshot, status=Status.RUNNING, **changes))


def flight(row: Record, now: float = 0.0) -> Flight:
    return Flight(row, DURATIONS, DEADLINES, foreign=False, now=now)


def test_it_keeps_the_providers_handle_as_it_was() -> None:
    """Whatever JSON it is."""
    assert flight(running()).remote == {"id": "j-1"}
    assert flight(evolve(running(), remote="plain")).remote == "plain"


def test_progress_is_dated_when_it_changes_and_not_when_it_stays() -> None:
    """That age tells an honest figure from one that stands still."""
    task = flight(running(progress=0.2))
    task.take(running(progress=0.2), 10.0)
    first = task.progress_age

    task.take(running(progress=0.45), 20.0)

    assert (first, task.progress_age) == (0.0, 20.0)
    assert (task.sample_progress, task.sample_age) == (0.45, 20.0)


def test_a_new_status_begins_a_new_age() -> None:
    """Queue and run are timed apart; a create that is tried again and again is one wait."""
    queued = evolve(running(), snapshot=evolve(running().snapshot, status=Status.QUEUED))
    task = flight(queued)
    task.take(running(), 30.0)

    prepared = evolve(queued, snapshot=evolve(queued.snapshot, status=Status.PREPARED))
    waiting = flight(prepared)
    waiting.take(evolve(prepared, snapshot=evolve(prepared.snapshot, status=Status.SUBMITTING)), 5.0)

    assert task.counted_from == 30.0
    assert waiting.since == 0.0


def test_a_run_is_dated_between_the_looks_that_saw_it_wait_and_run() -> None:
    """As early as such jobs usually begin; a run first seen late is not young."""
    queued = evolve(running(), snapshot=evolve(running().snapshot, status=Status.QUEUED))
    task = flight(queued)
    task.pause = 12.0

    task.take(running(), 12.0)

    assert task.since == 0.0
    assert task.counted_from == 12.0


def test_a_task_that_is_taken_up_again_is_as_old_as_it_is_and_has_all_its_time() -> None:
    """Its age decides when to look, its deadlines count from now."""
    task = Flight(running(), DURATIONS, DEADLINES, foreign=False, now=100.0, age=290.0)

    assert task.since == -190.0
    assert task.deadline == 100.0 + DEADLINES.run


def test_only_what_just_needs_looking_is_plain() -> None:
    """Everything else gets a turn of its own."""
    assert flight(running()).plain
    assert not flight(running(parked="The user said so.")).plain
    assert not flight(running(cancel_wanted=True)).plain
    assert not flight(evolve(running(), snapshot=evolve(running().snapshot, status=Status.SUCCEEDED))).plain


def test_equal_observations_have_one_digest_and_others_another() -> None:
    """One with results or a failure is always read in full."""
    one = Observation(provider_status="working", status=Status.RUNNING, progress=0.5)

    assert digest_of(one) == digest_of(evolve(one, raw=b"other bytes", trace_id="t-2"))
    assert digest_of(one) != digest_of(evolve(one, progress=0.6))
    assert digest_of(one) != digest_of(evolve(one, provider_status="rendering"))


def test_a_task_in_flight_takes_less_than_a_kilobyte() -> None:
    """Of Python's own memory, with its place in the schedule left out."""
    row = running(progress=0.25, eta=30.0, looked_at=1.7e9)
    flights = [flight(row)]
    gc.collect()
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()

    flights += [flight(evolve(row, remote={"id": f"j-{n}"}), float(n)) for n in range(2000)]

    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (after - before) / 2000 < 700
