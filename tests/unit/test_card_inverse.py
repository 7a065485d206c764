"""Requests read back into the values of a card's places, by what the card would have sent."""

from __future__ import annotations

from typing import Any

import pytest

from taskferry.sandbox.card.inverse import places_of, read, read_path

BODY = {
    "tag": "ferry {task_id}",
    "seed": "{seed}",
    "input": {"kind": "fixed", "picture": {"type": "url", "url": "{image}"}},
    "parts": [{"text": "{prompt}"}, {"picture": "{image}"}, "end"],
}
OPTIONAL = {"seed", "image", "prompt"}


def test_a_place_alone_gives_the_value_with_its_type() -> None:
    """A number stays one."""
    found = read("{seed}", 7, "body")

    assert found.values == {"seed": 7}
    assert found.wrong == []


def test_a_place_within_a_text_gives_its_part() -> None:
    """What stands around it has to be there."""
    found = read("ferry {task_id}!", "ferry t-1!", "body")

    assert found.values == {"task_id": "t-1"}


def test_a_whole_body_is_read() -> None:
    """Tables and lists at any depth, and the constants are counted."""
    sent = {
        "tag": "ferry t-1",
        "seed": 7,
        "input": {"kind": "fixed", "picture": {"type": "url", "url": "https://x.example/a.png"}},
        "parts": [{"text": "a fox"}, {"picture": "https://x.example/a.png"}, "end"],
    }

    found = read(BODY, sent, "body", OPTIONAL)

    assert found.wrong == []
    assert found.values == {"task_id": "t-1", "seed": 7, "image": "https://x.example/a.png", "prompt": "a fox"}
    assert found.fixed == 3


def test_what_mentions_a_parameter_that_was_not_given_may_be_missing() -> None:
    """Members of a table, whole tables with their constants, and items of a list."""
    sent = {"tag": "ferry t-1", "input": {"kind": "fixed"}, "parts": [{"text": "a fox"}, "end"]}

    found = read(BODY, sent, "body", OPTIONAL)

    assert found.wrong == []
    assert found.values == {"task_id": "t-1", "prompt": "a fox"}


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"tag": "ferry t-1", "input": {"kind": "other"}, "parts": ["end"]}, "body.input.kind is 'other'"),
        ({"tag": "ferry t-1", "input": {}, "parts": ["end"]}, "body.input.kind is missing"),
        ({"tag": "t-1", "input": {"kind": "fixed"}, "parts": ["end"]}, "body.tag is 't-1' instead of"),
        ({"tag": "ferry t-1", "input": {"kind": "fixed"}, "parts": []}, "body.parts[2] is missing"),
        ({"tag": "ferry t-1", "input": {"kind": "fixed"}, "parts": ["end", 1]}, "body.parts has 1"),
        ({"input": {"kind": "fixed"}, "parts": ["end"]}, "body.tag is missing"),
        ({"tag": "ferry t-1", "input": 3, "parts": ["end"]}, "body.input is 3 instead of a table"),
        ([], "body is [] instead of a table"),
    ],
)
def test_what_the_card_would_not_send_is_named(sent: Any, said: str) -> None:
    """Where it stands, what it is, and what it should be."""
    found = read(BODY, sent, "body", OPTIONAL)

    assert any(sentence.startswith(said) for sentence in found.wrong), found.wrong


@pytest.mark.parametrize(
    ("template", "path", "places"),
    [
        ("/jobs/{id}", "/jobs/j-1", {"id": "j-1"}),
        ("/jobs/{id}", "/jobs/a%2Fb", {"id": "a/b"}),
        ("/jobs/{id}", "/jobs/a/b", None),
        ("/{+app}/requests/{id}", "/fal/flux/dev/requests/r1", {"app": "fal/flux/dev", "id": "r1"}),
        ("/models/{model}:start", "/models/best:start", {"model": "best"}),
        ("/jobs", "/jobs/", None),
    ],
)
def test_a_path_is_read(template: str, path: str, places: dict[str, str] | None) -> None:
    """A place is one segment; one with a plus takes slashes too."""
    assert read_path(template, path) == places


def test_every_place_of_a_call_is_found() -> None:
    """In texts, tables and lists."""
    assert places_of(BODY) == {"task_id", "seed", "image", "prompt"}
