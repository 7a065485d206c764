"""`taskferry login` and `logout`: a key is checked, kept and forgotten, and never shown."""

from __future__ import annotations

import io
import os
import secrets
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from cli_keyboard import SPEED, Keyboard, set_up
from own_keyring import OwnKeyring, own_keyring
from taskferry.sandbox import Running, running
from terminal import Terminal


@pytest.fixture(scope="module")
def provider() -> Iterator[Running]:
    """A provider that is much faster than the real one."""
    with running({"vap": "taskferry_vap.sandbox:stand_in"}, speed=SPEED) as servers:
        yield servers["vap"]


@pytest.fixture
def chain() -> Iterator[OwnKeyring]:
    """An empty keyring."""
    with own_keyring() as made:
        yield made


@pytest.fixture
def keyboard(
    provider: Running,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    chain: OwnKeyring,
) -> Keyboard:
    """A keyboard with an empty home, an empty keyring, and no key in the environment."""
    made = set_up(provider, tmp_path, monkeypatch, capsys)
    for name in ("VAP_API_KEY", "VAPE_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    return made


@pytest.fixture
def key() -> str:
    """A key that the provider takes."""
    return f"vap_{secrets.token_hex(16)}"


def pipe(patch: pytest.MonkeyPatch, text: str) -> None:
    patch.setattr(sys, "stdin", io.StringIO(text))


def test_a_key_is_checked_and_kept_in_the_keyring(
    keyboard: Keyboard, chain: OwnKeyring, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    """By a call that costs nothing; the line end of a pipe is no part of it."""
    pipe(monkeypatch, f"{key}\n")

    out, err = keyboard("login", "vap")

    assert out == "The key of vap works, as its balance showed, and is kept in the keyring.\n"
    assert chain.kept == {("taskferry", "vap"): key}
    assert key not in out + err
    assert keyboard.json("balance", "vap")["balances"][0]["unit"] == "USD"
    assert keyboard.creates() == 0


def test_a_key_may_be_kept_in_the_config_file(
    keyboard: Keyboard, chain: OwnKeyring, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    """Which is then for its owner alone."""
    pipe(monkeypatch, key)

    document = keyboard.json("login", "vap", "--file")

    path = keyboard.folder / "home" / "config.toml"
    assert document == {"provider": "vap", "profile": None, "kept_in": str(path), "checked_by": "its balance"}
    assert path.stat().st_mode & 0o777 == 0o600
    assert f'vap = "{key}"' in path.read_text()
    assert chain.kept == {}


def test_a_key_that_the_provider_refuses_is_not_kept(
    keyboard: Keyboard, chain: OwnKeyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit code 4, as for every refusal."""
    pipe(monkeypatch, "wrong!")

    _, err = keyboard("login", "vap", code=4)

    assert "Nothing was kept." in err
    assert "wrong!" not in err
    assert chain.kept == {}


def test_a_provider_that_cannot_be_reached_tells_nothing_of_a_key(
    keyboard: Keyboard, chain: OwnKeyring, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    """Unless asked to, nothing is kept then."""
    monkeypatch.setenv("TASKFERRY_VAP_BASE_URL", "http://127.0.0.1:1")
    pipe(monkeypatch, key)
    assert "Nothing was kept." in keyboard("login", "vap", code=1)[1]
    assert chain.kept == {}
    pipe(monkeypatch, key)

    out, _ = keyboard("login", "vap", "--no-check")

    assert out == "The key of vap was not checked, and is kept in the keyring.\n"
    assert chain.kept == {("taskferry", "vap"): key}


@pytest.mark.parametrize(("text", "told"), [("", "No key came over stdin"), ("two words", "has a blank")])
def test_what_is_no_key_is_not_sent(keyboard: Keyboard, monkeypatch: pytest.MonkeyPatch, text: str, told: str) -> None:
    """One line says what is wrong, and not what it was."""
    pipe(monkeypatch, text)

    _, err = keyboard("login", "vap", code=2)

    assert told in err
    assert "two words" not in err


def test_a_machine_without_a_keyring_says_where_else_a_key_can_go(
    keyboard: Keyboard, chain: OwnKeyring, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    """Neither a missing extra nor a missing service is a reason to write a file unasked."""
    chain.broken = True
    pipe(monkeypatch, key)
    _, err = keyboard("login", "vap", code=2)
    assert "The keyring did not take the key (no such service). `--file` keeps it in" in err

    monkeypatch.setattr("taskferry.cli.keeping_keys.missing", lambda extra: [extra])
    _, err = keyboard("login", "vap", code=2)

    assert "There is no keyring: `pip install 'taskferry[keyring]'`, or `--file` for" in err
    assert not (keyboard.folder / "home" / "config.toml").exists()


def test_a_profile_has_keys_of_its_own(
    keyboard: Keyboard, chain: OwnKeyring, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    """Kept apart in the keyring; the profile is there to be chosen from then on."""
    pipe(monkeypatch, key)
    keyboard("--profile", "work", "login", "vap")

    assert chain.kept == {("taskferry", "work/vap"): key}
    assert "No key for vap" in keyboard("balance", "vap", code=2)[1]
    keyboard("--profile", "work", "balance", "vap")
    assert keyboard.json("--profile", "work", "logout", "vap")["removed_from"] == ["the keyring"]
    assert chain.kept == {}


def test_a_key_that_is_found_before_the_kept_one_is_named(
    keyboard: Keyboard, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    """Else the new one would seem to work and never be used."""
    pipe(monkeypatch, key)
    monkeypatch.setenv("VAP_API_KEY", "vap_another")

    _, err = keyboard("login", "vap", "--file")

    assert err == "The key from VAP_API_KEY of the environment goes before it: take that away to use this one.\n"


def test_a_key_is_forgotten_wherever_it_was_kept(
    keyboard: Keyboard, chain: OwnKeyring, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    """What is not ours to forget is named."""
    for words in (["login", "vap"], ["login", "vap", "--file", "--no-check"]):
        pipe(monkeypatch, key)
        keyboard(*words)
    monkeypatch.setenv("VAP_API_KEY", "vap_another")

    out, err = keyboard("logout", "vap")

    assert out == f"The key of vap is gone from the keyring and {keyboard.folder / 'home' / 'config.toml'}.\n"
    assert err == "There is still one from VAP_API_KEY of the environment.\n"
    assert chain.kept == {}
    assert keyboard("logout", "vap")[0] == "No key of vap was kept.\n"


def test_a_key_is_typed_without_being_shown(provider: Running, tmp_path: Path, key: str) -> None:
    """At a terminal it is asked for, with the page where keys are given out."""
    environ = {**provider.env, "TASKFERRY_HOME": str(tmp_path / "home"), "VAP_API_KEY": "", "VAPE_API_KEY": ""}
    screen = Terminal(["login", "vap", "--file"], environ, tmp_path, columns=200)

    asked = screen.until("Key of vap (not shown): ")
    os.write(screen._main, f"{key}\n".encode())
    code, answered = screen.end()

    assert code == 0, answered
    assert "Keys of vap: https://" in asked
    assert "works, as its balance showed" in answered
    assert key not in asked + answered
    assert key in (tmp_path / "home" / "config.toml").read_text()


@pytest.mark.parametrize("name", ["fal", "kling", "bfl", "openai-videos", "minimax"])
def test_every_sort_of_provider_has_a_free_call_that_tells(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A balance, a list of jobs, or a look at a job that does not exist; none of them makes a job."""
    card = Path(__file__).parents[2] / f"contrib/providers/src/taskferry_providers/{name}.toml"
    with running({name: str(card)}, speed=SPEED) as servers:
        board = set_up(servers[name], tmp_path, monkeypatch, capsys)
        found = {variable: value for variable, value in servers[name].env.items() if variable.endswith("KEY")}
        for variable in found:
            monkeypatch.delenv(variable)
        pipe(monkeypatch, next(iter(found.values())))

        document = board.json("login", name, "--file")

        assert document["checked_by"]
        requests = httpx.get(f"{servers[name].base_url}/_sandbox/requests").json()["requests"]
        assert [request["kind"] for request in requests if request["kind"] == "create"] == []
