"""One ledger between processes: who wins, who is told, and who counts as dead."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from ledger_records import a_record, moved
from taskferry.errors import TaskTaken
from taskferry.ledger import Ledger, open_ledger
from taskferry.ledger.opening import FILE
from taskferry.ledger.schema import MIGRATIONS
from taskferry.status import Status

WORKER = Path(__file__).with_name("ledger_worker.py")


class Worker:
    """Another process with the ledger, told line by line what to do."""

    def __init__(self, home: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(WORKER), str(home)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )

    def tell(self, command: str, *arguments: str) -> None:
        """Ask for something without waiting for it."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps([command, *arguments]) + "\n")

    def answer(self) -> Any:
        """Wait for what the last thing that was told gave."""
        assert self.process.stdout is not None
        return json.loads(self.process.stdout.readline())

    def ask(self, command: str, *arguments: str) -> Any:
        """Tell, and wait."""
        self.tell(command, *arguments)
        return self.answer()

    def end(self) -> None:
        """Let go of the process, which may have been killed."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        with suppress(BrokenPipeError):  # a killed worker no longer reads
            self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def worker(home: Path) -> Iterator[Callable[[], Worker]]:
    started: list[Worker] = []

    def start() -> Worker:
        started.append(Worker(home))
        return started[-1]

    yield start
    for one in started:
        one.end()


@pytest.fixture
def ledger(home: Path) -> Iterator[Ledger]:
    with open_ledger(home) as opened:
        yield opened


def test_a_claim_is_exclusive(ledger: Ledger, worker: Callable[[], Worker]) -> None:
    """Of several processes that want a free task at once, exactly one gets it; the others learn its process."""
    added = ledger.add(a_record())
    ledger.release(added.id)
    workers = [worker() for _ in range(3)]
    for one in workers:
        one.ask("open")

    for one in workers:
        one.tell("claim", added.id)
    answers = {one.process.pid: one.answer() for one in workers}

    winners = [pid for pid, answer in answers.items() if "version" in answer]
    assert len(winners) == 1
    assert [answer["error"] for answer in answers.values() if "error" in answer] == ["TaskTaken", "TaskTaken"]
    assert all(f"process {winners[0]} on" in answer["message"] for answer in answers.values() if "error" in answer)


def test_a_killed_holder_is_known_dead_at_once(ledger: Ledger, worker: Callable[[], Worker]) -> None:
    """No timeout, no heartbeat: its tasks can be claimed as soon as the process is gone."""
    other = worker()
    added = ledger.get(other.ask("add")["id"])
    held_before = ledger.is_held_elsewhere(added)
    with pytest.raises(TaskTaken, match=f"process {other.process.pid} on"):
        ledger.claim(added.id)

    other.process.kill()
    other.process.wait()
    held_after = ledger.is_held_elsewhere(added)
    claimed = ledger.claim(added.id)

    assert (held_before, held_after) == (True, False)
    assert claimed.holder == ledger.holder
    assert claimed.snapshot == added.snapshot


def test_a_holder_killed_between_two_writes_leaves_the_last_one(ledger: Ledger, worker: Callable[[], Worker]) -> None:
    """What was said to be kept is there, and the file is sound, whenever the process was killed."""
    other = worker()
    kept = [other.ask("add")["id"] for _ in range(5)]
    other.tell("add forever")
    kept += [other.answer()["id"] for _ in range(20)]
    other.process.kill()
    other.process.wait()

    assert {ledger.get(task_id).id for task_id in kept} == set(kept)
    assert ledger.check() == []


def test_a_holder_that_lost_its_task_cannot_save_it(ledger: Ledger, worker: Callable[[], Worker]) -> None:
    """A save from an old read loses cleanly: TaskTaken, and nothing of it is written."""
    added = ledger.add(a_record())
    ledger.release(added.id)
    other = worker()
    other.ask("claim", added.id)

    with pytest.raises(TaskTaken, match=f"process {other.process.pid} on"):
        ledger.save(moved(added, Status.SUBMITTING))
    assert ledger.get(added.id).snapshot.status is Status.PREPARED
    assert [step.after for step in ledger.transitions(added.id)] == [Status.PREPARED]


def test_processes_that_open_a_fresh_home_at_once_make_one_ledger(home: Path, worker: Callable[[], Worker]) -> None:
    """Each of them can use it, and all of them have the same salt."""
    workers = [worker() for _ in range(4)]
    for one in workers:
        one.ask("ready")

    for one in workers:
        one.tell("add")
    added = [one.answer() for one in workers]

    assert [one for one in added if "error" in one] == []
    assert len({one["salt"] for one in added}) == 1
    with open_ledger(home, readonly=True) as reader:
        assert {record.id for record in reader.recent()} == {one["id"] for one in added}


def test_processes_that_migrate_at_once_migrate_once(ledger: Ledger, home: Path, worker: Callable[[], Worker]) -> None:
    """A step that could not be made twice is made by one of them; the others find it done."""
    ledger.add(a_record())
    workers = [worker() for _ in range(3)]
    for one in workers:
        one.ask("ready")

    for one in workers:
        one.tell("migrate", "ALTER TABLE tasks ADD COLUMN made_once TEXT")
    answers = [one.answer() for one in workers]

    assert answers == [{"version": len(MIGRATIONS) + 1}] * 3
    assert (home / FILE).exists()


def test_many_processes_write_side_by_side(ledger: Ledger, worker: Callable[[], Worker]) -> None:
    """Every write that was answered is there."""
    workers = [worker() for _ in range(3)]
    for one in workers:
        for _ in range(25):
            one.tell("add")
    ids = [one.answer()["id"] for one in workers for _ in range(25)]

    assert {record.id for record in ledger.recent(1000)} == set(ids)
    assert len(set(ids)) == 75
