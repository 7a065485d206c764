"""Places in a card's calls: what they become, and what is left out."""

from __future__ import annotations

from typing import Any

import pytest

from taskferry import AdapterError, MalformedReply
from taskferry.call import Purpose
from taskferry.cards.model import CallSpec
from taskferry.cards.template import CallTemplate, compile_path, names_in


def filled(body: Any, **places: Any) -> Any:
    return CallTemplate(CallSpec(method="post", path="/jobs", body=body), {}).body(places)


@pytest.mark.parametrize(
    ("path", "places", "made"),
    [
        ("/jobs", {}, "/jobs"),
        ("/jobs/{id}", {"id": "7f"}, "/jobs/7f"),
        ("/jobs/{id}", {"id": 7}, "/jobs/7"),
        ("/jobs/{id}/x", {"id": "a/b?c"}, "/jobs/a%2Fb%3Fc/x"),
        ("/{model}/{id}", {"model": "m 1", "id": ".."}, "/m%201/%2E%2E"),
        ("/{+name}:go", {"name": "models/fine/operations/7 8"}, "/models/fine/operations/7%208:go"),
        ("/{id}/{not a place}", {"id": "7"}, "/7/{not a place}"),
        ("{url}", {"url": "https://eu.acme.example/7?x=1"}, "https://eu.acme.example/7?x=1"),
        ("{url}", {"url": "/jobs/7"}, "/jobs/7"),
    ],
)
def test_a_path_is_filled_with_quoted_values(path: str, places: dict[str, Any], made: str) -> None:
    """A value stays in its place; `{+name}` keeps its slashes, and one place alone is an address."""
    assert compile_path(path)(places) == made


@pytest.mark.parametrize(
    ("path", "places"),
    [
        ("/jobs/{id}", {}),
        ("/jobs/{id}", {"id": ""}),
        ("/jobs/{id}", {"id": None}),
        ("/jobs/{id}", {"id": True}),
        ("/jobs/{id}", {"id": ["7"]}),
        ("/{model}/{id}", {"model": "m"}),
        ("/{+name}", {"name": "models/../../admin"}),
        ("/{+name}", {"name": "/models"}),
        ("/{+name}", {"name": "models//x"}),
        ("/{+name}", {}),
    ],
)
def test_a_path_with_a_place_that_nothing_plain_fills_is_never_called(path: str, places: dict[str, Any]) -> None:
    """It would be another address."""
    with pytest.raises(AdapterError):
        compile_path(path)(places)


@pytest.mark.parametrize("value", [None, "", "jobs/7", ".evil.example/", "@evil.example", 7, "javascript:1"])
def test_an_address_that_the_provider_gave_has_to_be_one(value: object) -> None:
    """It is never put behind the base URL's host."""
    with pytest.raises(MalformedReply, match="no address"):
        compile_path("{url}")({"url": value})


def test_a_place_alone_keeps_its_type_and_one_within_a_text_becomes_text() -> None:
    """Numbers, lists and booleans travel as they are."""
    body = {"n": "{n}", "list": "{list}", "text": "n is {n}, {yes}", "fixed": 1}

    assert filled(body, n=5, list=[1], yes=True) == {"n": 5, "list": [1], "text": "n is 5, true", "fixed": 1}


@pytest.mark.parametrize(
    ("body", "made"),
    [
        ({"a": "{missing}", "b": 1}, {"b": 1}),
        ({"a": "both {given} and {missing}"}, {}),
        ({"list": ["{missing}", "fixed"]}, {"list": ["fixed"]}),
        ({"list": ["{missing}"]}, {}),
        ({"frame": {"type": "image", "url": "{missing}"}}, {}),
        (
            {"frame": {"type": "image", "url": "{missing}", "text": "{given}"}},
            {"frame": {"type": "image", "text": "g"}},
        ),
        ({"content": [{"text": "{given}"}, {"url": {"url": "{missing}"}}]}, {"content": [{"text": "g"}]}),
        ({"instances": [{"prompt": "{given}", "image": {"data": "{missing}"}}]}, {"instances": [{"prompt": "g"}]}),
        ({"constant": {"a": {"b": []}}}, {"constant": {"a": {"b": []}}}),
    ],
)
def test_what_mentions_something_that_was_not_given_is_left_out(body: Any, made: Any) -> None:
    """A member, an item, and a table of which nothing was given; the body itself stays."""
    assert filled(body, given="g") == made


def test_query_and_headers_are_filled_too() -> None:
    """Query values are text; a header that mentions what is missing does not go."""
    spec = CallSpec(
        method="get",
        path="/jobs",
        query={"limit": 50, "newest": True, "id": "{id}"},
        headers={"X-Id": "{id}", "X-Tag": "{missing}"},
    )

    call = CallTemplate(spec, {"X-Version": "2"}).call({"id": 7}, Purpose.READ)

    assert (call.method, call.params) == ("GET", {"limit": "50", "newest": "true", "id": "7"})
    assert call.headers == {"X-Version": "2", "X-Id": "7"}


def test_a_query_with_a_place_that_nothing_fills_is_an_error() -> None:
    """Another question would be asked."""
    with pytest.raises(AdapterError, match="id"):
        CallTemplate(CallSpec(method="get", path="/jobs", query={"id": "{id}"}), {}).query({})


def test_a_place_within_a_text_takes_plain_values_only() -> None:
    """A table has no form there."""
    with pytest.raises(AdapterError, match="dict"):
        filled({"text": "a {table}"}, table={})


def test_all_places_of_a_template_are_named() -> None:
    """At any depth."""
    assert names_in({"a": ["{b} {c}", {"d": "{+e}"}], "f": 1}) == {"b", "c", "e"}
