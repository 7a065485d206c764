"""`taskferry mcp install` as it is typed."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest
from attrs import frozen

from taskferry.cli.start import main

KEY = "sk-live-never-to-be-seen"


@frozen
class Ended:
    """What a command printed, and how it ended."""

    returncode: int
    stdout: str
    stderr: str


Install: TypeAlias = Callable[..., Ended]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user's home folder, in which the user works."""
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.chdir(home)
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    for name, value in {"HOME": str(home), "USERPROFILE": str(home), "VAP_API_KEY": KEY}.items():
        monkeypatch.setenv(name, value)
    return home


@pytest.fixture
def install(home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Install:
    """Runs the command, with nobody at the keyboard."""

    def run(*arguments: str) -> Ended:
        monkeypatch.setattr(sys, "stdin", io.StringIO())
        code = main(["mcp", "install", *arguments])
        return Ended(code, *capsys.readouterr())

    return run


def test_it_shows_then_writes_then_has_nothing_to_do(install: Install, home: Path) -> None:
    """The key's name goes into the file, the key does not."""
    file = home / ".cursor" / "mcp.json"

    shown = install("--client", "cursor", "--dry-run")
    was_there = file.exists()
    done = install("--client", "cursor", "--yes")
    again = install("--client", "cursor", "--yes", "--json")

    assert not was_there
    assert '+    "taskferry": {' in shown.stdout
    assert (shown.returncode, done.returncode, again.returncode) == (0, 0, 0)
    entry = json.loads(file.read_text())["mcpServers"]["taskferry"]
    assert entry["args"][-1] == "mcp"
    assert Path(entry["command"]).is_absolute()
    assert entry["env"]["VAP_API_KEY"] == "${env:VAP_API_KEY}"
    assert KEY not in file.read_text() + shown.stdout + done.stdout + done.stderr
    document = json.loads(again.stdout)
    assert (document["changes"], document["written"], document["backup"]) == (False, False, None)


def test_it_asks_before_it_writes(install: Install, home: Path) -> None:
    """Where nobody can be asked, it says what to say."""
    result = install("--client", "cursor")

    assert result.returncode == 2
    assert "--yes" in result.stderr
    assert not (home / ".cursor").exists()


def test_a_project_has_a_file_of_its_own(install: Install, home: Path) -> None:
    """Which others use too, so the command has no path of this machine."""
    (home / ".mcp.json").write_text('{"mcpServers": {"other": {"command": "x"}}}')

    result = install("--client", "claude-code", "--scope", "project", "--yes", "--env", "MY_KEY", "--json")

    document = json.loads(result.stdout)
    servers = json.loads((home / ".mcp.json").read_text())["mcpServers"]
    assert servers["taskferry"] == {
        "type": "stdio", "command": "taskferry", "args": ["mcp"], "env": {"MY_KEY": "${MY_KEY}"},
    }  # fmt: skip
    assert servers["other"] == {"command": "x"}
    assert json.loads(Path(document["backup"]).read_text()) == {"mcpServers": {"other": {"command": "x"}}}


def test_a_client_without_project_files_says_so(install: Install) -> None:
    """Instead of writing where nobody reads."""
    result = install("--client", "claude", "--scope", "project", "--yes")

    assert result.returncode == 2
    assert "Claude Desktop has no file for a project" in result.stderr


def test_the_desktop_client_is_told_where_keys_go(install: Install, home: Path) -> None:
    """It hands no variables on, and no key is written for it."""
    result = install("--client", "claude", "--yes")

    assert "keyring" in result.stderr
    written = [path.read_text() for path in home.rglob("claude_desktop_config.json")]
    assert len(written) == 1
    assert "env" not in json.loads(written[0])["mcpServers"]["taskferry"]
