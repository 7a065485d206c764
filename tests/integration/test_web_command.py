"""`taskferry ui` as a process: what it prints, how it stops, and what it says when it cannot start."""

from __future__ import annotations

import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TypeAlias

import httpx
import pytest

from taskferry.cli.start import main
from taskferry.ledger import open_ledger

Refused: TypeAlias = Callable[..., str]
COMMAND = [sys.executable, "-m", "taskferry.cli.start", "ui"]


@contextmanager
def started(home: Path, *options: str, **environ: str) -> Iterator[subprocess.Popen[str]]:
    """Start the command; it is ended with the block."""
    process = subprocess.Popen(
        [*COMMAND, "--port", "0", *options],
        env={**os.environ, "TASKFERRY_HOME": str(home), **environ},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def address_of(process: subprocess.Popen[str]) -> str:
    """Wait until pages can be opened."""
    assert process.stdout is not None, "it is a pipe"
    return process.stdout.readline().strip()


@pytest.fixture
def refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Refused:
    """Runs the command where it cannot start; gives what it says."""
    monkeypatch.setenv("TASKFERRY_HOME", str(tmp_path))

    def run(*options: str, code: int) -> str:
        ended = main(["ui", "--no-open", *options])
        out, err = capsys.readouterr()
        assert (ended, out) == (code, ""), err
        return err

    return run


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_prints_its_address_and_stops_when_told(tmp_path: Path, number: signal.Signals) -> None:
    """At once, also while a page listens for events; stopping on request is no failure."""
    with started(tmp_path, "--no-open") as process:
        address = address_of(process)
        with httpx.stream("GET", f"{address}events") as events:
            first = next(events.iter_lines())
            process.send_signal(number)
            code = process.wait(timeout=20)

    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/", address)
    assert first == "retry: 2000"
    assert code == 0


def test_without_a_display_it_says_what_to_do(tmp_path: Path) -> None:
    """And goes on serving."""
    with started(tmp_path, BROWSER="/bin/false", DISPLAY="", PATH="/nowhere") as process:
        address = address_of(process)
        status = httpx.get(address).status_code
        process.terminate()
        _, said = process.communicate(timeout=20)

    assert status == 200
    assert said == "No browser could be opened here: open that address in one.\n"


def test_on_another_address_it_makes_a_token_and_prints_it_once(tmp_path: Path) -> None:
    """In the address, which lets a browser in."""
    with started(tmp_path, "--no-open", "--host", "0.0.0.0") as process:
        address = address_of(process)
        port = re.search(r":(\d+)/\?token=([\w-]{20,})$", address)
        assert port is not None, address
        here = f"http://127.0.0.1:{port[1]}/"
        without = httpx.get(here, headers={"accept": "*/*"}).status_code
        with_token = httpx.get(here, params={"token": port[2]}, follow_redirects=True).status_code

    assert (without, with_token) == (401, 200)


def test_a_token_that_is_too_short_is_refused(refused: Refused) -> None:
    """In one line that does not repeat it."""
    said = refused("--token", "swordfish", code=2)

    assert said == "Error: The token needs at least 16 ASCII characters: make a longer one.\n"


def test_a_port_that_is_taken_is_one_line(refused: Refused) -> None:
    """With what to do about it."""
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        said = refused("--port", str(taken.getsockname()[1]), code=2)

    assert said.count("\n") == 1
    assert "choose another --port" in said


def test_a_ledger_of_a_later_version_is_one_line(refused: Refused, tmp_path: Path) -> None:
    """Nothing of it is changed."""
    open_ledger(tmp_path).close()
    with closing(sqlite3.connect(tmp_path / "ledger.sqlite3")) as connection:
        connection.execute("PRAGMA user_version = 99")

    said = refused("--port", "0", code=1)

    assert said.count("\n") == 1
    assert "written by a later version of taskferry" in said
