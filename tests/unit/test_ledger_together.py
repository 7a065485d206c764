"""Writes that share a commit: each its own success or failure, in their order."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from ledger_records import a_job, a_record, an_image, moved
from taskferry.errors import LedgerError, TaskTaken, UnknownName
from taskferry.ledger import Ledger, open_ledger, queries
from taskferry.ledger.group import Call, Outcome
from taskferry.status import Status


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with open_ledger(tmp_path / "home", now=lambda: 5000.0) as opened:
        yield opened


def together(ledger: Ledger, *calls: tuple[Callable[..., Any], Any]) -> list[Outcome]:
    return ledger.together([Call(function, (argument,), {}) for function, argument in calls])


def commits(ledger: Ledger, counted: str = "COMMIT") -> list[str]:
    """Note every commit, or whatever statement begins so, from now on."""
    seen: list[str] = []
    with ledger._database.alone() as connection:
        connection.set_trace_callback(lambda text: seen.append(text) if text.startswith(counted) else None)
    return seen


def test_many_saves_are_kept_by_one_commit(ledger: Ledger) -> None:
    """Each caller is given its own record, and that is what a later reading gives."""
    added = [ledger.add(a_record(float(at), status=Status.RUNNING)) for at in range(150)]
    seen = commits(ledger)

    outcomes = together(ledger, *[(ledger.save, moved(one, Status.RUNNING, progress=0.5, raw=b"{}")) for one in added])

    assert len(seen) == 1
    assert [record.version for record, _ in outcomes] == [2] * 150
    assert [ledger.get(one.id) for one in added] == [record for record, _ in outcomes]


def test_every_kind_of_write_may_be_in_a_group(ledger: Ledger) -> None:
    """In the order in which they were asked for: what was added can be claimed, saved and released."""
    new, old = a_record(), ledger.add(a_record(status=Status.QUEUED))

    outcomes = together(
        ledger,
        (ledger.save, moved(old, Status.RUNNING, started_at=7.0)),
        (ledger.add, new),
        (ledger.claim, new.id),
        (ledger.release, new.id),
    )

    assert [error for _, error in outcomes] == [None] * 4
    assert ledger.get(new.id).holder is None
    assert [step.after for step in ledger.transitions(old.id)] == [Status.QUEUED, Status.RUNNING]


def test_ones_failure_is_its_own(ledger: Ledger) -> None:
    """The others of the group are kept, those before it and those behind."""
    first, second, third = (ledger.add(a_record(status=Status.RUNNING)) for _ in range(3))
    ledger.save(moved(second, Status.RUNNING, progress=0.9))

    outcomes = together(
        ledger,
        (ledger.save, moved(first, Status.RUNNING, progress=0.1)),
        (ledger.save, moved(second, Status.RUNNING, progress=0.2)),
        (ledger.save, a_record()),
        (ledger.save, moved(third, Status.SUCCEEDED, artifacts=(an_image(),))),
    )

    assert [type(error) for _, error in outcomes] == [type(None), TaskTaken, UnknownName, type(None)]
    assert ledger.get(first.id).snapshot.progress == 0.1
    assert ledger.get(second.id).snapshot.progress == 0.9
    assert ledger.get(third.id).snapshot.artifacts == (an_image(),)


def test_what_is_no_record_fails_alone(ledger: Ledger) -> None:
    """It cannot even be prepared; the others of the group are kept."""
    added = ledger.add(a_record(status=Status.RUNNING))
    unwritable: Any = "third"

    outcomes = together(
        ledger,
        (ledger.save, moved(added, Status.RUNNING, queue_position=unwritable)),
        (ledger.save, None),
        (ledger.save, moved(added, Status.RUNNING, progress=0.5)),
    )

    assert [type(error) for _, error in outcomes] == [TypeError, AttributeError, type(None)]
    assert ledger.get(added.id).snapshot.progress == 0.5


def test_one_row_that_another_process_took_holds_up_none_of_the_others(ledger: Ledger, tmp_path: Path) -> None:
    """The group sees it only when it writes, and then writes one by one."""
    mine, taken = (ledger.add(a_record(status=Status.RUNNING)) for _ in range(2))
    with sqlite3.connect(tmp_path / "home" / "ledger.sqlite3") as elsewhere:
        elsewhere.execute("UPDATE tasks SET version = version + 1 WHERE id = ?", (taken.id,))

    outcomes = together(ledger, *[(ledger.save, moved(one, Status.RUNNING, progress=0.4)) for one in (taken, mine)])

    assert isinstance(outcomes[0][1], TaskTaken)
    assert outcomes[1][0].snapshot.progress == 0.4
    assert ledger.get(taken.id).snapshot.progress is None
    assert len(ledger.transitions(taken.id)) == 1


def test_two_rows_do_not_get_one_job(ledger: Ledger) -> None:
    """What SQLite refuses, it refuses to the second alone."""
    first, second = (ledger.add(a_record(status=Status.SUBMITTING)) for _ in range(2))

    outcomes = together(
        ledger, *[(ledger.save, evolve(moved(one, Status.QUEUED), remote="job-1")) for one in (first, second)]
    )

    assert outcomes[0][0].remote == "job-1"
    assert isinstance(outcomes[1][1], TaskTaken)
    assert first.id in str(outcomes[1][1])


def test_the_same_task_twice_is_saved_once(ledger: Ledger) -> None:
    """The second was made from what the first has changed."""
    added = ledger.add(a_record(status=Status.RUNNING))

    outcomes = together(
        ledger, *[(ledger.save, moved(added, Status.RUNNING, progress=progress)) for progress in (0.1, 0.2)]
    )

    assert outcomes[0][1] is None
    assert isinstance(outcomes[1][1], TaskTaken)
    assert ledger.get(added.id).snapshot.progress == 0.1


def test_a_full_disk_fails_all_keeps_nothing_and_the_next_group_goes_on(ledger: Ledger) -> None:
    """Every caller is told; when there is room again the same records are written."""
    added = [ledger.add(a_record(float(at), status=Status.RUNNING)) for at in range(5)]
    wanted = [(ledger.save, moved(one, Status.RUNNING, progress=0.5, raw=b"x" * 400_000)) for one in added]
    with ledger._database.alone() as connection:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages + 120}")

    outcomes = together(ledger, *wanted)
    kept = [ledger.get(one.id) for one in added]
    with ledger._database.alone() as connection:
        connection.execute("PRAGMA max_page_count = 1000000")
    again = together(ledger, *wanted)

    assert [type(error) for _, error in outcomes] == [LedgerError] * 5
    assert "make room" in str(outcomes[0][1])
    assert len({id(error) for _, error in outcomes}) == 5
    assert kept == added
    assert [error for _, error in again] == [None] * 5
    assert ledger.check() == []


def test_a_ledger_that_was_removed_while_open_is_not_written(ledger: Ledger, tmp_path: Path) -> None:
    """Nobody would ever find what went into it; put back, it goes on."""
    added = ledger.add(a_record(status=Status.RUNNING))
    path = tmp_path / "home" / "ledger.sqlite3"
    path.rename(tmp_path / "away")

    outcomes = together(ledger, (ledger.save, moved(added, Status.RUNNING, progress=0.5)))
    (tmp_path / "away").rename(path)
    saved = ledger.save(moved(added, Status.RUNNING, progress=0.6))

    assert isinstance(outcomes[0][1], LedgerError)
    assert "was removed while it was open" in str(outcomes[0][1])
    assert saved.version == 2


@pytest.mark.parametrize(
    ("status", "word"), [(Status.RUNNING, "NORMAL"), (Status.FAILED, "FULL")], ids=["progress", "end"]
)
def test_a_group_is_as_durable_as_its_weightiest_write(ledger: Ledger, status: Status, word: str) -> None:
    """SQLite is told before the transaction begins."""
    added = [ledger.add(a_record(status=Status.RUNNING)) for _ in range(2)]

    together(
        ledger,
        (ledger.save, moved(added[0], Status.RUNNING, progress=0.5)),
        (ledger.save, moved(added[1], status, progress=0.5)),
    )

    with ledger._database.alone() as connection:
        assert connection.execute("PRAGMA synchronous").fetchone()[0] == {"NORMAL": 1, "FULL": 2}[word]


def test_a_duplicate_that_came_in_between_is_found_by_the_add_itself(ledger: Ledger) -> None:
    """Two who ask for the same at once, in one group or in two processes, get one task."""
    first, second = a_record(2000.0), a_record(2000.0)
    calls = [Call(ledger.add, (record,), {"since": 1900.0}) for record in (first, second)]

    outcomes = ledger.together([*calls, Call(ledger.add, (a_record(2000.0, job=a_job(caller="other")),), {})])

    assert [type(error) for _, error in outcomes] == [type(None), TaskTaken, type(None)]
    assert first.id in str(outcomes[1][1])


def test_tasks_in_flight_come_page_by_page(ledger: Ledger) -> None:
    """With what is needed to go on, in the order of their ids; what is over and kept is left out."""
    ledger.add(a_record(1.0, status=Status.SUCCEEDED, artifacts=(an_image(path=Path("/x.png")),)))
    ledger.add(a_record(2.0, status=Status.FAILED, artifacts=(an_image(),)))
    open_ones = [ledger.add(evolve(a_record(float(at), status=Status.RUNNING), remote={"n": at})) for at in (3, 4, 5)]
    not_kept = ledger.add(a_record(6.0, status=Status.SUCCEEDED, artifacts=(an_image(),)))

    first = ledger.in_flight(3)
    second = ledger.in_flight(3, first[-1].id)

    assert [(one.id, one.status, one.remote) for one in first] == [
        (one.id, Status.RUNNING, f'{{"n":{at}}}') for one, at in zip(open_ones, (3, 4, 5), strict=True)
    ]
    assert [one.id for one in second] == [not_kept.id]
    assert ledger.in_flight(3, second[-1].id) == []


def test_a_page_of_tasks_in_flight_is_read_in_the_order_of_an_index(ledger: Ledger) -> None:
    """So it costs a page, however many tasks are under way and however many have ended."""
    with ledger._database.reading() as connection:
        values = {"limit": 3, "after": "", "succeeded": Status.SUCCEEDED.value}
        plan = [row["detail"] for row in connection.execute(f"EXPLAIN QUERY PLAN {queries._IN_FLIGHT}", values)]

    assert "SEARCH tasks USING INDEX tasks_unfinished (id>?)" in plan
    assert not [step for step in plan if "TEMP B-TREE" in step]
