"""`taskferry config`, profiles, and plugins that are left out, as somebody types them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from cli_keyboard import SPEED, Keyboard, set_up
from taskferry import Registry
from taskferry.cli.group import command_line
from taskferry.sandbox import Running, running


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


def test_settings_are_set_shown_and_taken_away(keyboard: Keyboard) -> None:
    """Each with its own command, and each in the file at once."""
    keyboard("config", "set", "caps.day", "20 USD, 10 videos")
    keyboard("config", "set", "caps.allow_unpriced", "true")
    keyboard("config", "set", "regions.vap", "v1")

    assert keyboard("config", "get", "caps.day")[0] == "20 USD, 10 videos\n"
    assert keyboard.json("config", "get", "caps.allow_unpriced") == {"name": "caps.allow_unpriced", "value": True}
    shown, _ = keyboard("config", "list")
    assert [line.split("  ")[0] for line in shown.splitlines()[1:]] == [
        "caps.allow_unpriced",
        "caps.day",
        "regions.vap",
    ]
    keyboard("config", "unset", "caps.day")
    _, note = keyboard("config", "get", "caps.day", code=1)
    assert note == "caps.day is not set.\n"
    assert keyboard.json("config", "path") == {"path": str(keyboard.folder / "home/config.toml"), "exists": True}


def test_every_setting_that_there_is_can_be_listed(keyboard: Keyboard) -> None:
    """With what it means, whether or not it is set."""
    known = {one["name"]: one for one in keyboard.json("config", "list", "--known")["known"]}

    assert known["keys.PROVIDER"]["in_profile"]
    assert not known["plugins.disabled"]["in_profile"]
    assert keyboard("config", "list", "--known")[0].count("\n") == len(known) + 1
    assert "Nothing is set" in keyboard("config", "list")[1]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["caps.dya", "1 USD"], "There is no setting caps.dya; did you mean caps.day?"),
        (["caps", "1 USD"], "caps is a table: name a setting in it."),
        (["caps.day", "20"], "'20' is not an amount: write a number and its unit"),
        (["caps.allow_unpriced", "yes"], "caps.allow_unpriced is true or false, not 'yes'."),
        (["caps.vpa.day", "1 USD"], "There is no provider 'vpa'. Did you mean vap?"),
        (["regions.vap", "v9"], "There is no region 'v9'."),
        (["keys.vap", "sesame"], "A key is set by `taskferry login vap`"),
        (["profiles.work.plugins.disabled", "x"], "There is no setting profiles.work.plugins"),
    ],
)
def test_what_could_not_be_read_again_is_not_written(keyboard: Keyboard, words: list[str], told: str) -> None:
    """One line says why, and what is right."""
    _, err = keyboard("config", "set", *words, code=2)

    assert told in err
    assert err.count("\n") == 1
    assert not (keyboard.folder / "home" / "config.toml").exists()


def test_a_profile_is_chosen_by_option_or_variable(keyboard: Keyboard, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is set then is its own, and goes before what holds for all."""
    keyboard("config", "set", "caps.task", "1 USD")
    keyboard("--profile", "work", "config", "set", "caps.task", "0.01 USD")

    assert "TASKFERRY_PROFILE" not in os.environ
    assert keyboard("config", "get", "caps.task")[0] == "1 USD\n"
    assert keyboard("config", "get", "profiles.work.caps.task")[0] == "0.01 USD\n"
    keyboard("submit", "vap/image", "prompt=a fox")
    _, err = keyboard("--profile", "work", "submit", "vap/image", "prompt=another fox", code=2)
    assert "the cap of 0.01 USD a task (profiles.work.caps.task in" in err
    monkeypatch.setenv("TASKFERRY_PROFILE", "work")
    listed = keyboard.json("config", "list")
    assert (listed["profile"], listed["profiles"]) == ("work", ["work"])
    assert [(one["name"], one["profile"]) for one in listed["settings"]] == [("caps.task", "work")]


def test_a_profile_that_there_is_not_sends_nothing(keyboard: Keyboard) -> None:
    """Neither with the general keys nor without caps."""
    keyboard("--profile", "work", "config", "set", "output", "x")

    _, err = keyboard("--profile", "wokr", "submit", "vap/image", "prompt=a fox", code=2)

    assert "There is no profile 'wokr'. Did you mean work?" in err
    assert keyboard.creates() == 0
    _, err = keyboard("--profile", "../x", "config", "set", "output", "x", code=2)
    assert "cannot be a profile's name" in err


def test_a_misspelt_setting_stops_a_job_before_it_is_sent(keyboard: Keyboard) -> None:
    """With its line and the right name; `config unset` mends it."""
    (keyboard.folder / "home").mkdir()
    (keyboard.folder / "home" / "config.toml").write_text('[caps]\nday = "1 USD"\ntotla = "5 USD"\n')

    _, err = keyboard("submit", "vap/image", "prompt=a fox", code=2)

    assert "config.toml:3: there is no setting caps.totla; did you mean caps.total?" in err
    assert keyboard.creates() == 0
    keyboard("config", "unset", "caps.totla")
    keyboard("submit", "vap/image", "prompt=a fox")
    _, err = keyboard("config", "unset", "caps.totla", code=2)
    assert "There is no setting 'caps.totla'." in err


def test_the_help_is_there_although_the_config_file_is_wrong(keyboard: Keyboard) -> None:
    """And so is an answer to a misspelt command."""
    (keyboard.folder / "home").mkdir()
    (keyboard.folder / "home" / "config.toml").write_text("outptu = 'x'\n")

    for words, code in (["--help"], 0), (["confgi"], 2):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(command_line, "_plugins_asked", False)
            out, err = keyboard(*words, code=code)

        assert "No plugin's commands are known:" in err
        assert "config" in out + err.partition("Did you mean")[2]


def test_files_go_to_the_folder_that_is_set(keyboard: Keyboard) -> None:
    """Unless a job names another; a profile may have one of its own."""
    keyboard("config", "set", "output", str(keyboard.folder / "general"))
    keyboard("--profile", "work", "config", "set", "output", str(keyboard.folder / "working"))

    for words in ([], ["--profile", "work"]):
        keyboard(*words, "run", "vap/image", f"prompt=a fox {words}")
    keyboard("run", "vap/image", "prompt=a third fox", "-o", "named")

    files = {path.relative_to(keyboard.folder).parts[0] for path in keyboard.folder.rglob("image.*")}
    assert files == {"general", "working", "named"}


def test_a_region_decides_where_new_jobs_go(keyboard: Keyboard) -> None:
    """As its variable does, which goes before it."""
    keyboard("config", "set", "regions.vap", "v1")

    keyboard("submit", "vap/image", "prompt=a fox")

    requests = httpx.get(f"{keyboard.provider.base_url}/_sandbox/requests").json()["requests"]
    assert [request["path"] for request in requests if request["kind"] == "create"] == ["/api/v1/generations"]


def test_a_plugin_is_left_out_and_taken_back(keyboard: Keyboard) -> None:
    """Until then, what it offers is unknown; `doctor` and `plugin list` say why."""
    keyboard("plugin", "disable", "vap")

    assert "vap" not in Registry().providers
    (row,) = [one for one in keyboard.json("plugin", "list")["plugins"] if one["name"] == "vap"]
    assert row["problem"] == "Switched off in the config file: `taskferry plugin enable vap` takes it back."
    (check,) = [one for one in keyboard.json("doctor")["checks"] if one["name"] == "plugin vap"]
    assert check["state"] == "note"
    assert "cannot be used: Switched off" in keyboard("submit", "vap/image", "prompt=a fox", code=1)[1]
    assert keyboard.json("plugin", "enable", "vap") == {"plugin": "vap", "disabled": False}
    assert "vap" in Registry().providers


def test_only_plugins_that_there_are_can_be_left_out(keyboard: Keyboard, monkeypatch: pytest.MonkeyPatch) -> None:
    """And only those that were left out can be taken back; the variable stays what it is."""
    assert "There is no plugin 'vpa'. Did you mean vap?" in keyboard("plugin", "disable", "vpa", code=2)[1]
    assert "There is no disabled plugin 'vap'." in keyboard("plugin", "enable", "vap", code=2)[1]
    keyboard("plugin", "disable", "vap")
    keyboard("plugin", "disable", "tripo")
    monkeypatch.setenv("TASKFERRY_DISABLE_PLUGINS", "vap")

    _, note = keyboard("plugin", "enable", "vap")

    assert "TASKFERRY_DISABLE_PLUGINS still leaves it out" in note
    assert keyboard.json("config", "get", "plugins.disabled")["value"] == ["tripo"]
