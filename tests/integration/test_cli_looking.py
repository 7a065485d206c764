"""What the other commands show: providers, operations, prices, balances, health, the demo and the stand-ins."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from cli_keyboard import SPEED, Keyboard, set_up
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


def test_providers_and_operations(keyboard: Keyboard) -> None:
    """Names as scripts rely on them; parameters as JSON Schema."""
    providers = {one["name"]: one for one in keyboard.json("providers")["providers"]}
    assert "vap/image" in providers["vap"]["operations"]
    assert providers["vap"]["key"] == "found in VAP_API_KEY of the environment"

    operations = {one["name"]: one for one in keyboard.json("operations")["operations"]}
    assert operations["vap/video"]["parameters"]["properties"]["duration"]["enum"] == [4, 6, 8]
    assert {name.partition("/")[0] for name in operations} >= {"vap", "tripo"}
    assert [one["name"] for one in keyboard.json("operations", "vap/image")["operations"]] == ["vap/image"]
    assert all(one["provider"] == "vap" for one in keyboard.json("operations", "vap")["operations"])
    assert keyboard.json("operations", "vap/vidoe", code=2)["error"]["kind"] == "unknown_name"


def test_one_operation_in_full(keyboard: Keyboard) -> None:
    """Every parameter with type, default and meaning, and a line to paste."""
    out, _ = keyboard("operations", "vap/video")

    assert "PARAMETER" in out
    assert "prompt*" in out
    assert "4 | 6 | 8" in out
    assert out.splitlines()[-1].startswith("taskferry run vap/video prompt=")


def test_estimate_needs_no_key(keyboard: Keyboard, monkeypatch: pytest.MonkeyPatch) -> None:
    """And sends nothing."""
    monkeypatch.delenv("VAP_API_KEY")

    assert keyboard("estimate", "vap/image", "prompt=a fox")[0] == "$0.18\n"
    document = keyboard.json("estimate", "vap/image", "prompt=a fox")
    assert document == {"operation": "vap/image", "cost": {"estimated": "0.18", "actual": None, "unit": "USD"}}


def test_balance(keyboard: Keyboard) -> None:
    """Of one provider, or of all that have a key."""
    (vap,) = keyboard.json("balance", "vap")["balances"]
    assert (vap["provider"], vap["unit"]) == ("vap", "USD")

    out, err = keyboard("balance")
    assert "$10000.00" in out
    assert "tripo: No key" in err


def test_a_wrong_key_is_refused(keyboard: Keyboard, monkeypatch: pytest.MonkeyPatch) -> None:
    """The key itself is never shown."""
    monkeypatch.setenv("VAP_API_KEY", "wrong!")

    out, err = keyboard("balance", "vap", "--json", code=4)

    assert json.loads(out)["error"]["kind"] == "auth"
    assert "wrong!" not in out + err


def test_doctor_finds_nothing_broken(keyboard: Keyboard) -> None:
    """A missing key is not broken, an unfinished task is worth a note; keys are never shown."""
    keyboard("submit", "vap/image", "prompt=x [[stuck]]")

    document = keyboard.json("doctor")

    checks = {check["name"]: check for check in document["checks"]}
    assert document["ok"] is True
    assert checks["key of vap"]["state"] == "ok"
    assert checks["key of tripo"]["state"] == "note"
    assert "sound" in checks["ledger"]["detail"]
    assert checks["tasks"]["detail"].startswith("1 unfinished (1 not watched)")
    assert os.environ["VAP_API_KEY"] not in json.dumps(document)


def test_doctor_names_what_is_broken(keyboard: Keyboard) -> None:
    """With exit code 1 and what to do about it."""
    (keyboard.folder / "home").mkdir()
    (keyboard.folder / "home" / "ledger.sqlite3").write_text("no ledger " * 1000)

    out, _ = keyboard("doctor", code=1)

    assert "broken  ledger" in out
    assert "Nothing was overwritten" in out


def test_demo_leaves_the_files_and_a_document(keyboard: Keyboard) -> None:
    """The user's own ledger is not touched."""
    document = keyboard.json("demo", "--out", "shown", "--speed", "100")

    assert document == json.loads((keyboard.folder / "shown" / "tasks.json").read_text())
    assert {artifact["kind"] for task in document["tasks"] for artifact in task["artifacts"]} >= {"image", "audio"}
    assert all(Path(artifact["path"]).is_file() for task in document["tasks"] for artifact in task["artifacts"])
    assert not (keyboard.folder / "home").exists()


def test_a_reader_that_leaves_early_sees_no_complaint(keyboard: Keyboard) -> None:
    """As `taskferry operations | head -1`."""
    command = subprocess.Popen(
        [sys.executable, "-m", "taskferry.cli.start", "operations"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert command.stdout is not None
    command.stdout.close()

    _, err = command.communicate(timeout=30)

    assert err == ""
    assert command.returncode == 141


def test_the_sandbox_serves_until_it_is_told_to_stop(keyboard: Keyboard) -> None:
    """One line of JSON as soon as it listens; SIGTERM ends it cleanly."""
    command = subprocess.Popen(
        [sys.executable, "-m", "taskferry.cli.start", "sandbox", "--json", "--speed", "10"],
        stdout=subprocess.PIPE,
        text=True,
    )
    with command:
        assert command.stdout is not None
        servers = json.loads(command.stdout.readline())
        answer = httpx.get(f"{servers['vap']['base_url']}/_sandbox/tasks")
        command.terminate()
        rest = command.stdout.read()

    assert answer.json() == {"tasks": []}
    assert set(servers["vap"]["env"]) >= {"TASKFERRY_VAP_BASE_URL", "VAP_API_KEY"}
    assert (rest, command.returncode) == ("", 0)
