"""Locks of holders, and what a fork makes of them."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from ledger_records import a_record, moved
from taskferry.errors import TaskTaken
from taskferry.ledger import Ledger, open_ledger
from taskferry.ledger.holders import Holder
from taskferry.status import Status


def in_a_fork(work: Callable[[], str]) -> str:
    """Run something in a forked child and give what it says, whether a result or an error."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            said = work()
        except BaseException as error:  # noqa: BLE001 -- the parent asserts on it
            said = f"{type(error).__name__}: {error}"
        os.write(writing, said.encode())
        os._exit(0)
    os.waitpid(child, 0)
    said = os.read(reading, 2**16).decode()
    os.close(reading)
    os.close(writing)
    return said


class TestLock:
    """One file per holder."""

    def test_a_holder_lives_from_take_to_drop(self, tmp_path: Path) -> None:
        """Its file goes with it."""
        holder, asking = Holder(tmp_path), Holder(tmp_path)
        lives = [asking.is_alive(holder.name)]

        name = holder.take()
        lives.append(asking.is_alive(name))
        described = asking.describe(name)
        holder.drop()
        lives.append(asking.is_alive(name))

        assert lives == [False, True, False]
        assert described.startswith(f"process {os.getpid()} on ")
        assert list((tmp_path / "holders").iterdir()) == []

    def test_a_dead_holder_is_cleared_away_and_a_living_one_is_not(self, tmp_path: Path) -> None:
        """Whoever takes a lock next does that."""
        living = Holder(tmp_path)
        living.take()
        (tmp_path / "holders" / "4711-dead.lock").write_text("process 4711 on x")

        newest = Holder(tmp_path)
        newest.take()

        assert newest.is_alive(living.name)
        assert len(list((tmp_path / "holders").iterdir())) == 2
        assert newest.describe("4711-dead") == "process 4711, which has ended"
        living.drop()
        newest.drop()

    def test_a_holder_whose_file_is_cleared_before_it_is_locked_takes_another(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A lock on a file that nobody can find would be no lock."""
        from taskferry.ledger import holders

        genuine, calls = holders.lock, []

        def cleared_at_first(descriptor: int, **how: bool) -> bool:
            calls.append(descriptor)
            if len(calls) == 1:
                next((tmp_path / "holders").iterdir()).unlink()
            return genuine(descriptor, **how)

        monkeypatch.setattr(holders, "lock", cleared_at_first)
        holder = Holder(tmp_path)

        name = holder.take()

        assert Holder(tmp_path).is_alive(name)
        holder.drop()

    def test_taking_twice_is_taking_once(self, tmp_path: Path) -> None:
        """One file, one name."""
        holder = Holder(tmp_path)

        assert holder.take() == holder.take()
        assert len(list((tmp_path / "holders").iterdir())) == 1
        holder.drop()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork on Windows")
class TestFork:
    """A child is another process, whatever it has inherited."""

    @pytest.fixture
    def ledger(self, tmp_path: Path) -> Ledger:
        return open_ledger(tmp_path)

    def test_a_child_is_another_holder(self, ledger: Ledger) -> None:
        """It reads everything, and neither changes nor claims what its parent holds."""
        added = ledger.add(a_record())

        def change() -> str:
            assert ledger.get(added.id) == added
            assert ledger.is_held_elsewhere(added)
            with pytest.raises(TaskTaken):
                ledger.claim(added.id)
            ledger.save(moved(added, Status.SUBMITTING))
            return "saved"

        said = in_a_fork(change)

        assert said.startswith("TaskTaken: ")
        assert f"process {os.getpid()} on" in said
        assert ledger.save(moved(added, Status.SUBMITTING)).version == 2
        ledger.close()

    def test_a_child_holds_tasks_of_its_own_until_it_ends(self, ledger: Ledger) -> None:
        """Then its parent may have them."""
        id_of_child = in_a_fork(lambda: ledger.add(a_record()).id)

        left = ledger.get(id_of_child)
        claimed = ledger.claim(id_of_child)

        assert left.holder != ledger.holder
        assert claimed.holder == ledger.holder
        ledger.close()

    def test_a_parents_lock_does_not_outlive_it_in_a_child(self, tmp_path: Path, ledger: Ledger) -> None:
        """A grandchild that idles must not keep the tasks of a dead parent from everyone."""
        reading, writing = os.pipe()

        def add_and_leave_a_grandchild() -> str:
            added = ledger.add(a_record())
            if os.fork() == 0:
                os.close(writing)
                os.read(reading, 1)  # until the test lets go of the other end
                os._exit(0)
            return added.id

        id_of_child = in_a_fork(add_and_leave_a_grandchild)
        held = ledger.is_held_elsewhere(ledger.get(id_of_child))
        os.close(writing)
        os.close(reading)

        assert not held
        ledger.close()

    def test_a_fork_amid_another_threads_writes_harms_nobody(self, ledger: Ledger) -> None:
        """Parent and child go on writing, and the file stays sound."""
        stop = threading.Event()
        record = ledger.add(a_record())

        def write() -> None:
            saved = record
            while not stop.is_set():
                saved = ledger.save(moved(saved, Status.PREPARED))

        thread = threading.Thread(target=write)
        thread.start()
        ids = [in_a_fork(lambda: ledger.add(a_record()).id) for _ in range(3)]
        stop.set()
        thread.join()

        assert {ledger.get(added).id for added in ids} == set(ids)
        assert ledger.check() == []
        ledger.close()


def test_threads_share_a_ledger(tmp_path: Path) -> None:
    """Conditional saves of one task from many threads: each version is won by exactly one."""
    won: list[int] = []
    with open_ledger(tmp_path) as ledger:
        record = ledger.add(a_record())

        def save_many() -> None:
            for _ in range(20):
                read = ledger.get(record.id)
                try:
                    won.append(ledger.save(read).version)
                except TaskTaken:
                    continue

        threads = [threading.Thread(target=save_many) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        last = ledger.get(record.id).version

    assert sorted(won) == list(range(2, last + 1))
