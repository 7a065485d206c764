"""`taskferry mcp install` as it is typed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

KEY = "sk-live-never-to-be-seen"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A user's home folder."""
    home = tmp_path / "home"
    home.mkdir()
    return home


def install(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command, with nobody at the keyboard."""
    environ = {**os.environ, "HOME": str(home), "USERPROFILE": str(home), "VAP_API_KEY": KEY}
    environ.pop("XDG_CONFIG_HOME", None)
    return subprocess.run(
        [sys.executable, "-m", "taskferry", "mcp", "install", *arguments],
        env=environ, cwd=home, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip


def test_it_shows_then_writes_then_has_nothing_to_do(home: Path) -> None:
    """The key's name goes into the file, the key does not."""
    file = home / ".cursor" / "mcp.json"

    shown = install(home, "--client", "cursor", "--dry-run")
    was_there = file.exists()
    done = install(home, "--client", "cursor", "--yes")
    again = install(home, "--client", "cursor", "--yes", "--json")

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


def test_it_asks_before_it_writes(home: Path) -> None:
    """Where nobody can be asked, it says what to say."""
    result = install(home, "--client", "cursor")

    assert result.returncode == 2
    assert "--yes" in result.stderr
    assert not (home / ".cursor").exists()


def test_a_project_has_a_file_of_its_own(home: Path) -> None:
    """Which others use too, so the command has no path of this machine."""
    (home / ".mcp.json").write_text('{"mcpServers": {"other": {"command": "x"}}}')

    result = install(home, "--client", "claude-code", "--scope", "project", "--yes", "--env", "MY_KEY", "--json")

    document = json.loads(result.stdout)
    servers = json.loads((home / ".mcp.json").read_text())["mcpServers"]
    assert servers["taskferry"] == {
        "type": "stdio", "command": "taskferry", "args": ["mcp"], "env": {"MY_KEY": "${MY_KEY}"},
    }  # fmt: skip
    assert servers["other"] == {"command": "x"}
    assert json.loads(Path(document["backup"]).read_text()) == {"mcpServers": {"other": {"command": "x"}}}


def test_a_client_without_project_files_says_so(home: Path) -> None:
    """Instead of writing where nobody reads."""
    result = install(home, "--client", "claude", "--scope", "project", "--yes")

    assert result.returncode == 2
    assert "Claude Desktop has no file for a project" in result.stderr


def test_the_desktop_client_is_told_where_keys_go(home: Path) -> None:
    """It hands no variables on, and no key is written for it."""
    result = install(home, "--client", "claude", "--yes")

    assert "keyring" in result.stderr
    written = [path.read_text() for path in home.rglob("claude_desktop_config.json")]
    assert len(written) == 1
    assert "env" not in json.loads(written[0])["mcpServers"]["taskferry"]
