"""The lines that a worker says: JSON or text, one each, and none of them with a secret."""

from __future__ import annotations

import json
import logging
import sys
from typing import Any

import pytest

from taskferry.worker.logs import Form, Lines

KEY = "sesame-open-42"


def record(message: str, *, error: BaseException | None = None, **more: Any) -> logging.LogRecord:
    told = None if error is None else (type(error), error, error.__traceback__)
    made = logging.LogRecord("taskferry", logging.WARNING, __file__, 1, message, (), told)
    made.__dict__.update(more)
    return made


def raised(text: str) -> BaseException:
    try:
        raise ValueError(text)
    except ValueError:
        error = sys.exc_info()[1]
        assert error is not None
        return error


def test_a_line_of_json_has_time_level_message_and_task() -> None:
    """And what else was told of it."""
    line = Lines("json").format(record("it was slow", task="01jd", fields={"seconds": 3}))

    told = json.loads(line)
    assert (told["level"], told["logger"], told["message"]) == ("warning", "taskferry", "it was slow")
    assert (told["task"], told["seconds"]) == ("01jd", 3)
    assert told["time"].endswith("Z")
    assert "\n" not in line


@pytest.mark.parametrize("form", ["json", "text"])
def test_no_secret_is_said(form: Form) -> None:
    """Not in a message, not in a traceback, whoever wrote it."""
    lines = Lines(form)
    lines.hide([KEY, None, "", "abc"])

    said = lines.format(record(f"refused: {KEY}, abc", error=raised(f"no {KEY}")))

    assert KEY not in said
    assert "refused: ***, abc" in said
    assert "ValueError: no ***" in said


def test_a_text_of_a_provider_takes_no_line_of_its_own() -> None:
    """Nor does it move the cursor."""
    line = Lines("text").format(record("a word:\nERROR all is lost\x1b[2J", fields={"slots": 2}))

    assert "\n" not in line
    assert "\x1b" not in line
    assert line.endswith("slots=2")
    assert "WARNING a word: ERROR all is lost" in line
