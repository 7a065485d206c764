"""A known key goes every way there is and is looked for afterwards, wherever things are shown, logged or kept."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from canary import KEYS, MARK, all_levels, files_with_it, holds, logs_with_it, objects_in_reach, shown, told
from cli_keyboard import SPEED, Keyboard, set_up
from mcp_desk import Desk, submit
from taskferry import Ferry, UsageError
from taskferry.cli import errors
from taskferry.cli.commands import list as list_command
from taskferry.credentials import Secret, find_key
from taskferry.sandbox import Running, running
from taskferry_vap.adapter import VapAdapter

STAND_INS = {"vap": "taskferry_vap.sandbox:stand_in", "tripo": "taskferry_tripo.sandbox:stand_in"}
JOBS = {"vap": "vap/image", "tripo": "tripo/text-to-image"}
ENDS = {
    "": 0,
    "[[fail:boom]]": 1,
    "[[refuse:401]]": 4,
    "[[lost-reply]]": 5,
    "[[read-http:502*2]]": 0,
    "[[http:502]]": 5,
}


@pytest.fixture(scope="module")
def servers() -> Iterator[Mapping[str, Running]]:
    """Both providers, much faster than real ones."""
    with running(STAND_INS, speed=SPEED) as found:
        yield found


@pytest.fixture
def keyboard(servers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys, caplog) -> Keyboard:
    """A keyboard in an empty home where both keys are the known one and every logger says all."""
    made = set_up(servers["vap"], tmp_path, monkeypatch, capsys)
    for name, value in {**servers["tripo"].env, "VAP_API_KEY": KEYS["vap"], "TRIPO_API_KEY": KEYS["tripo"]}.items():
        monkeypatch.setenv(name, value)
    all_levels(caplog)
    return made


@pytest.mark.parametrize("provider", STAND_INS)
@pytest.mark.parametrize(("token", "code"), ENDS.items(), ids=lambda value: str(value))
def test_commands_that_make_jobs_tell_nothing(
    keyboard: Keyboard, caplog: pytest.LogCaptureFixture, provider: str, token: str, code: int
) -> None:
    """Whatever the end: stdout, stderr, logs, the ledger's files and the kept results."""
    out, err = keyboard("run", JOBS[provider], f"prompt=a fox {token}", "--json", code=code)

    assert json.loads(out)["tasks"]
    assert not holds(out, err)
    assert logs_with_it(caplog.records) == []
    assert files_with_it(keyboard.folder) == []


def test_commands_that_show_tell_nothing(keyboard: Keyboard, caplog: pytest.LogCaptureFixture) -> None:
    """Every list, report and export, as text and as JSON."""
    (task,) = keyboard.json("run", "vap/image", "prompt=a fox")["tasks"]
    keyboard("run", "tripo/text-to-image", "prompt=a fox")
    commands = [
        ["list"], ["status", task["id"]], ["status", task["id"], "--refresh"], ["spend"], ["balance"], ["doctor"],
        ["providers"], ["operations", "vap"], ["estimate", "vap/image", "prompt=x"], ["gc", "--keep-last", "9"],
        ["ledger", "check"],
    ]  # fmt: skip

    for command in commands:
        for more in ([], ["--json"]):
            assert not holds(*keyboard(*command, *more)), command
    keyboard("ledger", "export", str(keyboard.folder / "out.jsonl"))
    keyboard("ledger", "backup", str(keyboard.folder / "copy.sqlite3"))

    assert (keyboard.folder / "out.jsonl").stat().st_size > 100
    assert files_with_it(keyboard.folder) == []
    assert logs_with_it(caplog.records) == []


def test_a_key_in_the_config_file_is_nowhere_else(
    keyboard: Keyboard, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It is used from there, and told of by its place alone."""
    monkeypatch.delenv("VAP_API_KEY")
    config = keyboard.folder / "home" / "config.toml"
    config.parent.mkdir(exist_ok=True)
    config.write_text(f'[keys]\nvap = "{KEYS["vap"]}"\n')
    config.chmod(0o600)

    out, err = keyboard("run", "vap/image", "prompt=a fox")
    doctor = keyboard("doctor", "--json")
    config.chmod(0o644)
    refused = keyboard("run", "vap/image", "prompt=another", code=2)

    assert not holds(out, err, *doctor, *refused)
    assert files_with_it(keyboard.folder) == ["home/config.toml"]
    assert logs_with_it(caplog.records) == []


def test_a_crash_report_tells_nothing(
    keyboard: Keyboard, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its traceback shows lines of code and no values, though the key is at hand in them."""

    def broken() -> None:
        key = find_key("vap", VapAdapter.service, explicit=None, environ=os.environ, home=keyboard.folder)
        headers = {"Authorization": f"Bearer {key.reveal() if key else ''}"}
        raise RuntimeError(f"a bug with {len(headers)} header")

    monkeypatch.setattr(list_command, "reading", broken)

    out, err = keyboard("list", "--parked", "--json", code=70)
    errors.report_defect(ValueError("another"), as_json=True)

    assert "RuntimeError: a bug with 1 header" in err
    assert not holds(out, err, *capsys.readouterr())


@pytest.mark.parametrize("key", [f"{MARK}\nX-Evil: 1", f"{MARK} blank", f"{MARK}é", f"{MARK}\x00"], ids=ascii)
def test_a_key_that_is_none_is_refused_without_being_shown(key: str) -> None:
    """A line end in it would make another header."""
    with pytest.raises(UsageError) as refused:
        Secret(key, "the test")

    assert not holds(told(refused.value))


async def test_nothing_in_reach_of_a_ferry_shows_it(servers, tmp_path: Path, caplog) -> None:
    """Text, JSON, pickle and attrs' own ways, of all objects while a job is under way, and the open ledger's files."""
    all_levels(caplog)
    environ = {**servers["vap"].env, **servers["tripo"].env, "VAP_API_KEY": "", "TRIPO_API_KEY": ""}
    async with Ferry(home=tmp_path, environ=environ, keys=KEYS, speed=SPEED) as ferry:
        tasks = [await ferry.submit(JOBS[name], prompt="a fox") for name in STAND_INS]
        outcomes = [await task.wait() for task in tasks]
        loose = [await ferry.balance("vap"), await ferry.spend(), *await ferry.recent(), *outcomes]
        tokens = [str(getattr(task, "token", task.id)) for task in tasks]
        found = list(objects_in_reach(ferry, ferry.engine, *tasks, *loose))

        showing = sorted({type(one).__name__ for one in found if holds(*shown(one))})
        kinds = {type(one).__name__ for one in found}
        kept = files_with_it(tmp_path)

    assert {"Ferry", "Engine", "Account", "Wire", "Secret", "FerryTask", "Record", "Snapshot"} <= kinds
    assert showing == []
    assert kept == []
    assert not holds(*tokens)
    assert logs_with_it(caplog.records) == []


async def test_an_agent_is_told_nothing(servers, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Tools, their results and their errors, in memory as over the wire."""
    all_levels(caplog)
    desk = Desk(tmp_path, servers["vap"])
    desk.environ |= {"VAP_API_KEY": KEYS["vap"], "TRIPO_API_KEY": KEYS["tripo"]}
    told_to_it: list[Any] = []
    async with desk.client() as client:
        told_to_it.append(await client.list_tools())
        for prompt in ("a fox", "x [[refuse:401]]", "x [[lost-reply]]", "x [[fail:boom]]"):
            result = await submit(client, prompt)
            told_to_it.append(result)
            if task_id := (result.structured_content or {}).get("id"):
                told_to_it.append(await client.call_tool("wait_task", {"task_id": task_id}))
        for name, arguments in {
            "list_tasks": {},
            "get_balance": {"provider": "vap"},
            "get_task": {"task_id": MARK[:4]},
        }.items():
            told_to_it.append(await client.call_tool(name, arguments))

    assert not holds(*(answer.model_dump_json() for answer in told_to_it))
    assert logs_with_it(caplog.records) == []
    assert files_with_it(tmp_path) == []


def test_the_search_finds_what_is_there(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The control: planted in a log, a file, a repr, a traceback and in base64, it is found."""
    all_levels(caplog)
    (tmp_path / "ledger.sqlite3-wal").write_bytes(b"\x00\xff" + KEYS["vap"].encode() + b"\x00")
    request = httpx.Request("GET", f"https://api.acme.example/?key={KEYS['vap']}")

    logging.getLogger("httpx").debug("sent %r", request.url.raw_path)
    logging.getLogger("httpx").debug("sent %s", "it", extra={"headers": {"Authorization": KEYS["vap"]}})
    basic = httpx.BasicAuth("user", KEYS["tripo"])._auth_header

    assert logs_with_it(caplog.records) == ["httpx", "httpx"]
    assert files_with_it(tmp_path) == ["ledger.sqlite3-wal"]
    assert holds(basic)
    assert holds(*shown({"key": KEYS["vap"]}))
    assert holds(told(ValueError(f"no {KEYS['vap']}")))
