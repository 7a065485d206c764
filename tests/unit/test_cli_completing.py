"""Completion at the keyboard: what a half-typed line can become, in each shell's own words."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from cli_records import record
from taskferry.cli.start import main
from taskferry.ledger import open_ledger

HEAVY = ("httpx", "rich", "pluggy", "taskferry.ferry", "taskferry.registry")


def completed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], line: str, shell: str) -> list[str]:
    """Give what a shell is told for a line, the cursor at its end."""
    monkeypatch.setenv("_TASKFERRY_COMPLETE", f"{shell}_complete")
    monkeypatch.setenv("COMP_LINE", line)
    assert main([]) == 0
    return capsys.readouterr().out.splitlines()


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("taskferry sta", "plain,status"),
        ("taskferry run vap/im", "plain,vap/image"),
        ("taskferry run vap/image --max", "plain,--max-cost"),
        ("taskferry submit vap/image pro", "part,prompt="),
        ("taskferry run vap/image 'prompt=a fox' asp", "part,aspect_ratio="),
        ("taskferry run vap/image aspect_ratio=16", "plain,aspect_ratio=16:9"),
        ("taskferry run vap/video generate_audio=y", "plain,generate_audio=yes"),
        ("taskferry run ./card.toml", "file,./card.toml"),
        ("taskferry list --status fail", "plain,failed"),
        ("taskferry list --columns id,coun", None),
        ("taskferry plugin ch", "plain,check"),
        ("taskferry completion fi", "plain,fish"),
        ("taskferry run no/such pro", None),
    ],
)
def test_a_half_typed_word_is_completed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], line: str, expected: str | None
) -> None:
    """Commands, operations, parameters, their values, options; nothing where there is nothing to say."""
    found = completed(monkeypatch, capsys, line, "bash")

    assert found[:1] == ([] if expected is None else [expected])


def test_a_parameter_is_offered_once(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """What is on the line already is not needed again."""
    found = completed(monkeypatch, capsys, "taskferry run vap/image prompt=x ", "bash")

    assert "part,quality=" in found
    assert "part,prompt=" not in found


def test_task_ids_come_with_what_they_are(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """From the ledger, where there is one."""
    monkeypatch.setenv("TASKFERRY_HOME", str(tmp_path))
    assert completed(monkeypatch, capsys, "taskferry wait 01", "fish") == []
    with open_ledger(tmp_path) as ledger:
        ledger.add(record())

    (found,) = completed(monkeypatch, capsys, "taskferry wait 01", "fish")

    assert found.startswith("plain,01jd3k5w0v7a4bz2m9q8r6t1xy\tacme/image running")
    assert completed(monkeypatch, capsys, "taskferry status 01", "zsh") == ["plain", "01jd3k5w0v7a4bz2m9q8r6t1xy"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_has_its_script(capsys: pytest.CaptureFixture[str], shell: str) -> None:
    """It asks in the way that is answered here."""
    assert main(["completion", shell]) == 0

    assert f"_TASKFERRY_COMPLETE={shell}_complete" in capsys.readouterr().out


def test_an_unknown_shell_is_answered_with_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    """As any name."""
    assert main(["completion", "zhs"]) == 2

    assert "Did you mean zsh" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("taskferry run vap/image aspect_ratio=16", "16:9"),
        ("taskferry run vap/image aspect_ratio=16:", "9"),
        ("taskferry run vap/image qual", "quality="),
        ("taskferry can", "cancel"),
    ],
)
def test_bash_is_given_what_is_missing(tmp_path: Path, line: str, expected: str) -> None:
    """Bash parts words at `=` and `:`, and wants only what comes behind the last of them."""
    script = tmp_path / "completion.bash"
    command = Path(sys.executable).parent / "taskferry"
    script.write_text(
        subprocess.run([command, "completion", "bash"], capture_output=True, text=True, check=True).stdout
    )
    ask = f"source {script}; COMP_LINE='{line}' COMP_POINT={len(line)}; _taskferry_completion {command}"

    answer = subprocess.run(
        ["bash", "-c", f'{ask}; printf "%s\\n" "${{COMPREPLY[@]}}"'], capture_output=True, text=True, check=True
    )

    assert answer.stdout.splitlines()[:1] == [expected]


@pytest.mark.parametrize("line", ["taskferry ", "taskferry wait 01", "taskferry list --st"])
def test_completing_loads_nothing_heavy(line: str, tmp_path: Path) -> None:
    """No plugin is asked, and no HTTP client loaded, for what plugins have no say in."""
    code = (
        "import sys; from taskferry.cli.start import main; main([])\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    environ = {**os.environ, "_TASKFERRY_COMPLETE": "bash_complete", "COMP_LINE": line, "TASKFERRY_HOME": str(tmp_path)}

    out = subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True, text=True, check=True).stdout

    assert out.splitlines()[-1] == "[]"
