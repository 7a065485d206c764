"""One ledger in PostgreSQL between processes: who wins, who is told, and when a holder counts as dead."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from chaos import test_caps
from ledger_cases import cases
from ledger_records import moved
from postgres_server import LEASE, environment, open_in_postgres
from taskferry import LedgerProtocol, Status, TaskTaken

globals().update(
    cases(
        "integration/test_ledger_processes.py",
        open_in_postgres,
        without=[
            "test_a_killed_holder_is_known_dead_at_once",  # here its lease has to end first
            "test_processes_that_migrate_at_once_migrate_once",  # by a statement of SQLite's
        ],
    )
)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home whose ledger is in PostgreSQL for every process that is started now."""
    for name, value in environment(tmp_path).items():
        monkeypatch.setenv(name, value)
    return tmp_path


def until(true: Callable[[], bool], seconds: float = 30.0) -> float:
    """Give how long it took until something was so."""
    began = time.monotonic()
    while not true():
        assert time.monotonic() - began < seconds
        time.sleep(0.02)
    return time.monotonic() - began


def test_a_killed_holder_keeps_its_tasks_until_its_lease_ends(
    ledger: LedgerProtocol, worker: Callable[[], Any]
) -> None:
    """Nobody can know sooner; then whoever asks first has them."""
    other = worker()
    added = ledger.get(other.ask("add")["id"])

    other.process.kill()
    other.process.wait()
    with pytest.raises(TaskTaken, match=f"process {other.process.pid} on"):
        ledger.claim(added.id)
    took = until(lambda: not ledger.is_held_elsewhere(added))
    claimed = ledger.claim(added.id)

    assert took <= LEASE + 0.5
    assert claimed.holder == ledger.holder
    assert claimed.snapshot == added.snapshot


def test_one_who_stood_still_beyond_its_lease_changes_nothing_that_was_taken(
    ledger: LedgerProtocol, worker: Callable[[], Any]
) -> None:
    """Woken up, it is told so; a lease is no fence, the version of the row is."""
    other = worker()
    added = ledger.get(other.ask("add")["id"])
    os.kill(other.process.pid, signal.SIGSTOP)
    until(lambda: not ledger.is_held_elsewhere(added))

    ledger.save(moved(ledger.claim(added.id), Status.SUBMITTING))
    os.kill(other.process.pid, signal.SIGCONT)
    answer = other.ask("claim", added.id)

    assert answer["error"] == "TaskTaken"
    assert [step.after for step in ledger.transitions(added.id)] == [Status.PREPARED, Status.SUBMITTING]


def test_a_holder_that_lives_longer_than_its_lease_keeps_its_tasks(
    ledger: LedgerProtocol, worker: Callable[[], Any]
) -> None:
    """It shows signs of life by itself, while it has nothing to do."""
    other = worker()
    added = ledger.get(other.ask("add")["id"])
    deadline = time.monotonic() + 2.5 * LEASE

    while time.monotonic() < deadline:
        assert ledger.is_held_elsewhere(added)
        time.sleep(0.1)

    assert other.ask("claim", added.id)["version"] == 1


@pytest.mark.parametrize("cap", [pytest.param("7 images", marks=pytest.mark.slow), "1.26 USD"])
def test_processes_together_keep_exactly_what_fits_below_a_cap(home: Path, cap: str) -> None:
    """Never one more, although none of them knows of the others."""
    with open_in_postgres(home):
        said = test_caps.spend_together(home / "files", processes=2, submits=12, cap=cap)

    with open_in_postgres(home) as ledger:
        rows = ledger.recent(100)
        reserved = [line.reserved for line in ledger.spend(test_caps.read_caps(home, {}), days=2).lines]
    assert said == len(rows) == 7
    assert reserved == [Decimal("1.26")]


def test_many_tasks_of_a_dead_holder_are_claimed_by_one_each(home: Path, worker: Callable[[], Any]) -> None:
    """Two who want all of them share them: each task has one holder in the end."""
    dead = worker()
    ids = [dead.ask("add")["id"] for _ in range(10)]
    dead.process.kill()
    dead.process.wait()
    with open_in_postgres(home) as one:
        until(lambda: not one.is_held_elsewhere(one.get(ids[0])))
        first, second = worker(), worker()
        for claimant in (first, second):
            claimant.ask("open")
            for task_id in ids:
                claimant.tell("claim", task_id)
        answers = [[claimant.answer() for _ in ids] for claimant in (first, second)]
        holders = {one.get(task_id).holder for task_id in ids}

    assert [sum("version" in pair for pair in pairs) for pairs in zip(*answers, strict=True)] == [1] * 10
    assert None not in holders
