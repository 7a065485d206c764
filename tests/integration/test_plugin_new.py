"""`taskferry plugin new`: what it renders keeps the contract before the first edit, and bad names are refused."""

from __future__ import annotations

import importlib
import json
import tomllib
from collections.abc import Callable
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import TypeAlias

import pytest

from taskferry import Registry
from taskferry.cli import extras, templates
from taskferry.cli.start import main
from taskferry.testing.contract.running import results_of

pytest.importorskip("copier", reason="it is of the extra `author`")

New: TypeAlias = Callable[..., Path]


@pytest.fixture
def new(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> New:
    """Make a plugin below a folder of the test; give its folder, its source importable."""

    def made(name: str, *options: str) -> Path:
        assert main(["plugin", "new", name, "--out", str(tmp_path), *options]) == 0
        folder = tmp_path / f"taskferry-{name}"
        monkeypatch.syspath_prepend(folder / "src")
        monkeypatch.syspath_prepend(folder / "tests")
        return folder

    return made


@pytest.mark.parametrize(
    ("style", "name", "kit"), [("--card", "wisp-data", "TestWispData"), ("--code", "wisp-code", "TestWispCode")]
)
def test_what_is_rendered_is_a_sound_plugin(new: New, style: str, name: str, kit: str) -> None:
    """It registers its provider, and every case of its contract that applies passes."""
    folder = new(name, style)
    package = f"taskferry_{name.replace('-', '_')}"
    point = tomllib.loads((folder / "pyproject.toml").read_text())["project"]["entry-points"]["taskferry"]
    registry = Registry(entry_points=[EntryPoint(name=name, value=point[name], group="taskferry")], disabled="")

    cases = results_of(getattr(importlib.import_module(f"test_{package}"), kit))

    assert [operation.name for operation in registry.operations()] == [f"{name}/image"]
    assert registry.adapter(name).service.key_variables == (f"{name.replace('-', '_').upper()}_API_KEY",)
    assert {case.name: case.message for case in cases if case.outcome == "failed"} == {}
    assert sum(case.outcome == "passed" for case in cases) > 50


def test_a_card_is_the_default_and_code_brings_no_card(new: New) -> None:
    """Either the one or the other."""
    card, code = new("acme"), new("bcme", "--code")

    assert [path.name for path in card.rglob("*.toml")] == ["pyproject.toml", "acme.toml"]
    assert not list(card.rglob("adapter.py"))
    assert [path.name for path in code.rglob("*.toml")] == ["pyproject.toml"]
    assert list(code.rglob("adapter.py"))


def test_a_script_gets_the_files_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """By their names below the new folder."""
    code = main(["plugin", "new", "acme", "--out", str(tmp_path), "--json"])

    told = json.loads(capsys.readouterr().out)["plugin"]

    assert code == 0
    assert (told["name"], told["path"]) == ("acme", str(tmp_path / "taskferry-acme"))
    assert {"pyproject.toml", "README.md", "src/taskferry_acme/acme.toml"} <= set(told["files"])
    assert all((tmp_path / "taskferry-acme" / name).is_file() for name in told["files"])


@pytest.mark.parametrize("name", ["Acme", "acme_films", "acme--films", "-acme", "3d", "a" * 41, "", "ac/me", "..", "é"])
def test_a_bad_name_is_refused_by_name_with_what_is_allowed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    """And nothing is made."""
    code = main(["plugin", "new", "--out", str(tmp_path), "--", name])

    told = capsys.readouterr().err

    assert code == 2
    assert repr(name) in told
    assert "small letters, digits and single dashes" in told
    assert list(tmp_path.iterdir()) == []


def test_a_name_is_said_without_taskferry(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The distribution's name has it already."""
    code = main(["plugin", "new", "taskferry-acme", "--out", str(tmp_path)])

    assert code == 2
    assert "say it without taskferry" in capsys.readouterr().err


def test_a_title_stands_wherever_the_provider_is_named(new: New) -> None:
    """In the card, in what is registered, and in the README."""
    folder = new("acme", "--title", "Acme & Söhne's Films")

    written = [path.name for path in folder.rglob("*") if path.is_file() and "Acme & Söhne's Films" in path.read_text()]

    assert {"acme.toml", "plugin.py", "README.md"} <= set(written)


@pytest.mark.parametrize("title", ["", " ", 'a "b"', "a\nb", "{{ 7 * 7 }}", "back\\slash", "x" * 81])
def test_a_bad_title_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str], title: str) -> None:
    """It is written into code."""
    code = main(["plugin", "new", "acme", "--out", str(tmp_path), "--title", title])

    assert code == 2
    assert f"{title!r} cannot be a title" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_overwritten(new: New, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Not even by the same name again."""
    card = next(new("acme").rglob("acme.toml"))
    card.write_text("my work")

    code = main(["plugin", "new", "acme", "--out", str(tmp_path)])

    assert code == 2
    assert "is there already" in capsys.readouterr().err
    assert card.read_text() == "my work"


def test_a_folder_that_cannot_be_written_is_said_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With the reason that the system gives."""
    (tmp_path / "file").write_text("")

    code = main(["plugin", "new", "acme", "--out", str(tmp_path / "file" / "below")])

    assert code == 2
    assert "Not a directory" in capsys.readouterr().err


def test_an_installed_provider_of_that_name_is_mentioned(new: New, capsys: pytest.CaptureFixture[str]) -> None:
    """Both together could not be used."""
    taken = next(iter(Registry().providers))

    new(taken)

    assert f"A provider {taken} is installed already" in capsys.readouterr().err


def test_without_copier_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The extra that has it."""
    monkeypatch.setattr(extras, "EXTRAS", {"author": ("new plugins", ("no_such_module_anywhere",))})

    code = main(["plugin", "new", "acme", "--out", str(tmp_path)])

    assert code == 2
    assert "pip install 'taskferry[author]'" in capsys.readouterr().err


def test_without_any_template_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The same extra."""
    monkeypatch.setattr(templates, "templates", dict)

    code = main(["plugin", "new", "acme", "--out", str(tmp_path)])

    assert code == 2
    assert "No template is installed: run `pip install 'taskferry[author]'`" in capsys.readouterr().err


def test_another_template_is_chosen_by_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One that is not there is answered with those that are."""
    code = main(["plugin", "new", "acme", "--out", str(tmp_path), "--template", "provder"])

    assert code == 2
    assert "There are: provider." in capsys.readouterr().err
