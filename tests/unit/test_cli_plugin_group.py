"""`taskferry plugin list`, `trace` and `check`: what is installed, what it does, and whether a card is sound."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from sources import ROOT
from taskferry.cli.start import main
from taskferry.testing.contract import CaseResult

SMALL = ROOT / "tests/cards/small.toml"
SOUND = """
from taskferry import Provider, hookimpl

@hookimpl
def taskferry_providers(register):
    register(Provider(name="wisp", title="Wisp", adapters={"v1": "nowhere.at.all:Adapter"}))

@hookimpl
def taskferry_task_changed(change):
    pass
"""


class Typed:
    """Runs commands below `taskferry plugin`."""

    def __init__(self, capture: pytest.CaptureFixture[str]) -> None:
        self.capture = capture

    def __call__(self, *arguments: str, code: int = 0) -> str:
        """Give what is printed."""
        self.capture.readouterr()
        found = main(["plugin", *arguments])
        out, err = self.capture.readouterr()
        assert found == code, out + err
        return out + err

    def json(self, *arguments: str, code: int = 0) -> Any:
        """Give the document on stdout."""
        self.capture.readouterr()
        found = main(["plugin", *arguments, "--json"])
        out, err = self.capture.readouterr()
        assert found == code, out + err
        return json.loads(out)


@pytest.fixture
def typed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Typed:
    """A keyboard in a home of its own."""
    monkeypatch.setenv("TASKFERRY_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return Typed(capsys)


def install(folder: Path, name: str, source: str, patch: pytest.MonkeyPatch) -> None:
    """Install a plugin as an installer would: a module, and metadata that names it."""
    (folder / f"{name}_of_group.py").write_text(source)
    info = folder / f"{name}-1.5.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.5\n")
    (info / "entry_points.txt").write_text(f"[taskferry]\n{name} = {name}_of_group\n")
    patch.syspath_prepend(str(folder))
    patch.delitem(sys.modules, f"{name}_of_group", raising=False)


def test_list_shows_what_each_plugin_offers(typed: Typed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the distribution that brought it, for people and for scripts."""
    install(tmp_path, "wisp", SOUND, monkeypatch)

    rows = {row["name"]: row for row in typed.json("list")["plugins"] if not row["problem"]}
    table = typed("list")

    assert rows["wisp"] == {
        "name": "wisp", "distribution": "wisp", "version": "1.5", "providers": ["wisp"], "problem": None
    }  # fmt: skip
    assert ["wisp", "wisp", "1.5", "wisp"] in [line.split() for line in table.splitlines()]


def test_list_tells_why_a_plugin_is_not_used(typed: Typed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the place of what it would offer."""
    install(tmp_path, "broken", "import no_such_module_anywhere", monkeypatch)
    monkeypatch.setenv("TASKFERRY_DISABLE_PLUGINS", "providers")

    rows = {row["name"]: row for row in typed.json("list")["plugins"]}

    assert "no_such_module_anywhere" in rows["broken"]["problem"]
    assert rows["broken"]["providers"] == []
    assert rows["providers"]["problem"] == "Switched off by TASKFERRY_DISABLE_PLUGINS."
    assert "no_such_module_anywhere" in typed("list")


def test_list_of_nothing_says_how_to_find_some(typed: Typed, monkeypatch: pytest.MonkeyPatch) -> None:
    """On an empty system."""
    monkeypatch.setattr("importlib.metadata.entry_points", lambda **_: ())

    assert "taskferry providers --available" in typed("list")


def test_trace_shows_hooks_and_what_each_costs(typed: Typed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An adapter that cannot be built is told, and the exit code is 1."""
    install(tmp_path, "wisp", SOUND, monkeypatch)

    traced = typed.json("trace", code=1)
    table = typed("trace", code=1)

    plugins = {one["name"]: one for one in traced["plugins"]}
    adapters = {one["name"]: one for one in traced["adapters"]}
    assert plugins["wisp"]["hooks"] == ["taskferry_providers", "taskferry_task_changed"]
    assert plugins["wisp"]["import_seconds"] > 0
    assert "nowhere.at.all:Adapter cannot be imported" in adapters["wisp v1"]["problem"]
    assert all(one["problem"] is None and one["operations"] for name, one in adapters.items() if name != "wisp v1")
    assert "taskferry_providers, taskferry_task_changed" in table


def test_trace_of_sound_plugins_ends_with_0(typed: Typed) -> None:
    """All that this workspace installs are."""
    traced = typed.json("trace")

    assert traced["plugins"]
    assert all(one["build_seconds"] >= 0 for one in traced["adapters"])


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("raise SystemExit('not today')", "SystemExit: not today"),
        ("from taskferry import hookimpl\n@hookimpl\ndef taskferry_provider(register): pass", "taskferry_provider"),
    ],
)
def test_trace_shows_what_keeps_a_plugin_from_being_used(
    typed: Typed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str, told: str
) -> None:
    """Whatever it raises, and a hook that there is not."""
    install(tmp_path, "sulker", source, monkeypatch)

    plugins = {one["name"]: one for one in typed.json("trace", code=1)["plugins"]}

    assert told in plugins["sulker"]["problem"]


def test_check_proves_a_sound_card_by_examples_and_contract(typed: Typed) -> None:
    """It counts the lines that say something, and the cases that passed."""
    told = typed("check", str(SMALL))

    assert told.startswith(f"{SMALL} is sound: 26 lines, ")
    assert " cases of the contract passed." in told


def test_check_warns_of_what_no_example_proves(typed: Typed) -> None:
    """The card is sound all the same."""
    card = SMALL.parent / "acme.toml"

    told = typed("check", str(card))
    (found,) = typed.json("check", str(card))["cards"]

    assert f"{card} is sound" in told
    assert (found["ok"], found["problems"]) == (True, [])
    assert '[webhook.remote] id is "data.id", which no example proves' in found["warnings"][0]


def test_check_names_the_line_of_what_is_wrong(typed: Typed, tmp_path: Path) -> None:
    """With what is allowed; the exit code is 1, and a sound card beside it is still checked."""
    wrong = tmp_path / "wrong.toml"
    text = SMALL.read_text().replace('status = "state"', 'staus = "state"')
    wrong.write_text(text)
    line = text.splitlines().index('staus = "state"') + 1

    told = typed("check", str(wrong), str(SMALL), code=1)
    cards = typed.json("check", str(wrong), str(SMALL), code=1)["cards"]

    assert f"wrong.toml:{line}" in told
    assert "status" in told
    assert f"{wrong} is not sound." in told
    assert [one["ok"] for one in cards] == [False, True]
    assert any("staus" in problem for problem in cards[0]["problems"])


def test_check_reads_the_examples_with_the_card(typed: Typed, tmp_path: Path) -> None:
    """An expression that finds nothing in them is an error now, not when a job is paid for."""
    wrong = tmp_path / "wrong.toml"
    wrong.write_text(SMALL.read_text().replace("output.url", "output.link"))

    told = typed("check", str(wrong), code=1)

    assert "output.link" in told


def test_check_shows_the_case_of_the_contract_that_a_card_fails(typed: Typed, monkeypatch: pytest.MonkeyPatch) -> None:
    """By its name, with what to change."""
    wrong = CaseResult(name="wrong-case", outcome="failed", message="wrong-case: Done is not done; add any_case = true")
    left_out = CaseResult(name="cancel", outcome="skipped", message="the adapter cannot cancel")
    monkeypatch.setattr("taskferry.testing.contract.run_cases", lambda card: [wrong, left_out])

    told = typed("check", str(SMALL), code=1)
    (card,) = typed.json("check", str(SMALL), code=1)["cards"]

    assert "wrong-case: Done is not done; add any_case = true" in told
    assert f"{SMALL} is not sound." in told
    assert (card["ok"], card["problems"]) == (False, [])
    assert {case["name"]: case["outcome"] for case in card["cases"]} == {"wrong-case": "failed", "cancel": "skipped"}


def test_check_without_the_kit_says_so(typed: Typed, monkeypatch: pytest.MonkeyPatch) -> None:
    """The examples are read all the same."""
    monkeypatch.setitem(sys.modules, "taskferry.testing.contract", None)

    told = typed("check", str(SMALL))

    assert "pip install 'taskferry[testing]'" in told
    assert "is sound: 26 lines." in told


@pytest.mark.parametrize(
    ("content", "told"),
    [(None, "cannot be read"), (b"\xff\xfe", "is not text in UTF-8"), (b"x" * 1_000_001, "too large")],
)
def test_check_of_what_is_no_card_says_why(typed: Typed, tmp_path: Path, content: bytes | None, told: str) -> None:
    """Exit code 2: there is nothing to check."""
    path = tmp_path / "card.toml"
    if content is not None:
        path.write_bytes(content)

    assert told in typed("check", str(path), code=2)
