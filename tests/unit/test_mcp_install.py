"""What taskferry writes into the configuration of agents' clients, and what it leaves alone."""

from __future__ import annotations

import json
import os
import tomllib
from pathlib import Path

import pytest

from taskferry.errors import UsageError
from taskferry.mcp.install import CLIENTS, Plan, plan_for, write
from taskferry.mcp.install.clients import user_file
from taskferry.mcp.install.json_text import NotJson, parse, with_member

COMMAND = ["/opt/bin/taskferry", "mcp"]
ENTRY = {"command": "/opt/bin/taskferry", "args": ["mcp"]}
WITH_OTHERS = """{
    // my servers
    "mcpServers": {
        "files": {"command": "npx", "args": ["-y", "files"],   "env": {"FILES_KEY": "secret-of-others"}},
    },
    "theme": "dark" /* stays */
}
"""
CODEX = """# my settings
model = "large"

[mcp_servers.files]
command = "npx"  # stays

[tui]
theme = "dark"
"""


def plan(path: Path, client: str = "cursor", variables: tuple[str, ...] = ()) -> Plan:
    return plan_for(CLIENTS[client], path, COMMAND, variables)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", {"mcpServers": {"taskferry": ENTRY}}),
        ("{}", {"mcpServers": {"taskferry": ENTRY}}),
        ('{"mcpServers": {}}', {"mcpServers": {"taskferry": ENTRY}}),
        ('{"a": 1}', {"mcpServers": {"taskferry": ENTRY}, "a": 1}),
        (
            '{"mcpServers": {"b": {"c": [1, {"d": "}"}]}}}',
            {"mcpServers": {"taskferry": ENTRY, "b": {"c": [1, {"d": "}"}]}}},
        ),
        ('{"a": {"mcpServers": {}}}', {"mcpServers": {"taskferry": ENTRY}, "a": {"mcpServers": {}}}),
        ('{"mcpServers": {"taskferry": {"command": "old"}}, "z": 0}', {"mcpServers": {"taskferry": ENTRY}, "z": 0}),
    ],
)
def test_the_entry_is_added_or_renewed(before: str, after: object) -> None:
    """Whatever the file holds otherwise keeps its value."""
    text = with_member(before, ["mcpServers", "taskferry"], ENTRY)

    assert json.loads(text) == after


def test_every_line_of_others_stays_as_it_is(tmp_path: Path) -> None:
    """Comments, trailing commas, spaces and the file's own indent."""
    path = tmp_path / "mcp.json"
    path.write_text(WITH_OTHERS)

    planned = plan(path)

    assert [line for line in WITH_OTHERS.splitlines() if line not in planned.after.splitlines()] == []
    assert parse(planned.after)["mcpServers"]["taskferry"] == ENTRY
    assert '\n        "taskferry": {\n            "command"' in planned.after


def test_the_diff_shows_our_lines_and_nobodys_keys(tmp_path: Path) -> None:
    """It is printed, and may land in a log."""
    path = tmp_path / "mcp.json"
    path.write_text('{"mcpServers": {"files": {"env": {"API_KEY": "secret-of-others"}}}}')

    shown = plan(path).diff()

    assert "/opt/bin/taskferry" in shown
    assert "secret-of-others" not in shown


@pytest.mark.parametrize(
    ("client", "written"),
    [
        ("claude", {}),
        ("claude-code", {"type": "stdio", "env": {"ACME_KEY": "${ACME_KEY}"}}),
        ("cursor", {"env": {"ACME_KEY": "${env:ACME_KEY}"}}),
        ("vscode", {"type": "stdio", "env": {"ACME_KEY": "${env:ACME_KEY}"}}),
        ("windsurf", {"env": {"ACME_KEY": "${env:ACME_KEY}"}}),
        ("codex", {"env_vars": ["ACME_KEY"]}),
        ("gemini", {"env": {"ACME_KEY": "${ACME_KEY}"}}),
    ],
)
def test_each_client_is_told_of_a_key_in_its_own_way(
    tmp_path: Path, client: str, written: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the variable's name; its value is never read."""
    monkeypatch.setenv("ACME_KEY", "sk-live-never-to-be-seen")

    after = plan(tmp_path / "config", client, ("ACME_KEY",)).after

    values = tomllib.loads(after) if client == "codex" else json.loads(after)
    assert values[CLIENTS[client].servers]["taskferry"] == {**ENTRY, **written}
    assert "never-to-be-seen" not in after


@pytest.mark.parametrize("client", ["cursor", "codex"])
def test_a_second_time_changes_nothing(tmp_path: Path, client: str) -> None:
    """Also after the file was written, whatever its format."""
    path = tmp_path / "config"
    path.write_text(CODEX if client == "codex" else WITH_OTHERS)
    write(plan(path, client, ("ACME_KEY",)))

    again = plan(path, client, ("ACME_KEY",))

    assert not again.changes
    assert again.diff() == ""


def test_what_the_owner_wrote_into_our_entry_stays(tmp_path: Path) -> None:
    """The command is renewed; a variable or a setting of theirs is not ours to drop."""
    path = tmp_path / "mcp.json"
    own = {"command": "old", "args": [], "env": {"ACME_KEY": "mine", "LANG": "C"}, "disabled": True}
    path.write_text(json.dumps({"mcpServers": {"taskferry": own}}))

    after = json.loads(plan(path, "cursor", ("ACME_KEY", "OTHER_KEY")).after)["mcpServers"]["taskferry"]

    assert after["command"] == "/opt/bin/taskferry"
    assert after["disabled"] is True
    assert after["env"] == {"ACME_KEY": "mine", "LANG": "C", "OTHER_KEY": "${env:OTHER_KEY}"}


def test_a_toml_file_keeps_its_lines_and_comments(tmp_path: Path) -> None:
    """A new table comes at the end; one that is there is renewed in its place."""
    path = tmp_path / "config.toml"
    path.write_text(CODEX)

    added = plan(path, "codex").after
    renewed = plan_for(CLIENTS["codex"], path, ["/new/taskferry", "mcp"], ())
    old = '[mcp_servers.taskferry]\ncommand = "old"\n\n[mcp_servers.taskferry.env]\nA = "b"\n\n'
    path.write_text(CODEX.replace("[tui]", f"{old}[tui]"))
    moved = plan(path, "codex").after

    assert added.startswith(CODEX)
    assert 'command = "/new/taskferry"' in renewed.after
    assert moved.startswith(CODEX.partition("[tui]")[0])
    assert moved.endswith('\n[tui]\ntheme = "dark"\n')
    assert tomllib.loads(moved)["mcp_servers"]["taskferry"] == {**ENTRY, "env": {"A": "b"}}


@pytest.mark.parametrize(
    ("client", "text", "said"),
    [
        ("cursor", '{"mcpServers": ', "line 1"),
        ("cursor", "[1]", "no object"),
        ("cursor", '{"mcpServers": []}', "is no JSON that can be changed"),
        ("cursor", '{"a": "unclosed}', "line 1"),
        ("cursor", "[" * 100_000, "is no JSON that can be changed"),
        ("codex", "model = ", "is no TOML that can be changed"),
        ("codex", "mcp_servers = {taskferry = {command = 'old'}}", "cannot be changed line by line"),
    ],
)
def test_a_file_that_cannot_be_changed_is_left_alone(tmp_path: Path, client: str, text: str, said: str) -> None:
    """With the place of the mistake, and what to add by hand."""
    path = tmp_path / "config"
    path.write_text(text)

    with pytest.raises(UsageError, match=said) as raised:
        plan(path, client)

    assert "add by hand" in str(raised.value)
    assert path.read_text() == text


def test_writing_keeps_the_old_file_its_mode_and_a_link(tmp_path: Path) -> None:
    """Dotfiles are often links into a repository of their owner."""
    real, link = tmp_path / "real.json", tmp_path / "mcp.json"
    real.write_text("{}")
    real.chmod(0o600)
    link.symlink_to(real)

    first = write(plan(link))
    real.write_text("{}")
    second = write(plan(link))

    assert link.is_symlink()
    assert real.stat().st_mode & 0o777 == 0o600
    assert first is not None
    assert first.read_text() == "{}"
    assert second not in (None, first)
    assert json.loads(real.read_text())["mcpServers"]["taskferry"] == ENTRY


def test_a_file_that_changed_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    """Clients write these files too."""
    path = tmp_path / "mcp.json"
    planned = plan(path)
    path.write_text('{"new": 1}')

    with pytest.raises(UsageError, match="changed in the meantime"):
        write(planned)

    assert path.read_text() == '{"new": 1}'


@pytest.mark.parametrize("text", ['{"a": 1} trailing', '{"a" 1}', '{"a": 01}', "{]"])
def test_what_is_no_json_is_refused(text: str) -> None:
    """A tolerant reader of comments is not a tolerant reader of mistakes."""
    with pytest.raises(NotJson):
        parse(text)


@pytest.mark.parametrize(
    ("client", "platform", "environ", "path"),
    [
        ("claude", "darwin", {}, "Library/Application Support/Claude/claude_desktop_config.json"),
        ("claude", "win32", {}, "AppData/Roaming/Claude/claude_desktop_config.json"),
        ("claude", "linux", {}, ".config/Claude/claude_desktop_config.json"),
        ("claude-code", "linux", {}, ".claude.json"),
        ("cursor", "win32", {}, ".cursor/mcp.json"),
        ("vscode", "darwin", {}, "Library/Application Support/Code/User/mcp.json"),
        ("vscode", "linux", {"XDG_CONFIG_HOME": "elsewhere"}, "elsewhere/Code/User/mcp.json"),
        ("windsurf", "linux", {}, ".codeium/windsurf/mcp_config.json"),
        ("codex", "linux", {}, ".codex/config.toml"),
        ("codex", "linux", {"CODEX_HOME": "codex"}, "codex/config.toml"),
        ("gemini", "darwin", {}, ".gemini/settings.json"),
    ],
)
def test_each_client_has_its_file(client: str, platform: str, environ: dict[str, str], path: str) -> None:
    """As its own documentation says, on each system."""
    home = Path("/home/someone")
    placed = {name: str(home / place) for name, place in environ.items()}

    assert user_file(CLIENTS[client], platform, placed, home) == home / path


def test_nothing_is_left_of_a_write_that_fails(tmp_path: Path) -> None:
    """The old file is as it was, and no half of a new one lies beside it."""
    if os.geteuid() == 0:
        folder = tmp_path / "file"
        folder.write_text("in the way")
        path = folder / "mcp.json"
    else:
        tmp_path.chmod(0o500)
        path = tmp_path / "mcp.json"
    planned = Plan(client=CLIENTS["cursor"], path=path, before=None, after="{}")

    with pytest.raises(UsageError, match="cannot be written"):
        write(planned)

    assert [one.name for one in tmp_path.iterdir() if one.name.startswith(".")] == []
