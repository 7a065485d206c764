"""Every document that a command prints with --json fits the published schema."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import click
import jsonschema_rs
import pytest

from cli_keyboard import SPEED, Keyboard, set_up
from taskferry.cli.group import NAMES, command_line
from taskferry.cli.start import main
from taskferry.sandbox import Running, running

PUBLISHED: dict[str, Any] = json.loads(files("taskferry.cli").joinpath("schemas", "output.json").read_text("utf-8"))
CARD = Path(__file__).parents[1] / "cards" / "acme.toml"


@pytest.fixture(scope="module")
def provider() -> Iterator[Running]:
    """A provider that is much faster than the real one."""
    with running({"vap": "taskferry_vap.sandbox:stand_in"}, speed=SPEED) as servers:
        yield servers["vap"]


@pytest.fixture
def keyboard(
    provider: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Keyboard:
    """A keyboard with an empty home."""
    return set_up(provider, tmp_path, monkeypatch, capsys)


def problems(place: str, document: Any) -> list[str]:
    """Hold a document against a definition."""
    schema = {"$ref": place, "$defs": PUBLISHED["$defs"]}
    found = jsonschema_rs.Draft202012Validator(schema).iter_errors(document)
    return [f"{error.instance_path}: {error.message}" for error in found]


def session(keyboard: Keyboard) -> dict[str, list[tuple[int, list[str]]]]:
    """Give lines for each command, with the exit code of each; some tasks are made first."""
    done = keyboard("run", "vap/image", "prompt=a fox")[0] and newest(keyboard)
    keyboard("submit", "vap/image", "prompt=x [[stuck]]")
    stuck = newest(keyboard)
    keyboard("submit", "vap/image", "prompt=z [[lost-reply]]", code=5)
    keyboard("estimate", f"{CARD}#speech", "prompt=x", "--trust")
    (keyboard.folder / "jobs.csv").write_text("operation,prompt\nvap/image,from a file\nvap/image,w [[refuse:402]]\n")
    return {
        "list": [(0, []), (0, ["--status", "unconfirmed,succeeded", "--since", "1h"])],
        "status": [(0, [done]), (3, [stuck]), (2, ["nothing"])],
        "run": [(0, ["vap/image", "prompt=b"]), (1, ["vap/image", "prompt=c [[fail:boom]]"]), (2, ["vap/image"])],
        "submit": [(0, ["vap/image", "prompt=d"]), (4, ["vap/image", "prompt=e [[refuse:402]]"])],
        "wait": [(0, [done]), (3, [stuck, "--timeout", "0"])],
        "watch": [(0, [done])],
        "resume": [(0, [done])],
        "download": [(0, [done, "-o", "elsewhere"])],
        "open": [(0, [done]), (2, [stuck])],
        "cancel": [(1, [stuck])],
        "reconcile": [(0, [])],
        "batch": [(4, ["jobs.csv", "-o", "out"]), (2, ["jobs.csv", "-o", "out", "--max-cost", "0.01 USD"])],
        "estimate": [(0, ["vap/image", "prompt=x"]), (0, ["any/image", "prompt=x"]), (2, ["vap/nothing"])],
        "providers": [(0, []), (0, ["--available"])],
        "operations": [(0, []), (0, ["vap/image"])],
        "balance": [(0, []), (0, ["vap"])],
        "spend": [(0, [])],
        "doctor": [(0, [])],
        "gc": [(0, ["--older-than", "1d", "--dry-run"]), (2, [])],
        "completion": [(0, ["bash"])],
        "demo": [(0, ["--speed", "100"])],
        "sandbox": [(0, ["--faults"])],
        "worker": [(2, [])],
        "mcp install": [(0, ["--client", "cursor", "--yes"])],
        "ledger check": [(0, [])],
        "ledger backup": [(0, ["copy"]), (2, ["copy"])],
        "ledger vacuum": [(0, [])],
        "ledger export": [(0, ["lines"])],
        "ledger import": [(0, ["lines"])],
        "plugin check": [(0, [str(CARD)])],
        "plugin list": [(0, [])],
        "plugin trace": [(0, [])],
        "plugin new": [(0, ["acme", "--out", "made"])],
        "plugin disable": [(0, ["tripo"])],
        "plugin forget": [(0, ["acme"]), (2, ["acme"])],
        "plugin enable": [(0, ["tripo"]), (2, ["tripo"])],
        "route": [(0, ["any/image", "prompt=x"])],
        "config set": [(0, ["caps.day", "20 USD"]), (2, ["caps.dya", "x"])],
        "config get": [(0, ["caps.day"])],
        "config list": [(0, []), (0, ["--known"])],
        "config path": [(0, [])],
        "config unset": [(0, ["caps.day"])],
        "login": [(0, ["tripo", "--file", "--no-check"])],
        "logout": [(0, ["tripo"])],
    }


def newest(keyboard: Keyboard) -> str:
    """Give the id of the last task."""
    task_id: str = keyboard.json("list", "--limit", "1")["tasks"][0]["id"]
    return task_id


def test_every_command_prints_what_is_published(
    keyboard: Keyboard, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One document each, whether it did its work or could not."""
    monkeypatch.setattr(sys, "stdin", io.StringIO("tsk_0123456789abcdefghijklmnopqrstuvwxyz\n"))
    lines = session(keyboard)
    capsys.readouterr()
    wrong = []

    for name, cases in lines.items():
        for code, arguments in cases:
            line = [*name.split(), *arguments, "--json"]
            given = main(line)
            out = capsys.readouterr().out
            document = json.loads(out)
            place = "#/$defs/error" if "error" in document else PUBLISHED["commands"][name]
            told = [*problems(place, document), *([f"exit code {given}"] if given != code else [])]
            wrong += [f"{' '.join(line)}: {one}" for one in told]

    assert "\n".join(wrong) == ""
    assert set(lines) == set(PUBLISHED["commands"])


def commands_with_documents(command: click.Command, name: str) -> Iterator[str]:
    """Name the commands that take --json as a wish for a document."""
    if any(isinstance(one, click.Option) and one.name == "as_json" for one in command.params):
        yield name
    if isinstance(command, click.Group):
        for inner, found in command.commands.items():
            yield from commands_with_documents(found, f"{name} {inner}".strip())


def test_every_command_is_published() -> None:
    """A new one is described before it is released."""
    context = click.Context(command_line)
    found = {name: command_line.get_command(context, name) for name in NAMES}

    named = {one for name, command in found.items() if command for one in commands_with_documents(command, name)}

    assert sorted(named) == sorted(PUBLISHED["commands"])


def test_the_published_schema_is_sound() -> None:
    """And every name in it leads somewhere."""
    jsonschema_rs.meta.validate(PUBLISHED)

    assert {place.rpartition("/")[2] for place in PUBLISHED["commands"].values()} <= set(PUBLISHED["$defs"])
