"""The command line as people meet it: at a terminal, drawn upon, resized, interrupted, plain, narrow."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from taskferry.cli.start import main
from taskferry.sandbox import Running, running
from terminal import Terminal


@pytest.fixture(scope="module")
def provider() -> Iterator[Running]:
    """A provider that is much faster than the real one."""
    with running({"vap": "taskferry_vap.sandbox:stand_in"}, speed=25) as servers:
        yield servers["vap"]


@pytest.fixture
def environ(provider: Running, tmp_path: Path) -> dict[str, str]:
    """The environment of a user with an empty home, at a provider that has forgotten everything."""
    httpx.post(f"{provider.base_url}/_sandbox/reset").raise_for_status()
    return {**provider.env, "TASKFERRY_HOME": str(tmp_path / "home"), "COLORTERM": "truecolor", "LANG": "C.UTF-8"}


@pytest.fixture
def at_terminal(environ: dict[str, str], tmp_path: Path) -> Iterator[Callable[..., Terminal]]:
    """Run commands at terminals; what a test leaves running ends with it."""
    terminals: list[Terminal] = []

    def start(*arguments: str, columns: int = 100, lines: int = 30, **changes: str) -> Terminal:
        terminals.append(Terminal(arguments, {**environ, **changes}, tmp_path, columns=columns, lines=lines))
        return terminals[-1]

    yield start
    for terminal in terminals:
        terminal.kill()


def test_a_run_is_drawn_to_its_end_and_shown(at_terminal: Callable[..., Terminal]) -> None:
    """A bar while it runs, then the file, then the picture itself."""
    terminal = at_terminal("run", "vap/image", "prompt=a fox [[run:10]]", "-o", "out", "--preview")

    drawn = terminal.until("queued")
    code, rest = terminal.end()

    assert "━" in drawn + rest
    assert code == 0
    assert "out/a-fox" in rest
    assert rest.count("▀") > 400


def test_a_terminal_may_change_its_size(at_terminal: Callable[..., Terminal]) -> None:
    """What is drawn next fits the new one."""
    terminal = at_terminal("run", "vap/image", "prompt=x [[run:25]]", columns=120)

    assert "vap/image" in terminal.until("queued")
    terminal.size(20, 10)
    terminal.until("queued")
    narrow = terminal.until("succeeded")
    code, _ = terminal.end()

    assert code == 0
    assert "vap/image" not in narrow
    assert max(len(line) for line in narrow.replace("\r", "\n").split("\n")) <= 20


def test_ctrl_c_leaves_the_job_and_the_screen_in_order(at_terminal: Callable[..., Terminal]) -> None:
    """The cursor is back, and the command to go on with is the last word."""
    terminal = at_terminal("run", "vap/image", "prompt=x [[stuck]]")
    terminal.until("queued")

    terminal.interrupt()
    code, rest = terminal.end()

    assert code == 130
    assert terminal.raw.rfind(b"\x1b[?25h") > terminal.raw.rfind(b"\x1b[?25l")
    assert "Go on with `taskferry resume" in rest
    assert rest.rstrip().endswith("Interrupted.")
    assert "Traceback" not in rest


def test_watch_shows_every_unfinished_task_live(
    at_terminal: Callable[..., Terminal], environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """More of them than the terminal has lines are counted."""
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    for number in range(3):
        assert main(["submit", "vap/image", f"prompt={number} [[stuck]]"]) == 0
    terminal = at_terminal("watch", lines=4)

    drawn = terminal.until("+ 1")
    terminal.interrupt()
    code, rest = terminal.end()

    assert drawn.count("vap/image") >= 2
    assert code == 130
    assert rest.count("taskferry resume") == 3


def test_watch_at_a_terminal_shows_jobs_that_are_submitted_later_until_ctrl_c(
    at_terminal: Callable[..., Terminal], environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It begins with nothing at all, and goes on when what came has ended."""
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    terminal = at_terminal("watch")
    terminal.until("Ctrl-C ends this")

    assert main(["submit", "vap/image", "prompt=first"]) == 0
    terminal.until("succeeded")
    assert main(["submit", "vap/image", "prompt=second [[stuck]]"]) == 0
    terminal.until("running")
    terminal.interrupt()
    code, rest = terminal.end()

    assert code == 130
    assert rest.count("taskferry resume") == 1
    assert "Traceback" not in rest


@pytest.mark.parametrize(
    ("changes", "absent"),
    [
        pytest.param({"NO_COLOR": "1"}, b"\x1b[3", marks=pytest.mark.slow),
        ({"TERM": "dumb"}, b"\x1b["),
        ({"PYTHONIOENCODING": "ascii"}, "━".encode()),
    ],
)
def test_plain_terminals_get_what_they_can_show(
    at_terminal: Callable[..., Terminal], changes: dict[str, str], absent: bytes
) -> None:
    """No colours, no movements, no letters beyond ASCII."""
    terminal = at_terminal("run", "vap/image", "prompt=x", "--preview", **changes)

    code, text = terminal.end()

    assert code == 0
    assert "succeeded" in text
    assert absent not in terminal.raw
    assert "▀" not in text


def test_no_color_may_stand_anywhere(at_terminal: Callable[..., Terminal]) -> None:
    """Before the command or behind its parameters."""
    terminal = at_terminal("run", "vap/image", "prompt=x", "--no-color")

    code, _ = terminal.end()

    assert code == 0
    assert b"\x1b[3" not in terminal.raw


def test_ids_go_through_a_pipe(environ: dict[str, str], tmp_path: Path) -> None:
    """`taskferry submit ... | taskferry wait -`; what is drawn goes to the terminal, not into the pipe."""
    taskferry = f"{sys.executable} -m taskferry.cli.start"

    done = subprocess.run(
        ["bash", "-c", f"{taskferry} submit vap/image prompt=x | {taskferry} wait - --json"],
        env={**os.environ, **environ}, cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    assert '"status": "succeeded"' in done.stdout


def test_a_batch_draws_one_bar(at_terminal: Callable[..., Terminal], tmp_path: Path) -> None:
    """For all its rows, on a narrow terminal too; interrupted, it says how to go on."""
    (tmp_path / "jobs.csv").write_text("prompt\nfirst\nsecond [[stuck]]\n")
    arguments = ["batch", "jobs.csv", "--operation", "vap/image", "-o", "out"]
    terminal = at_terminal(*arguments, columns=30)

    terminal.until("1/2")
    terminal.interrupt()
    code, rest = terminal.end()

    assert code == 130
    assert "1 of 2 rows: 1 succeeded." in rest.replace("\r\n", "\n")
    assert "Run the same command again" in rest
