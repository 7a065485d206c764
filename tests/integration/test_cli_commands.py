"""Making and following jobs at the keyboard: what goes to stdout, what to stderr, and the exit code."""

from __future__ import annotations

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


def test_run_prints_the_files_and_nothing_else(keyboard: Keyboard) -> None:
    """Paths and sizes on stdout, progress as plain lines on stderr."""
    out, err = keyboard("run", "vap/image", "prompt=a red fox", "-o", "out")

    (line,) = out.splitlines()
    path = keyboard.folder / line.split("  ")[0]
    assert path.is_relative_to(keyboard.folder / "out")
    assert path.parent.name.startswith("a-red-fox-")
    assert path.stat().st_size > 1000
    assert "\x1b" not in out + err
    assert err.splitlines()[-1].split("  ")[2] == "succeeded"


def test_run_as_json_is_one_document(keyboard: Keyboard) -> None:
    """Without -o the file lies in the home, never in the working folder."""
    document = keyboard.json("run", "vap/image", "prompt=a red fox")

    assert list(document) == ["tasks"]
    (task,) = document["tasks"]
    assert (task["provider"], task["operation"], task["status"]) == ("vap", "vap/image", "succeeded")
    assert task["cost"] == {"estimated": "0.1800", "actual": "0.1800", "unit": "USD"}
    (artifact,) = task["artifacts"]
    assert artifact["kind"] == "image"
    path = Path(artifact["path"])
    assert path.is_relative_to(keyboard.folder / "home" / "files")
    assert path.stat().st_size == artifact["size"]


@pytest.mark.parametrize(
    ("token", "code", "status"),
    [
        ("[[fail:boom]]", 1, "failed"),
        ("[[moderated]]", 1, "moderated"),
        ("[[no-output]]", 1, "failed"),
        ("[[refuse:402]]", 4, "refused"),
        ("[[lost-reply]]", 5, "unconfirmed"),
    ],
)
def test_each_end_has_its_exit_code(keyboard: Keyboard, token: str, code: int, status: str) -> None:
    """The same with and without --json, and `status` says it again later."""
    (task,) = keyboard.json("run", "vap/image", f"prompt=x {token}", code=code)["tasks"]

    assert task["status"] == status
    _, err = keyboard("run", "vap/image", f"prompt=y {token}", code=code)
    assert f"  {status}: " in err.splitlines()[-1]
    assert keyboard.json("status", task["id"], code=code)["tasks"] == [task]


def test_wrong_parameters_are_all_named_and_nothing_is_sent(keyboard: Keyboard) -> None:
    """Exit code 2, for scripts with path, value and message."""
    document = keyboard.json("run", "vap/video", "prompt=waves", "duration=5", "colour=red", "generate_audio=1", code=2)

    error = document["error"]
    assert error["kind"] == "invalid_parameters"
    assert {problem["path"] for problem in error["problems"]} == {"duration", "colour", "generate_audio"}
    assert keyboard.creates() == 0


def test_a_job_above_the_cap_is_not_sent(keyboard: Keyboard) -> None:
    """The cap and the price are named."""
    _, err = keyboard("run", "vap/image", "prompt=a fox", "--max-cost", "0.10 USD", code=2)

    assert "costs 0.18 USD, more than the cap of 0.1 USD" in err
    assert keyboard.creates() == 0


def test_a_missing_key_names_the_variable(keyboard: Keyboard, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before anything is kept."""
    monkeypatch.delenv("VAP_API_KEY")

    document = keyboard.json("run", "vap/image", "prompt=a fox", code=2)

    assert document["error"]["kind"] == "missing_key"
    assert "VAP_API_KEY" in document["error"]["message"]


def test_a_timeout_leaves_the_job_running(keyboard: Keyboard) -> None:
    """Exit code 3 and the command to go on with, which works."""
    out, err = keyboard("run", "vap/image", "prompt=x [[run:60]]", "--timeout", "5", code=3)

    task_id = err.split("taskferry resume ")[1].split("`")[0]
    assert out == ""
    (task,) = keyboard.json("resume", task_id)["tasks"]
    assert (task["id"], task["status"]) == (task_id, "succeeded")
    assert keyboard.creates() == 1


def test_submit_then_wait(keyboard: Keyboard) -> None:
    """Submit prints the id alone; the start of it is enough for wait."""
    out, err = keyboard("submit", "vap/image", "prompt=a fox", "-o", "out")
    task_id = out.strip()
    assert f"taskferry wait {task_id}" in err

    out, _ = keyboard("wait", task_id[:12])

    assert out.startswith("out/a-fox-")


def test_the_same_job_again_is_the_same_task(keyboard: Keyboard) -> None:
    """It is said, the files are put where they are wanted, and --again makes another."""
    first = keyboard.json("run", "vap/image", "prompt=a fox")["tasks"][0]

    out, err = keyboard("run", "vap/image", "prompt=a fox", "-o", "out")
    assert first["id"] in err
    assert "--again" in err
    assert (keyboard.folder / out.split("  ")[0]).is_file()
    assert keyboard.creates() == 1

    again = keyboard.json("run", "vap/image", "prompt=a fox", "--again")["tasks"][0]
    assert again["id"] != first["id"]


def test_list_shows_the_newest_first(keyboard: Keyboard) -> None:
    """As many as asked for, each with the command that it needs."""
    assert keyboard.json("list") == {"tasks": []}
    keyboard("submit", "vap/image", "prompt=first")
    keyboard("submit", "vap/image", "prompt=second [[lost-reply]]", code=5)

    out, _ = keyboard("list")

    header, second, first = out.splitlines()
    assert header.split() == ["ID", "OPERATION", "STATUS", "AGE", "COST", "PROMPT"]
    assert "unconfirmed" in second
    assert "≤ $0.18" in second
    assert "→ taskferry reconcile 01" in second
    assert "→ taskferry resume 01" in first
    assert [task["prompt"] for task in keyboard.json("list", "--limit", "1")["tasks"]] == ["second [[lost-reply]]"]


def test_status_looks_only_when_told(keyboard: Keyboard) -> None:
    """Plain status reads the ledger; --refresh asks the provider."""
    task_id = keyboard("submit", "vap/image", "prompt=x [[stuck]]")[0].strip()
    before = httpx.get(f"{keyboard.provider.base_url}/_sandbox/requests").json()["requests"]

    out, _ = keyboard("status", task_id, code=3)

    after = httpx.get(f"{keyboard.provider.base_url}/_sandbox/requests").json()["requests"]
    assert f"taskferry resume {task_id}" in out
    assert [one for one in after if one["kind"] == "read"] == [one for one in before if one["kind"] == "read"]
    assert keyboard.json("status", task_id, "--refresh", code=3)["tasks"][0]["status"] in ("queued", "running")


def test_watch_shows_what_is_under_way(keyboard: Keyboard) -> None:
    """Without an ID every unfinished task; nothing to watch is fine."""
    assert "Nothing is under way." in keyboard("watch")[1]
    keyboard("submit", "vap/image", "prompt=a fox")

    assert [task["status"] for task in keyboard.json("watch")["tasks"]] == ["succeeded"]


def test_resume_goes_on_with_everything(keyboard: Keyboard) -> None:
    """No job is sent a second time."""
    for prompt in ("a", "b"):
        keyboard("submit", "vap/image", f"prompt={prompt}")

    assert len(keyboard.json("resume", "--all")["tasks"]) == 2
    assert keyboard.json("resume")["tasks"] == []
    assert keyboard.creates() == 2
    keyboard("resume", "01ab", "--all", code=2)


def test_cancel_prints_what_became_of_it(keyboard: Keyboard) -> None:
    """One word on stdout."""
    task_id = keyboard("submit", "vap/image", "prompt=x [[stuck]]")[0].strip()

    out, err = keyboard("cancel", task_id, code=1)
    assert out == "unsupported\n"
    assert "billed" in err

    done = keyboard.json("run", "vap/image", "prompt=a fox")["tasks"][0]["id"]
    document = keyboard.json("cancel", done, code=1)
    assert (document["outcome"], document["tasks"][0]["id"]) == ("too_late", done)


def test_download_puts_the_files_where_they_are_wanted(keyboard: Keyboard) -> None:
    """Also for a task that still runs."""
    task_id = keyboard("submit", "vap/image", "prompt=a fox")[0].strip()

    (task,) = keyboard.json("download", task_id, "-o", "mine")["tasks"]

    path = Path(task["artifacts"][0]["path"])
    assert keyboard.folder / path == keyboard.folder / "mine" / path.name
    assert path.is_file()


def test_a_file_that_could_not_be_kept_is_6(keyboard: Keyboard) -> None:
    """The job is done and paid for; download tries again."""
    task_id = keyboard("submit", "vap/image", "prompt=x [[truncated-file*3]]")[0].strip()

    _, err = keyboard("wait", task_id, code=6)

    assert f"taskferry download {task_id} -o DIR" in err
    keyboard("download", task_id, "-o", "mine")
    assert len(list((keyboard.folder / "mine").iterdir())) == 1


def test_reconcile_settles_what_it_can(keyboard: Keyboard) -> None:
    """The job is found among the provider's latest and goes on; it is not made again."""
    keyboard("run", "vap/image", "prompt=x [[lost-reply]]", code=5)

    document = keyboard.json("reconcile")

    (found,) = document["reconciliations"]
    assert found["outcome"] == "adopted"
    assert document["tasks"][0]["id"] == found["task_id"]
    assert keyboard.json("resume", found["task_id"])["tasks"][0]["status"] == "succeeded"
    assert keyboard.creates() == 1
    assert "No task is unconfirmed." in keyboard("reconcile")[1]


def test_reconcile_leaves_the_decision_to_the_user(keyboard: Keyboard) -> None:
    """What cannot be told stays unconfirmed; giving it up ends it."""
    (task,) = keyboard.json("run", "vap/image", "prompt=x [[http:502]]", code=5)["tasks"]

    out, _ = keyboard("reconcile", task["id"], code=5)
    assert "ambiguous" in out
    assert "--abandon" in out

    assert keyboard.json("reconcile", task["id"], "--abandon")["reconciliations"][0]["outcome"] == "abandoned"
    keyboard("reconcile", "--abandon", code=2)
    keyboard("reconcile", task["id"], "--abandon", "--adopt", "1", code=2)
