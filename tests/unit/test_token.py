"""Tokens: what a wait hands on so that any process can go on with the task."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskferry import Token, UsageError
from taskferry.task import new_id
from taskferry.token import VERSION, read_token


def test_a_token_is_versioned_json_that_names_the_task_and_nothing_secret() -> None:
    """It may go through queues and logs."""
    token = Token(task_id="01jd3", provider="acme")

    assert json.loads(str(token)) == {"taskferry": VERSION, "task": "01jd3", "provider": "acme"}


def test_a_token_and_a_plain_id_name_the_same_task() -> None:
    """With or without blanks around them."""
    task_id = new_id()

    assert read_token(str(Token(task_id=task_id, provider="acme"))) == task_id
    assert read_token(f" {task_id}\n") == task_id


def test_a_token_of_another_version_is_told_as_such() -> None:
    """A later taskferry wrote it."""
    with pytest.raises(UsageError, match="of version 2; this taskferry reads version 1"):
        read_token('{"taskferry": 2, "task": "01jd3"}')


@pytest.mark.parametrize("text", ["{", "{}", '{"taskferry": 1}', '{"task": "x"}', '{"taskferry": 1, "task": 7}', "{1}"])
def test_what_begins_as_a_token_and_is_none_is_a_usage_error(text: str) -> None:
    """Half a copy, above all."""
    with pytest.raises(UsageError):
        read_token(text)


@given(st.text() | st.text().map(lambda text: "{" + text) | st.dictionaries(st.text(), st.integers()).map(json.dumps))
def test_any_text_gives_a_text_or_a_usage_error(text: str) -> None:
    """Nothing else comes out of it."""
    try:
        read = read_token(text)
    except UsageError as error:
        read = str(error)

    assert isinstance(read, str)
