"""`taskferry doctor`: what it looks at, what it says of what is amiss, and that it sends nothing unless asked to."""

from __future__ import annotations

import os
import re
import socket
import time
from collections.abc import Iterator, Mapping
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import pytest

from cli_keyboard import SPEED, Keyboard, set_up
from taskferry.cli.checks import BROKEN, FINE, NOTE, check_clock, network
from taskferry.sandbox import Running, running

OTHERS = "providers,tripo"
"""The plugins beside the one whose stand-in runs."""


@pytest.fixture(scope="module")
def provider() -> Iterator[Running]:
    """A provider that is much faster than the real one."""
    with running({"vap": "taskferry_vap.sandbox:stand_in"}, speed=SPEED) as servers:
        yield servers["vap"]


@pytest.fixture
def keyboard(
    provider: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Keyboard:
    """A keyboard with an empty home, and one provider alone."""
    monkeypatch.setenv("TASKFERRY_DISABLE_PLUGINS", OTHERS)
    return set_up(provider, tmp_path, monkeypatch, capsys)


def checks(keyboard: Keyboard, *words: str, code: int = 0) -> Mapping[str, Any]:
    return {one["name"]: one for one in keyboard.json("doctor", *words, code=code)["checks"]}


@pytest.fixture
def server() -> Iterator[HTTPServer]:
    """A server whose clock can be set by `server.ahead`, in seconds."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response_only(404)
            self.send_header("Date", formatdate(time.time() + made.ahead, usegmt=True))  # type: ignore[attr-defined]  # ours
            self.end_headers()

        def log_message(self, *arguments: Any) -> None:
            """Say nothing."""

    made = HTTPServer(("127.0.0.1", 0), Answer)
    made.ahead = 0.0  # type: ignore[attr-defined]  # ours
    thread = Thread(target=made.serve_forever)
    thread.start()
    yield made
    made.shutdown()
    thread.join()
    made.server_close()


def test_without_being_asked_to_nothing_is_sent(keyboard: Keyboard, monkeypatch: pytest.MonkeyPatch) -> None:
    """And no file is made."""
    monkeypatch.setattr(socket, "socket", None)

    found = checks(keyboard)

    assert {name for name, one in found.items() if one["state"] == BROKEN} == set()
    assert {"version", "config", "plugin vap", "key of vap", "ledger", "disk", "clock", "looks"} <= found.keys()
    assert not [name for name in found if name.startswith("network")]
    assert not (keyboard.folder / "home").exists()


def test_online_each_provider_gets_one_request_without_a_key(keyboard: Keyboard) -> None:
    """Any answer means that it is there; its clock agrees with ours."""
    found = checks(keyboard, "--online")

    assert found["network to vap"]["state"] == FINE
    assert found["network to vap"]["detail"].startswith(f"{keyboard.provider.base_url} answers without TLS within")
    assert found["clock online"]["detail"] == "agrees with the providers'"
    requests = httpx.get(f"{keyboard.provider.base_url}/_sandbox/requests").json()["requests"]
    assert [(one["method"], one["kind"]) for one in requests] == [("GET", "other")]


@pytest.mark.parametrize(
    ("ahead", "state", "told"),
    [
        (0, FINE, "agrees with the providers'"),
        (45, NOTE, "4[45] s behind the providers'"),
        (-3700, BROKEN, "1 h ahead of the providers'"),
    ],
)
def test_the_clock_is_held_against_the_providers(
    keyboard: Keyboard, server: Any, monkeypatch: pytest.MonkeyPatch, ahead: float, state: str, told: str
) -> None:
    """Signed tokens and links that end are judged by theirs."""
    server.ahead = ahead
    monkeypatch.setenv("TASKFERRY_VAP_BASE_URL", f"http://127.0.0.1:{server.server_port}")

    found = checks(keyboard, "--online", code=int(state == BROKEN))["clock online"]

    assert found["state"] == state
    assert re.fullmatch(told, found["detail"])
    assert bool(found["mend"]) == (state != FINE)


def closed_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def test_a_provider_that_cannot_be_reached_is_broken_with_what_to_do(
    keyboard: Keyboard, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By what stands in the way."""
    cases = [
        (f"http://127.0.0.1:{closed_port()}", "connect"),
        ("https://no-such-host.invalid", "name"),
        (keyboard.provider.base_url.replace("http:", "https:"), "tls"),
    ]
    for base_url, trouble in cases:
        monkeypatch.setenv("TASKFERRY_VAP_BASE_URL", base_url)

        found = checks(keyboard, "--online", code=1)["network to vap"]

        assert (found["state"], found["mend"]) == (BROKEN, network.MENDS[trouble]), found


def test_a_proxy_that_does_not_answer_is_named(keyboard: Keyboard, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the variables that name proxies."""
    monkeypatch.setenv("TASKFERRY_VAP_BASE_URL", "https://api.vap.example")
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{closed_port()}")
    monkeypatch.delenv("NO_PROXY", raising=False)

    found = checks(keyboard, "--online", code=1)["network to vap"]

    assert found["mend"] == network.MENDS["proxy"]


def test_every_trouble_has_its_mend() -> None:
    """A new one cannot be forgotten."""
    from taskferry.transport.probing import Trouble

    assert set(network.MENDS) == set(Trouble)


def test_a_config_file_that_is_wrong_is_one_row(keyboard: Keyboard) -> None:
    """All else is looked at nevertheless."""
    home = keyboard.folder / "home"
    home.mkdir()
    (home / "config.toml").write_text('[caps]\ndya = "1 USD"\n')

    found = checks(keyboard, code=1)

    assert found["config"]["state"] == BROKEN
    assert "config.toml:2: there is no setting caps.dya; did you mean caps.day?" in found["config"]["detail"]
    assert found["plugin vap"]["state"] == FINE
    (home / "config.toml").write_text('[caps]\nday = "lots"\n')
    assert "'lots' is not an amount" in checks(keyboard, code=1)["config"]["detail"]


def test_a_profile_that_there_is_not_is_one_row(keyboard: Keyboard) -> None:
    """With those that there are."""
    keyboard("--profile", "work", "config", "set", "output", "x")

    out, _ = keyboard("--profile", "wrok", "doctor", code=1)

    assert "There is no profile 'wrok'. Did you mean work?" in out


def test_a_file_with_keys_that_others_can_read_is_broken(keyboard: Keyboard) -> None:
    """Also where another provider's key is the one in it."""
    home = keyboard.folder / "home"
    home.mkdir()
    (home / "config.toml").write_text('[profiles.work.keys]\nacme = "sesame"\n')
    (home / "config.toml").chmod(0o644)

    found = checks(keyboard, code=1)["config"]

    assert (found["state"], found["mend"]) == (BROKEN, f"chmod 600 {home / 'config.toml'}")


def test_what_is_set_for_nobody_is_noted(keyboard: Keyboard) -> None:
    """It may be a misspelt name."""
    home = keyboard.folder / "home"
    home.mkdir()
    (home / "config.toml").write_text('[caps.vpa]\nday = "1 USD"\n')

    out, _ = keyboard("doctor")

    assert "caps.vpa.day: There is no provider 'vpa'. Did you mean vap?" in out
    assert "`taskferry config unset caps.vpa.day`" in out


def test_a_key_that_hides_the_profiles_is_noted(keyboard: Keyboard) -> None:
    """Jobs would be billed to another account than one thinks."""
    home = keyboard.folder / "home"
    home.mkdir()
    (home / "config.toml").write_text('[profiles.work.keys]\nvap = "sesame"\n')
    (home / "config.toml").chmod(0o600)

    out, _ = keyboard("--profile", "work", "doctor")

    assert "It goes before the key of the profile work: unset VAP_API_KEY to use that one." in out


def test_a_folder_for_files_that_cannot_be_used_is_noted(keyboard: Keyboard) -> None:
    """Before a job is paid for."""
    (keyboard.folder / "taken").write_text("no folder")
    keyboard("config", "set", "output", str(keyboard.folder / "taken"))

    found = checks(keyboard)["config"]

    assert found["state"] == NOTE
    assert "Make the folder of `output`" in found["mend"]


def test_a_clock_that_went_back_is_noticed_without_a_network(keyboard: Keyboard) -> None:
    """By the newest task, and by taskferry's own files."""
    keyboard("submit", "vap/image", "prompt=a fox")
    home = Path(os.environ["TASKFERRY_HOME"])
    now = time.time()

    assert check_clock(home).state == FINE
    before = check_clock(home, now - 3600)
    assert (before.state, "before the newest task was made" in before.detail) in ((NOTE, True), (BROKEN, False))
    long_ago = check_clock(home, 0.0)
    assert long_ago.state == BROKEN
    assert long_ago.detail == "1970-01-01 00:00 UTC, before taskferry was installed"
