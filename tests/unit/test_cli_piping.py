"""Ids that come from another command."""

from __future__ import annotations

import io
import json
import sys

import pytest

from taskferry import Token, UsageError
from taskferry.cli import piping


def test_ids_are_the_first_words_of_lines() -> None:
    """Also with Windows line ends and empty lines."""
    assert list(piping.ids_in("01jd\r\n\r\n01je  vap/image  queued\n")) == ["01jd", "01je"]


def test_ids_are_read_from_documents() -> None:
    """One after the other, as several commands print them; an error has none."""
    documents = [{"tasks": [{"id": "01jd"}, {"id": "01je"}]}, {"error": {"kind": "auth"}}, {"rows": [{"id": None}]}]

    text = "\n".join(json.dumps(one, indent=2) for one in documents)

    assert list(piping.ids_in(text)) == ["01jd", "01je"]


def test_a_token_is_handed_on() -> None:
    """As Python programs give it."""
    token = str(Token(task_id="01jd", provider="acme"))

    (found,) = piping.ids_in(token)

    assert json.loads(found) == json.loads(token)


def test_stdin_takes_the_place_of_a_dash(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without repeats."""
    monkeypatch.setattr(sys, "stdin", io.StringIO("\ufeff01je\n01jd\n"))

    assert piping.task_ids(["01jd", "-"]) == ["01jd", "01je"]


@pytest.mark.parametrize("text", ["", "\n", '{"error": {}}'])
def test_nothing_to_wait_for_is_an_error(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """The command before has failed, most likely."""
    monkeypatch.setattr(sys, "stdin", io.StringIO(text))

    with pytest.raises(UsageError, match="No task id came"):
        piping.task_ids(["-"])


def test_half_a_document_is_an_error() -> None:
    """Rather than a strange id."""
    with pytest.raises(UsageError, match="neither ids nor JSON"):
        list(piping.ids_in('{"tasks": ['))
