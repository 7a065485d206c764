"""Calls: what they are for, and how places in a path are filled."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskferry import AdapterError, Call, FilePart
from taskferry.call import Purpose, fill


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ("7f-3a", "/jobs/7f-3a"),
        (42, "/jobs/42"),
        ("a b", "/jobs/a%20b"),
        ("a/b?c#d&e", "/jobs/a%2Fb%3Fc%23d%26e"),
        ("../admin", "/jobs/..%2Fadmin"),
        ("..", "/jobs/%2E%2E"),
        (".", "/jobs/%2E"),
        ("%2e%2e", "/jobs/%252e%252e"),
        ("{id}", "/jobs/%7Bid%7D"),
        ("é", "/jobs/%C3%A9"),
        ("a\r\nHost: evil", "/jobs/a%0D%0AHost%3A%20evil"),
    ],
)
def test_a_value_fills_one_place_and_never_leaves_it(value: str | int, path: str) -> None:
    """Whatever a provider calls its jobs, it cannot lead to another address."""
    assert Call.get("/jobs/{id}", id=value).path == path


@given(st.text(min_size=1))
def test_any_text_stays_one_part_of_the_path(text: str) -> None:
    """It comes back whole when the path is taken apart as servers do."""
    filled = fill("/jobs/{id}/files", {"id": text})

    assert filled.count("/") == 3
    assert not {"?", "#", "\\"} & set(filled)
    assert filled.split("/")[2] not in (".", "..")
    assert unquote(filled.split("/")[2], errors="surrogatepass") == text


@pytest.mark.parametrize("value", [None, True, 1.5, ["a"], {"a": 1}, ""])
def test_a_value_that_is_not_plain_fills_nothing(value: object) -> None:
    """An empty one would turn a job's address into that of all jobs."""
    with pytest.raises(AdapterError, match="nothing plain fills"):
        Call.get("/jobs/{id}", id=value)


def test_a_place_that_nothing_fills_is_the_adapters_error() -> None:
    """Also where nothing at all was given."""
    with pytest.raises(AdapterError, match=r"'/jobs/\{id\}' has a place"):
        Call.get("/jobs/{id}", other="x")
    with pytest.raises(AdapterError, match=r"'/jobs/\{id\}' has a place"):
        Call.get("/jobs/{id}")


def test_a_whole_url_from_the_provider_is_taken_as_it_is() -> None:
    """Its braces are its own."""
    url = "https://poll.acme.example/{7}?sig=%2F"

    assert Call.get(url).path == url


def test_values_that_the_path_does_not_name_are_left_out() -> None:
    """A `remote` may hold more than one address needs."""
    remote = {"id": "7", "kind": "video", "tags": ["a"]}

    assert Call.get("/jobs/{id}", **remote).path == "/jobs/7"


FILE = FilePart(path=Path("fox.png"))


@pytest.mark.parametrize(
    ("call", "method", "purpose"),
    [
        (Call.get("/jobs"), "GET", Purpose.READ),
        (Call.query("/jobs", json={}), "POST", Purpose.READ),
        (Call.create("/jobs", json={}), "POST", Purpose.CREATE),
        (Call.post("/jobs", json={}), "POST", Purpose.CREATE),
        (Call.post("/jobs", json={}, free=True), "POST", Purpose.WRITE),
        (Call.write("DELETE", "/jobs/7"), "DELETE", Purpose.WRITE),
        (Call.upload("/files", FILE), "POST", Purpose.WRITE),
        (Call.upload("/files", FILE, whole_body=True), "PUT", Purpose.WRITE),
        (Call.upload("/files", FILE, method="PATCH"), "PATCH", Purpose.WRITE),
    ],
    ids=repr,
)
def test_each_constructor_says_what_the_call_does_at_the_provider(call: Call, method: str, purpose: Purpose) -> None:
    """A post that nobody marked as free counts as the billed one."""
    assert (call.method, call.purpose) == (method, purpose)


def test_a_file_travels_as_a_part_or_as_the_whole_body() -> None:
    """By reference: nothing is read while the call is made."""
    part, whole = Call.upload("/files", FILE), Call.upload("/files", FILE, whole_body=True)

    assert (part.files, part.body_file) == ((FILE,), None)
    assert (whole.files, whole.body_file) == ((), FILE)


def test_the_repr_shows_neither_query_nor_body() -> None:
    """A signed address keeps its signature to itself."""
    call = Call.get("https://cdn.acme.example/1.png?signature=sesame", headers={"x-key": "sesame"})

    assert repr(call) == "<Call read GET https://cdn.acme.example/1.png>"
