"""Commands that plugins add, and plugins that are broken."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from taskferry.cli import extras
from taskferry.cli.checks import BROKEN, FINE, NOTE, check_disk, check_keys, check_ledger, check_plugins
from taskferry.cli.group import command_line
from taskferry.cli.start import main
from taskferry.errors import UsageError
from taskferry.registry import Registry

GOOD = """
import click
from taskferry import hookimpl

@hookimpl
def taskferry_commands(group):
    @group.command("greet", short_help="Say hello.")
    def greet():
        click.echo("hello")
        return 0
"""
BROKEN_COMMANDS = """
from taskferry import hookimpl

@hookimpl
def taskferry_commands(group):
    raise RuntimeError("no commands today")
"""


def install(folder: Path, name: str, source: str, patch: pytest.MonkeyPatch) -> None:
    """Install a plugin as an installer would: a module, and metadata that names it."""
    (folder / f"{name}_module.py").write_text(source)
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[taskferry]\n{name} = {name}_module\n")
    patch.syspath_prepend(str(folder))
    patch.setattr(command_line, "_plugins_asked", False)
    patch.setattr(command_line, "commands", {})


def test_a_plugins_command_is_called_and_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It stands in the help under a heading of its own."""
    install(tmp_path, "greeter", GOOD, monkeypatch)

    assert main(["greet"]) == 0
    assert capsys.readouterr().out == "hello\n"
    main(["--help"])
    assert re.search(r"From plugins:\n(  .*\n)*?  greet", capsys.readouterr().out)


def test_a_plugin_whose_commands_fail_leaves_the_others_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line names it."""
    install(tmp_path, "sulker", BROKEN_COMMANDS, monkeypatch)

    code = main(["--help"])

    captured = capsys.readouterr()
    assert code == 0
    assert "doctor" in captured.out
    assert "sulker" in captured.err
    assert "no commands today" in captured.err


def test_doctor_shows_a_plugin_that_cannot_be_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A row with the reason and the way to do without it."""
    install(tmp_path, "broken", "import no_such_module_anywhere", monkeypatch)

    rows = {check.name: check for check in check_plugins(Registry())}

    assert rows["plugin broken"].state == BROKEN
    assert "no_such_module_anywhere" in rows["plugin broken"].detail
    assert "taskferry plugin disable broken" in rows["plugin broken"].mend


def test_a_plugin_that_is_switched_off_is_not_broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It was asked for."""
    install(tmp_path, "greeter", GOOD, monkeypatch)

    rows = {check.name: check for check in check_plugins(Registry(disabled="greeter"))}

    assert rows["plugin greeter"].state == NOTE


def test_doctor_tells_where_a_key_is_and_never_the_key(tmp_path: Path) -> None:
    """A missing one is a note with the variable to set; an open config file is broken."""
    registry = Registry()
    name, provider = next(iter(registry.providers.items()))
    variable = registry.adapter(provider.name).service.key_variables[0]

    absent = {check.name: check for check in check_keys(registry, tmp_path, {})}
    present = {check.name: check for check in check_keys(registry, tmp_path, {variable: "secret-key"})}
    (tmp_path / "config.toml").write_text(f'[keys]\n{name} = "secret-key"\n')
    (tmp_path / "config.toml").chmod(0o644)
    exposed = {check.name: check for check in check_keys(registry, tmp_path, {})}

    row = f"key of {name}"
    assert (absent[row].state, variable in absent[row].mend) == (NOTE, True)
    assert (present[row].state, variable in present[row].detail) == (FINE, True)
    assert (exposed[row].state, "chmod 600" in exposed[row].mend) == (BROKEN, True)
    assert "secret-key" not in repr([*absent.values(), *present.values(), *exposed.values()])


def test_doctor_does_not_make_a_ledger(tmp_path: Path) -> None:
    """It says where the first job will."""
    (check,) = check_ledger(tmp_path / "home")

    assert check.state == NOTE
    assert str(tmp_path / "home" / "ledger.sqlite3") in check.detail
    assert not (tmp_path / "home").exists()


def test_doctor_tells_how_much_room_is_left(tmp_path: Path) -> None:
    """Also for a home that does not exist yet."""
    check = check_disk(tmp_path / "home" / "of" / "nobody")

    assert check.detail.endswith(f"free at {tmp_path}")


def test_a_command_that_lacks_an_extra_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the line to paste."""
    monkeypatch.setattr(extras, "EXTRAS", {"mcp": ("agents", ("no_such_module_anywhere",))})

    with pytest.raises(UsageError, match=r"pip install 'taskferry\[mcp\]'"):
        extras.need("mcp")
