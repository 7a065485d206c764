"""The help of every command, and what the start of the command line imports."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from cli_records import ID, record
from taskferry import Failure, FailureKind, Status
from taskferry.cli.group import NAMES, SECTIONS, LazyGroup, command_line
from taskferry.cli.start import main
from taskferry.ledger import open_ledger


@pytest.mark.parametrize("name", NAMES)
def test_every_command_explains_itself(name: str) -> None:
    """A sentence of help, every option described, and --json."""
    result = CliRunner().invoke(command_line, [name, "--help"], prog_name="taskferry")

    assert result.exit_code == 0
    assert result.output.startswith(f"Usage: taskferry {name}")
    assert "--json" in result.output
    command = LazyGroup().get_command(click.Context(command_line), name)
    assert command is not None
    assert command.short_help
    assert all(option.help for option in command.params if isinstance(option, click.Option))


def test_the_help_lists_the_commands_by_purpose() -> None:
    """Also for whoever gives no command at all."""
    result = CliRunner().invoke(command_line, [], prog_name="taskferry")

    assert result.exit_code == 0
    for title, names in SECTIONS.items():
        assert f"{title}:" in result.output
        assert all(f"\n  {name} " in result.output for name in names)


def test_the_help_of_run_ends_with_lines_that_work_here() -> None:
    """They come from the installed operations."""
    result = CliRunner().invoke(command_line, ["run", "--help"], prog_name="taskferry")

    assert "key=@file" in result.output
    assert "  taskferry run " in result.output.partition("Examples:")[2]


def test_an_unknown_command_names_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    """And exits as any wrong usage."""
    code = main(["lst"])

    assert code == 2
    assert "There is no command 'lst'. Did you mean list?" in capsys.readouterr().err


def run_python(code: str) -> str:
    """Run code in a fresh interpreter and give what it prints."""
    return subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout


def test_version_needs_no_click() -> None:
    """The answer comes at once."""
    out = run_python(
        "import sys; from taskferry.cli.start import main; main(['--version']); print('click' in sys.modules)"
    )

    assert out.splitlines()[0].startswith("taskferry ")
    assert out.splitlines()[1] == "False"


HEAVY = ("asyncio", "attr", "click", "httpx", "jsonschema_rs", "mcp", "pluggy", "rich", "typing", "taskferry.registry")


@pytest.mark.parametrize(
    "arguments", [["list"], ["list", "--json", "--limit", "1"], ["status", ID], ["status", ID[:9], "--json"]]
)
def test_reading_the_ledger_loads_nothing_heavy(arguments: list[str], tmp_path: Path) -> None:
    """Listing is for prompts and scripts, which call it often: not even the reader of command lines is loaded."""
    with open_ledger(tmp_path) as ledger:
        ledger.add(record(Status.FAILED, failure=Failure.of(FailureKind.PROVIDER, "broke", code="E1")))

    out = run_python(
        f"import os, sys; os.environ['TASKFERRY_HOME'] = {str(tmp_path)!r}\n"
        f"from taskferry.cli.start import main; main({arguments!r})\n"
        f"print('loaded', [name for name in {HEAVY!r} if name in sys.modules])"
    )

    assert ID[:8] in out
    assert out.splitlines()[-1] == "loaded []"


def test_narrowing_a_list_reaches_for_no_provider(tmp_path: Path) -> None:
    """The whole command line is loaded then, and nothing that goes anywhere."""
    heavy = ("httpx", "mcp", "rich", "pluggy", "taskferry.ferry", "taskferry.registry")

    out = run_python(
        f"import os, sys; os.environ['TASKFERRY_HOME'] = {str(tmp_path)!r}\n"
        f"from taskferry.cli.start import main; main(['list', '--status', 'failed', '--since', '2h'])\n"
        f"print('loaded', [name for name in {heavy!r} if name in sys.modules])"
    )

    assert out.splitlines()[-1] == "loaded []"
