"""The small parts of the gallery: who it answers to, where it leads, what it hides, what it draws."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from starlette.types import Message, Receive, Scope, Send

from taskferry.errors import UsageError
from taskferry.web.guard import own_path
from taskferry.web.limits import BodyLimit
from taskferry.web.options import WebOptions
from taskferry.web.plots import Bars, bars
from taskferry.web.replies import SHOWN, shown_reply
from taskferry.web.session import Session

TOKEN = "a-token-of-some-length"


@pytest.mark.parametrize(
    ("options", "host", "answers"),
    [
        ({}, "127.0.0.1:8723", True),
        ({}, "localhost:8723", True),
        ({}, "LOCALHOST", True),
        ({}, "[::1]:8723", True),
        ({}, "evil.example:8723", False),
        ({}, "127.0.0.1.evil.example", False),
        ({}, "192.168.1.7:8723", False),
        ({}, "", False),
        ({}, "[", False),
        ({"names": ["Desk.example"]}, "desk.example:8723", True),
        ({"host": "0.0.0.0", "token": TOKEN}, "192.168.1.7:8723", True),
        ({"host": "0.0.0.0", "token": TOKEN}, "evil.example", False),
        ({"host": "desk.example", "token": TOKEN}, "desk.example:80", True),
    ],
    ids=str,
)
def test_it_answers_to_its_own_names_alone(options: dict[str, Any], host: str, answers: bool) -> None:
    """A page elsewhere can make a name of its own lead here, but no other."""
    assert WebOptions(**options).answers_to(host) is answers


@pytest.mark.parametrize(
    "options", [{"host": "0.0.0.0"}, {"host": "192.168.1.7"}, {"token": "short"}, {"token": "ü" * 20}]
)
def test_what_others_can_reach_needs_a_token_of_some_length(options: dict[str, Any]) -> None:
    """Said before anything listens, and without the token."""
    with pytest.raises(UsageError, match="token"):
        WebOptions(**options)


def test_a_token_is_in_no_repr() -> None:
    """Nor is the cookie's value made of it."""
    session = Session(TOKEN)

    assert TOKEN not in repr(WebOptions(token=TOKEN))
    assert TOKEN not in session.pass_word
    assert session.admits(session.pass_word)
    assert not Session(TOKEN).admits(session.pass_word)


@pytest.mark.parametrize(
    ("given", "place"),
    [
        ("/tasks/1?said=looked", "/tasks/1?said=looked"),
        ("https://evil.example/", "/"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("/a\r\nset-cookie: x", "/"),
        ("//[", "/"),
        ("", "/"),
    ],
)
def test_signing_in_leads_to_a_page_of_ours(given: str, place: str) -> None:
    """Whatever the address says."""
    assert own_path(given) == place


def test_a_raw_reply_is_shown_without_what_opens_files() -> None:
    """Signatures of addresses and values that are named as secrets are left out; the rest is indented."""
    reply = {
        "url": "https://cdn.example/1.png?X-Sig=abc",
        "api_key": "abc",
        "access_token": "abc",
        "tokens": 3,
        "key": 1,
    }

    shown = shown_reply(b"200\n" + json.dumps(reply).encode())

    assert shown.startswith("200\n{\n")
    assert "https://cdn.example/1.png?…" in shown
    assert "abc" not in shown
    assert '"tokens": 3' in shown


@pytest.mark.parametrize("raw", [b"<html>\xff\x00", b"[" * 100_000, b"x" * 1_000_000, b"[1" + b", 1" * 50_000 + b"]"])
def test_a_strange_reply_is_cut_and_shown_as_text(raw: bytes) -> None:
    """It may be of any length and need not be JSON."""
    shown = shown_reply(raw)

    assert len(shown) < SHOWN + 100
    assert "\x00" not in shown


def test_nothing_is_shown_of_no_reply() -> None:
    """As before the first look."""
    assert shown_reply(None) == ""


def test_bars_are_drawn_with_their_names_escaped() -> None:
    """Every part has its figure as text."""
    plot = Bars(title="Spend <by> day", unit="USD", labels=["11-20", "11-21"], series={"a&b": [1.5, 0], "c": [0.5, 2]})

    drawn = str(bars(plot))

    assert drawn.count("<rect") == 3
    assert "Spend &lt;by&gt; day" in drawn
    assert "11-20, a&amp;b: 1.5 USD" in drawn
    assert plot.total == 4
    assert "style=" not in drawn


@pytest.mark.parametrize("values", [[], [0.0], [1e-9], [1e12], [0.07] * 90])
def test_any_values_can_be_drawn(values: list[float]) -> None:
    """Also none, nothing, and very small or large ones."""
    drawn = str(
        bars(Bars(title="t", unit="s", labels=[str(number) for number, _ in enumerate(values)], series={"a": values}))
    )

    assert drawn.startswith("<svg")
    assert "nan" not in drawn


@pytest.mark.parametrize("headers", [[(b"content-length", b"11")], []], ids=["said", "unsaid"])
async def test_a_body_that_is_too_large_is_refused(headers: list[tuple[bytes, bytes]]) -> None:
    """By what it says, and by what comes."""
    sent: list[Message] = []

    async def reading(_: Scope, receive: Receive, __: Send) -> None:
        while (await receive()).get("more_body"):
            continue

    async def receive() -> Message:
        return {"type": "http.request", "body": b"123456", "more_body": True}

    async def send(message: Message) -> None:
        sent.append(message)

    scope: Mapping[str, Any] = {"type": "http", "method": "POST", "path": "/", "headers": headers}
    await BodyLimit(reading, largest=10)(dict(scope), receive, send)

    assert sent[0]["status"] == 413
