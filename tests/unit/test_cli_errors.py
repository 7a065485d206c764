"""What a person and a script get when a command cannot do its work."""

from __future__ import annotations

import io
import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from taskferry import Failure, FailureKind, InvalidParameters, Problem, ProviderError
from taskferry.cli import errors, output
from taskferry.cli.commands import list as list_command
from taskferry.cli.start import main


def failed(capsys: pytest.CaptureFixture[str]) -> tuple[dict[str, Any], str]:
    """Give the error of the document on stdout, and stderr."""
    captured = capsys.readouterr()
    document = json.loads(captured.out)
    assert set(document) == {"error"}
    return document["error"], captured.err


def test_wrong_usage_is_one_document_on_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    """Even when click could not read the line."""
    code = main(["wait", "--json"])

    error, stderr = failed(capsys)
    assert code == 2
    assert error == {"kind": "usage", "message": "Missing argument 'ID...'.", "problems": []}
    assert "Try `taskferry wait --help`." in stderr


def test_without_json_nothing_goes_to_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    """A script that reads stdout reads results only."""
    code = main(["wait"])

    captured = capsys.readouterr()
    assert code == 2
    assert captured.out == ""
    assert captured.err.startswith("Error: Missing argument")


def test_a_value_called_json_is_not_the_option(capsys: pytest.CaptureFixture[str]) -> None:
    """What follows `--` is no option."""
    main(["no-such-command", "--", "--json"])

    assert capsys.readouterr().out == ""


def test_an_error_keeps_its_kind(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """So that a script can tell an unknown task from a broken ledger."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TASKFERRY_HOME", str(tmp_path))
        code = main(["status", "01jd", "--json"])

    error, stderr = failed(capsys)
    assert code == 2
    assert error["kind"] == "unknown_name"
    assert error["message"] in stderr
    assert not list(tmp_path.iterdir())


def test_a_ledger_that_cannot_be_read_is_one_line(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """No traceback, the file left alone, and what to do next."""
    (tmp_path / "ledger.sqlite3").write_text("this is no ledger " * 100)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TASKFERRY_HOME", str(tmp_path))
        code = main(["list", "--status", "failed", "--json"])

    error, stderr = failed(capsys)
    assert code == 1
    assert error["kind"] == "ledger_corrupt"
    assert "Traceback" not in stderr


def test_invalid_parameters_list_every_problem() -> None:
    """With path, value and what is allowed; a path is JSON too."""
    problems = [Problem(path="duration", value=7, message="at most 6"), Problem(path="", value=Path("x"), message="no")]

    document = errors.error_document(InvalidParameters("acme/video", problems))

    assert document["error"]["kind"] == "invalid_parameters"
    assert document["error"]["problems"][0] == {"path": "duration", "value": 7, "message": "at most 6"}


def test_a_refusal_has_the_kind_of_its_failure() -> None:
    """With the provider's own code beside it."""
    document = errors.error_document(ProviderError(Failure.of(FailureKind.AUTH, "Wrong key.", code="1002")))

    assert document["error"]["kind"] == "auth"
    assert document["error"]["failure"]["code"] == "1002"


def test_a_defect_is_told_from_the_end_of_a_task(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A script must not take it for a failed job and pay again."""

    def broken() -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr(list_command, "reading", broken)

    code = main(["list", "--status", "failed", "--json"])

    error, stderr = failed(capsys)
    assert code == 70
    assert error["kind"] == "defect"
    assert "RuntimeError: a bug" in stderr


def test_ctrl_c_anywhere_is_130(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where nothing is waited for."""

    def interrupted() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(list_command, "reading", interrupted)

    code = main(["list", "--status", "failed", "--json"])

    error, _ = failed(capsys)
    assert code == 130
    assert error["kind"] == "interrupted"


def test_a_reader_that_has_gone_ends_the_command_quietly(monkeypatch: pytest.MonkeyPatch) -> None:
    """As `taskferry list | head -1` does."""
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w", encoding="utf-8") as gone, monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", gone)
        with pytest.raises(output.ReaderGone):
            output.say("x")
        os.dup2(os.open(os.devnull, os.O_WRONLY), writing)  # closing the file would fail as well


def test_notes_that_nobody_reads_stop_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The job matters more than what is said beside it."""

    class Gone(io.StringIO):
        def write(self, _: str) -> int:
            raise BrokenPipeError

    monkeypatch.setattr(sys, "stderr", Gone())

    output.note("first")
    output.note("second")

    assert not isinstance(sys.stderr, Gone)


def test_letters_that_a_terminal_lacks_are_replaced_by_plain_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    """And prompts show as escapes instead of stopping the command."""
    written = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written, encoding="ascii"))
    output.prepare_streams()

    output.say("01jd3k5w…  ≤ $1.96  狐  → taskferry resume")

    assert written.getvalue() == b"01jd3k5w.  <= $1.96  \\u72d0  -> taskferry resume\n"
