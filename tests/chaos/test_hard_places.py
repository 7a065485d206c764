"""Disks without room, folders without permission, clocks that are wrong: nothing is lost and nothing is sent twice."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from chaos.members import Members

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the limits are POSIX's")

HOUR, YEAR = 3600.0, 365 * 86400.0


@pytest.fixture
def small_disk(members: Members) -> Iterator[Path]:
    """A file system of 2 MiB under the home; only root can make one."""
    members.home.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", members.home], capture_output=True)
    if made.returncode:
        pytest.skip("file systems can be mounted by root alone")
    try:
        yield members.home
    finally:
        members.close()
        subprocess.run(["umount", members.home], check=True)


def fill(path: Path) -> None:
    """Write into a file until the last block is taken."""
    with path.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))


def test_nothing_is_sent_when_the_intent_cannot_be_kept(members: Members) -> None:
    """No file can grow: the submit says so, and works as soon as there is room."""
    process = members.join()
    process.ask("files may have", bytes=1)

    refused = process.ask("submit", prompt="fox")

    assert refused["error"] == "LedgerError", refused
    assert "make room" in refused["message"]
    assert members.jobs() == []
    process.ask("files may have", bytes=-1)
    assert process.ask("submit", prompt="fox")["status"] == "queued"


def test_a_reply_that_finds_no_room_is_kept_when_there_is_some(members: Members) -> None:
    """The disk is full for a while when the billed call comes back: the job is neither lost nor sent again."""
    process = members.join("fill", "http11.send_request_body.complete")

    task = process.ask("submit", prompt="fox")

    assert task["status"] == "queued", task
    assert process.ask("wait", id=task["id"], timeout=30)["finished"]
    assert members.jobs() == ["fox"]


def test_a_full_disk_is_told_and_room_is_used_again(members: Members, small_disk: Path) -> None:
    """With a real file system that has no block left."""
    process = members.join()
    filler = small_disk / "filler"
    fill(filler)

    refused = process.ask("submit", prompt="fox")

    assert refused.get("error") == "LedgerError", refused
    assert members.jobs() == []
    filler.unlink()
    task = process.ask("submit", prompt="fox")["id"]
    assert process.ask("wait", id=task, timeout=30)["finished"]


def test_a_read_only_folder_is_told_before_anything_is_sent(members: Members, small_disk: Path) -> None:
    """The ledger was made earlier; then its folder can only be read."""
    members.join().kill()
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)

    told = members.join()

    assert told.error == "LedgerError"
    assert members.jobs() == []


@pytest.mark.parametrize("seconds", [-3 * YEAR, -5 * HOUR, 5 * HOUR, 3 * YEAR])
def test_a_clock_that_is_set_in_the_middle_changes_nothing(members: Members, seconds: float) -> None:
    """The wall clock jumps while a job runs, and the file is kept although its address seems to have expired."""
    process = members.join()
    task = process.ask("submit", prompt="fox [[run:60]]")["id"]

    process.ask("set the clock", seconds=seconds)

    done = process.ask("wait", id=task, timeout=30)
    assert done["finished"], done
    assert len(done["paths"]) == 1
    assert members.jobs() == ["fox [[run:60]]"]


def test_a_lost_task_is_never_called_absent_because_the_clock_was_set(members: Members) -> None:
    """The process died with its create out; the next one has a clock three years ahead."""
    members.join("kill", "http11.receive_response_headers.started").ask("submit", prompt="fox")
    process = members.join()
    process.ask("set the clock", seconds=3 * YEAR)
    (task,) = process.ask("list")["ids"]

    settled = process.ask("reconcile", id=task)

    assert settled.get("outcome") in ("adopted", "ambiguous"), settled
    assert members.jobs() == ["fox"]
