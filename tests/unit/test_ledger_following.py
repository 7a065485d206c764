"""Noticing what other connections change in a ledger."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from attrs import evolve

from ledger_records import a_record, an_image, moved
from taskferry import Status
from taskferry.errors import LedgerError
from taskferry.ledger import Ledger, Record, open_ledger
from taskferry.ledger.following import Follower
from taskferry.ledger.history import Seen


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with open_ledger(tmp_path) as opened:
        yield opened


@pytest.fixture
def follower(ledger: Ledger, tmp_path: Path) -> Iterator[Follower]:
    opened = Follower(tmp_path)
    yield opened
    opened.close()


def progressed(record: Record, progress: float) -> Record:
    """Give a record that got on without changing its status."""
    return evolve(record, snapshot=evolve(record.snapshot, progress=progress))


def test_nothing_is_named_while_nothing_changes(ledger: Ledger, follower: Follower) -> None:
    """What was there before it began does not count."""
    assert follower.news() == []


def test_a_new_task_and_each_of_its_steps_are_named(ledger: Ledger, follower: Follower) -> None:
    """Once each."""
    record = ledger.add(a_record())
    first = follower.news()
    record = ledger.save(moved(record, Status.SUBMITTING))
    record = ledger.save(moved(record, Status.RUNNING))

    assert first == [record.id]
    assert follower.news() == [record.id]
    assert follower.news() == []


def test_progress_is_noticed_although_it_is_no_step(ledger: Ledger, follower: Follower) -> None:
    """Of every task that is under way."""
    record = ledger.save(moved(ledger.add(a_record()), Status.RUNNING))
    ledger.add(a_record(2000.0))
    follower.news()

    ledger.save(progressed(record, 0.5))

    assert follower.news() == [record.id]


def test_kept_files_are_noticed_after_the_end(ledger: Ledger, follower: Follower, tmp_path: Path) -> None:
    """A task that succeeded is done only when its files are there."""
    record = ledger.save(moved(ledger.add(a_record()), Status.SUCCEEDED, artifacts=(an_image(),)))
    follower.news()

    kept = an_image(path=tmp_path / "1.png", sha256="00", size=1)
    ledger.save(evolve(record, snapshot=evolve(record.snapshot, artifacts=(kept,))))

    assert follower.news() == [record.id]


def test_every_change_of_a_named_task_is_noticed(ledger: Ledger, follower: Follower) -> None:
    """Also of one that has ended, for whoever looks at its page."""
    record = ledger.save(moved(ledger.add(a_record()), Status.FAILED))
    follower.news({record.id})

    ledger.release(record.id)

    assert follower.news({record.id}) == [record.id]
    assert follower.news({record.id}) == []


def test_a_ledger_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    """And none is made."""
    with pytest.raises(LedgerError, match="no ledger"):
        Follower(tmp_path / "elsewhere")


def test_a_step_tells_of_the_look_that_showed_it(ledger: Ledger) -> None:
    """How many there were, and how long before it the end may have been; so do the paces of what succeeded."""
    record = ledger.add(a_record(1000.0))
    done = moved(record, Status.SUCCEEDED, submitted_at=1000.0, finished_at=1030.0)
    ledger.save(done, seen=Seen(looks=7, late=2.5))

    first, last = ledger.transitions(record.id)
    [pace] = ledger.paces()

    assert (first.looks, first.late) == (None, None)
    assert (last.looks, last.late) == (7, 2.5)
    assert (pace.operation, pace.finished_at, pace.looks, pace.late) == ("acme/image", 1030.0, 7, 2.5)
