"""What `taskferry doctor` says of a ledger that machines share, and what the worker's options refuse."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from shared_work import SharedFile, board, open_shared, url
from taskferry import LedgerError, UsageError
from taskferry.cli import extras
from taskferry.cli.checks.check import Check
from taskferry.cli.checks.workers import check_workers
from taskferry.cli.start import main
from taskferry.ledger import open_ledger
from taskferry.worker.health import listen


@pytest.fixture
def ledger(tmp_path: Path) -> SharedFile:
    """A ledger whose queue is in memory."""
    return open_shared(url(tmp_path), {})


def rows(ledger: SharedFile) -> dict[str, Check]:
    return {check.name: check for check in check_workers(ledger)}


def test_tasks_that_no_living_worker_can_do_are_named(tmp_path: Path, ledger: SharedFile) -> None:
    """With what to do about it."""
    board(tmp_path).waiting.update({"a": "acme", "b": "acme", "c": "acme", "d": "zeta"})
    board(tmp_path).workers["1-a"] = ("zeta",)

    found = rows(ledger)

    assert found["workers"].detail == "1 alive, for zeta; 0 tasks in hand, waiting: 3 of acme, 1 of zeta"
    assert found["work for acme"].detail == "3 tasks of acme wait: no worker that lives has acme"
    assert found["work for acme"].state == "note"
    assert "`taskferry wait ID` does one here" in found["work for acme"].mend
    assert "work for zeta" not in found


def test_without_workers_it_is_said_who_does_the_work(tmp_path: Path, ledger: SharedFile) -> None:
    """That is worth knowing, and nothing is broken."""
    board(tmp_path).waiting["a"] = "acme"

    found = rows(ledger)

    assert (found["workers"].state, found["workers"].detail) == ("note", "none alive; tasks waiting: 1 of acme")
    assert found["work for acme"].detail == "1 task of acme waits: no worker lives"


@pytest.mark.parametrize(
    ("ahead", "state", "detail"),
    [
        (10.0, "ok", "agrees with this machine's"),
        (90.0, "note", "this machine's is 1 min behind it"),
        (-90.0, "note", "this machine's is 1 min ahead of it"),
        (690.0, "broken", "this machine's is 11 min behind it"),
    ],
)
def test_clocks_that_differ_are_told(tmp_path: Path, ledger: SharedFile, ahead: float, state: str, detail: str) -> None:
    """From half a minute on."""
    board(tmp_path).ahead = ahead

    clock = rows(ledger)["clock of the ledger"]

    assert (clock.state, clock.detail) == (state, detail)


def test_a_ledger_in_a_file_has_nothing_to_say_of_workers(tmp_path: Path) -> None:
    """It needs none."""
    with open_ledger(tmp_path) as ledger:
        assert list(check_workers(ledger)) == []


@pytest.mark.parametrize("place", ["8724", "localhost", "host:", "host:70000", "host:x", ":1"])
def test_an_address_for_health_has_host_and_port(place: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Anything else is refused before anything is opened."""
    code = main(["worker", "--health", place])

    assert code == 2
    assert "is no address" in capsys.readouterr().err


def test_an_address_that_is_taken_is_told() -> None:
    """With another one to choose."""
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(UsageError, match="--health"):
        listen("127.0.0.1", taken.getsockname()[1])


def test_what_is_not_installed_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Only health and metrics need the extra."""
    monkeypatch.setenv("TASKFERRY_LEDGER", "postgresql://nobody@127.0.0.1:1/none")
    monkeypatch.setattr(extras, "find_spec", lambda name: None if name == "prometheus_client" else name)

    code = main(["worker", "--health", "127.0.0.1:0"])

    assert code == 2
    assert "pip install 'taskferry[worker]'" in capsys.readouterr().err


def test_a_ledger_out_of_reach_is_told_without_its_password(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The worker ends with 1, for whatever starts it to try again."""
    monkeypatch.setenv("TASKFERRY_LEDGER", "postgresql://nobody:open-sesame@127.0.0.1:1/none")

    code = main(["worker"])

    assert code == 1
    said = capsys.readouterr().err
    assert "127.0.0.1" in said
    assert "open-sesame" not in said


def test_a_ledger_that_does_not_answer_is_an_error_of_its_own(tmp_path: Path, ledger: SharedFile) -> None:
    """Doctor's row of the ledger says so."""
    board(tmp_path).problem = LedgerError("away")

    with pytest.raises(LedgerError, match="away"):
        rows(ledger)
