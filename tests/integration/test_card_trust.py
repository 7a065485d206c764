"""A card that is not installed: shown and trusted once by its hash, and then as good as any provider."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from cli_keyboard import SPEED, Keyboard, set_up
from integration.card_stand_ins import CARDS, FABLE, DrawnOnce
from taskferry.cards.trusted import FOLDER
from taskferry.sandbox import Running, running

SMALL = (CARDS / "small.toml").read_text()
JOB = ("run", "fable.toml#image", "prompt=a small red fox")


@pytest.fixture(scope="module")
def provider() -> Iterator[Running]:
    """The stand-in of the card."""
    with running({"fable": partial(DrawnOnce, FABLE)}, speed=SPEED) as servers:
        yield servers["fable"]


@pytest.fixture
def at(
    provider: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Keyboard:
    """A keyboard whose folder has the card, and whose input is no terminal."""
    (tmp_path / "fable.toml").write_text(SMALL)
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    return set_up(provider, tmp_path, monkeypatch, capsys)


class Terminal(io.StringIO):
    """Somebody who types."""

    def isatty(self) -> bool:
        """Say that this is a person."""
        return True


def kept(at: Keyboard) -> list[Path]:
    """The copies of trusted cards."""
    return sorted((at.folder / "home" / FOLDER).glob("*"))


def edited(at: Keyboard, old: str, new: str) -> None:
    """Edit the card."""
    assert old in SMALL
    (at.folder / "fable.toml").write_text(SMALL.replace(old, new))


def test_an_unknown_card_is_shown_and_nothing_is_sent(at: Keyboard) -> None:
    """A script that is not asked is told what to say."""
    out, err = at(*JOB, code=2)

    assert out == ""
    assert "Fable (fable), a card that is not installed:" in err
    assert "sends jobs to   https://api.fable.example/v1" in err
    assert "with the key    in FABLE_API_KEY" in err
    assert "takes files of  any public host" in err
    assert "it says it is   docs.fable.example, read 2026-11-21" in err
    assert "say --trust once if you trust it" in err
    assert (at.creates(), kept(at)) == (0, [])


@pytest.mark.parametrize(("answer", "code", "creates"), [("y\n", 0, 1), ("n\n", 2, 0), ("\n", 2, 0)])
def test_a_person_is_asked_once(
    at: Keyboard, monkeypatch: pytest.MonkeyPatch, answer: str, code: int, creates: int
) -> None:
    """Nothing but a yes is one."""
    monkeypatch.setattr(sys, "stdin", Terminal(answer))

    _, err = at(*JOB, code=code)

    assert "Trust fable.toml, as it is now?" in err
    assert at.creates() == creates
    assert len(kept(at)) == creates


def test_a_card_that_was_trusted_is_not_asked_about_again(at: Keyboard) -> None:
    """By its file or by its provider's name, which is listed as any other."""
    at(*JOB, "--trust")

    _, again = at("run", "./fable.toml#image", "prompt=an owl")
    at("run", "fable/image", "prompt=a hare")
    names = [one["name"] for one in at.json("providers")["providers"]]

    assert "not installed" not in again
    assert "fable" in names
    assert at.creates() == 3


def test_a_card_of_one_operation_needs_no_name_of_it(at: Keyboard) -> None:
    """It is the only one there is."""
    at("run", "fable.toml", "prompt=a fox", "--trust")

    assert at.creates() == 1


def test_an_operation_that_a_card_lacks_is_answered_with_those_it_has(at: Keyboard) -> None:
    """Before anybody is asked for trust."""
    _, err = at("run", "fable.toml#imge", "prompt=a fox", "--trust", code=2)

    assert "offers: #image" in err
    assert kept(at) == []


def test_an_edited_card_is_asked_about_anew(at: Keyboard) -> None:
    """However small the edit; once it is trusted, the older copy goes."""
    at(*JOB, "--trust")
    (before,) = kept(at)
    edited(at, "2000", "2001")

    _, err = at("run", "fable.toml#image", "prompt=an owl", code=2)
    at("run", "fable.toml#image", "prompt=an owl", "--trust")

    assert "was never trusted" in err
    assert len(kept(at)) == 1
    assert before not in kept(at)


def test_a_tampered_copy_is_ignored_with_a_warning(at: Keyboard, caplog: pytest.LogCaptureFixture) -> None:
    """Its jobs are safe in the ledger; whoever has the card's own file can trust it anew."""
    at(*JOB, "--trust")
    (copy,) = kept(at)
    copy.write_text(SMALL.replace("api.fable.example", "api.thief.example"))

    _, err = at("run", "fable/image", "prompt=an owl", code=2)
    listed = at.json("list")["tasks"]

    assert "There is no provider 'fable'" in err
    assert "was changed since it was trusted" in caplog.text
    assert [(task["operation"], task["status"]) for task in listed] == [("fable/image", "succeeded")]
    assert at.creates() == 1


def test_a_card_with_a_python_step_is_refused(at: Keyboard) -> None:
    """Trusted or not: data alone may come from anywhere."""
    edited(at, "submit = { post", 'submit = { python = "os:system", post')

    _, err = at(*JOB, "--trust", code=2)

    assert "Python" in err
    assert (at.creates(), kept(at)) == (0, [])


def test_the_key_of_another_provider_is_refused(at: Keyboard) -> None:
    """Whatever the card says it is for."""
    edited(at, "FABLE_API_KEY", "LUMAAI_API_KEY")

    _, err = at(*JOB, "--trust", code=2)

    assert "fable.toml reads LUMAAI_API_KEY, which holds the key of luma" in err
    assert (at.creates(), kept(at)) == (0, [])


def test_the_name_of_an_installed_provider_is_refused(at: Keyboard) -> None:
    """A card cannot take its place."""
    edited(at, 'name = "fable"', 'name = "luma"')

    _, err = at(*JOB, "--trust", code=2)

    assert "takes the name 'luma'" in err
    assert kept(at) == []


def test_a_broken_card_names_the_line(at: Keyboard) -> None:
    """With what is allowed there."""
    edited(at, 'kind = "image"', 'kind = "picture"')

    _, err = at(*JOB, "--trust", code=2)

    assert "fable.toml:15" in err
    assert "image" in err
    assert kept(at) == []


def test_a_job_of_a_card_is_followed_from_another_process(at: Keyboard) -> None:
    """Listed, waited for and kept, also when the card's own file is gone."""
    task = at.json("submit", "fable.toml#image", "prompt=a fox", "--trust")["tasks"][0]
    (at.folder / "fable.toml").unlink()

    def elsewhere(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "taskferry", *arguments, "--json"]
        return subprocess.run(command, cwd=at.folder, env=dict(os.environ), capture_output=True, text=True)

    listed = json.loads(elsewhere("list").stdout)["tasks"]
    done = elsewhere("resume", task["id"])

    assert [(one["id"], one["operation"]) for one in listed] == [(task["id"], "fable/image")]
    assert done.returncode == 0, done.stderr
    (finished,) = json.loads(done.stdout)["tasks"]
    assert finished["status"] == "succeeded"
    assert [Path(file["path"]).stat().st_size == file["size"] for file in finished["artifacts"]] == [True]
    assert at.creates() == 1


@pytest.mark.parametrize("named", ["fable", "fable.toml", "the copy"])
def test_a_card_is_forgotten_by_its_name_or_its_file(at: Keyboard, named: str) -> None:
    """Its copy is gone, a changed one too, and it is asked about anew; another provider's card stays."""
    at(*JOB, "--trust")
    (copy,) = kept(at)
    other = copy.with_name(copy.name.replace("fable-", "fable-two-"))
    other.write_text(SMALL)

    forgotten = at.json("plugin", "forget", str(copy) if named == "the copy" else named)
    _, err = at(*JOB, code=2)

    assert forgotten == {"card": "fable", "removed": [str(copy)]}
    assert kept(at) == [other]
    assert "was never trusted" in err


def test_a_card_that_an_unfinished_task_needs_is_not_forgotten(at: Keyboard) -> None:
    """It goes once the task has ended."""
    task = at.json("submit", "fable.toml#image", "prompt=a fox", "--trust")["tasks"][0]

    _, err = at("plugin", "forget", "fable", code=2)
    before = kept(at)
    at("resume", task["id"])
    at("plugin", "forget", "fable")

    assert f"is needed for 1 unfinished task, such as {task['id']}; nothing was removed." in err
    assert (len(before), kept(at)) == (1, [])


def test_a_card_whose_provider_was_installed_later_says_how_to_be_forgotten(
    at: Keyboard, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its tasks are the plugin's now, so it may go at any time."""
    at.json("submit", "fable.toml#image", "prompt=a fox", "--trust")
    (at.folder / "fable_module.py").write_text(
        "from taskferry import Provider, hookimpl\n\n\n@hookimpl\ndef taskferry_providers(register):\n"
        '    register(Provider(name="fable", title="Fable", adapters={"v1": "fable_module:Adapter"}))\n'
    )
    info = at.folder / "fable-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: fable\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[taskferry]\nfable = fable_module\n")
    monkeypatch.syspath_prepend(str(at.folder))

    before = [row["problem"] for row in at.json("plugin", "list")["plugins"] if row["distribution"].startswith("card")]
    at("plugin", "forget", "fable")
    after = [row for row in at.json("plugin", "list")["plugins"] if row["distribution"].startswith("card")]

    assert len(before) == 1
    assert before[0].endswith("`taskferry plugin forget fable` lets go of the card.")
    assert (after, kept(at)) == ([], [])


def test_a_card_that_was_never_trusted_cannot_be_forgotten(at: Keyboard) -> None:
    """The names that there are help."""
    at(*JOB, "--trust")

    _, err = at("plugin", "forget", "fabel", code=2)

    assert "Trusted: fable." in err
