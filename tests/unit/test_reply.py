"""Replies: typed access that gives the asked type, the default, or MalformedReply, and nothing else."""

from __future__ import annotations

import json
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskferry import MalformedReply, Reply, dig

BODY = {
    "id": "7",
    "count": 3,
    "percent": 45,
    "ratio": 0.5,
    "ok": True,
    "nothing": None,
    "data": {"items": [{"url": "https://a"}, {"url": "https://b"}]},
}


def reply(body: object = BODY, **facts: Any) -> Reply:
    return Reply(200, json.dumps(body).encode(), **facts)


@pytest.mark.parametrize(
    ("path", "kind", "expected"),
    [
        ("id", str, "7"),
        ("count", int, 3),
        ("count", float, 3.0),
        ("ratio", float, 0.5),
        ("ok", bool, True),
        ("data.items.1.url", str, "https://b"),
        ("data.items.-1.url", str, "https://b"),
        ("data.items", list, BODY["data"]["items"]),
    ],
)
def test_at_gives_the_value_in_the_asked_type(path: str, kind: type, expected: object) -> None:
    """A whole number is also a float."""
    value = reply().at(path, kind)

    assert value == expected
    assert type(value) is kind


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("id", int),
        ("count", str),
        ("ok", int),
        ("ok", float),
        ("ratio", int),
        ("data", list),
        ("missing", str),
        ("nothing", str),
        ("data.items.2.url", str),
        ("data.items.url", str),
        ("id.deeper", str),
    ],
)
def test_at_raises_for_what_is_missing_or_of_another_type(path: str, kind: type) -> None:
    """And names the path."""
    with pytest.raises(MalformedReply, match=f"'{path}'"):
        reply().at(path, kind)


def test_a_default_stands_in_for_what_is_missing_or_null_but_not_for_a_wrong_type() -> None:
    """A provider that changes a type has to be noticed."""
    assert reply().at("missing", str, default="-") == "-"
    assert reply().at("nothing", str, default=None) is None
    with pytest.raises(MalformedReply):
        reply().at("count", str, default="-")


def test_a_scale_turns_per_cent_into_a_fraction() -> None:
    """Which is what progress is."""
    assert reply().at("percent", float, scale=100) == 0.45


@pytest.mark.parametrize("content", [b"", b"<html>", b"{", b"\xff\xfe\x00", b"[" * 100_000, b"1" * 5000])
def test_a_body_that_is_not_json_says_how_it_begins(content: bytes) -> None:
    """In a few clean letters."""
    with pytest.raises(MalformedReply, match="HTTP 200 came with a body that is not JSON") as caught:
        _ = Reply(200, content).json

    assert len(str(caught.value)) < 250


def test_a_number_too_large_for_a_float_is_malformed() -> None:
    """Not an OverflowError."""
    with pytest.raises(MalformedReply):
        Reply(200, b'{"progress": 1' + b"0" * 400 + b"}").at("progress", float)


KINDS = st.sampled_from([str, int, float, bool, list, dict])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)
PATHS = st.lists(st.sampled_from(["a", "b", "c", "0", "-1", "9", "-", "--1", "²", ""]), min_size=1, max_size=4)


@given(VALUES, PATHS.map(".".join), KINDS)
def test_at_raises_nothing_but_malformed_reply_for_any_body(body: object, path: str, kind: type) -> None:
    """And never gives another type than was asked for."""
    try:
        value = reply(body).at(path, kind)
    except MalformedReply:
        value = kind()

    assert type(value) is kind


@attrs.frozen
class Job:
    """What the reply should be."""

    id: str
    percent: float | None = None


@given(st.binary(max_size=60) | VALUES.map(lambda value: json.dumps(value).encode()))
def test_decode_raises_nothing_but_malformed_reply_for_any_bytes(content: bytes) -> None:
    """And gives a sound object otherwise."""
    try:
        job = Reply(200, content).decode(Job)
    except MalformedReply:
        job = Job("none")

    assert isinstance(job.id, str)


def test_decode_reads_attrs_classes() -> None:
    """What the class does not name is passed over."""
    assert reply().decode(Job) == Job("7", 45.0)


def test_dig_gives_none_where_a_path_leads_nowhere() -> None:
    """It never raises, whatever it is given."""
    assert dig(BODY, "data.items.0.url") == "https://a"
    assert [dig(value, "a.0") for value in (None, "text", 7, [], {"a": "b"}, {"a": []})] == [None] * 6


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("12", 12.0), ("0", 0.0), ("1.5", 1.5), ("-1", None), ("soon", None), ("nan", None), ("inf", None)],
)
def test_retry_after_is_a_finite_number_of_seconds(value: str, seconds: float | None) -> None:
    """Anything else says nothing."""
    assert Reply(429, b"", {"Retry-After": value}).retry_after == seconds


def test_header_names_are_found_in_small_letters_and_repr_shows_no_body() -> None:
    """Replies hold signed addresses."""
    answer = Reply(201, b'{"url": "https://cdn?sig=sesame"}', {"X-Request-Id": "r1"})

    assert answer.headers == {"x-request-id": "r1"}
    assert (answer.ok, repr(answer)) == (True, "<Reply 201, 33 bytes>")


@pytest.mark.parametrize(
    "content",
    [
        b'{"a": NaN, "b": [1e999, -Infinity]}',
        b'\xef\xbb\xbf{"a": 1}',
        '{"a": "\u00e9"}'.encode("utf-16"),
        b'["\\ud800", 123456789012345678901234567890, 0.1e-400]',
        b'{"a": 1, "a": 2}',
    ],
    ids=["nan", "byte order mark", "utf-16", "numbers", "twice"],
)
def test_json_reads_what_the_standard_library_reads(content: bytes) -> None:
    """The quick decoder refuses some of it."""
    assert repr(Reply(200, content).json) == repr(json.loads(content))


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(), st.lists) | st.binary())
def test_json_never_differs_from_the_standard_library(body: object) -> None:
    """Neither in what it gives nor in what it refuses."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    try:
        expected = repr(json.loads(content))
    except ValueError:
        expected = "refused"

    try:
        found = repr(Reply(200, content).json)
    except MalformedReply:
        found = "refused"

    assert found == expected


def test_a_reply_remembers_whether_its_headers_were_read() -> None:
    """What was made of it may then not follow from the body alone."""
    untouched, hint, names = (reply(headers={"Retry-After": "3"}, trace_headers=["retry-after"]) for _ in range(3))

    read = (untouched.json["id"], untouched.trace_id, hint.retry_after, names.headers["retry-after"])

    assert read == ("7", "3", 3.0, "3")
    assert [one.headers_read for one in (untouched, hint, names)] == [False, True, True]


def test_a_type_may_be_decoded_again_and_again() -> None:
    """Its decoder is kept; many types push the oldest out."""
    kinds = [attrs.make_class(f"Kind{number}", {"id": attrs.field(type=str)}) for number in range(300)]

    decoded = [reply().decode(kind).id for kind in [*kinds, *kinds]]

    assert set(decoded) == {"7"}
