"""Expressions of cards: plain paths without a library, all others as JMESPath has them, and variables of a reply."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import jmespath
import pytest
from hypothesis import given
from hypothesis import strategies as st

from card_driving import answer
from taskferry.cards.expression import Every, ExpressionError, compile_expression

DOCUMENT = {
    "id": "7",
    "data": {"task": {"id": "8", "deep": {"er": 1}}, "items": [{"url": "a"}, {"url": None}, {"url": "c"}], "zero": 0},
    "a-b": {"c": "dashed"},
    "done": True,
    "error": {},
}
TEXTS = [
    "id",
    "data.task.id",
    "data.task.deep.er",
    "data.items[0].url",
    "data.items[-1].url",
    "data.items[9].url",
    "data.items[*].url",
    "data.items[].url",
    "data.items[?url == 'c'].url | [0]",
    '"a-b".c',
    "@",
    "nothing.at.all",
    "id.too.far",
    "error && 'failed' || data.task.id",
    "!done && 'running' || 'done'",
    "data.zero && 'zero is true'",
    "data.zero == `0`",
    "done == `1`",
    "data.zero != `false`",
    "data.items[0] || id",
    "length(data.items)",
    "data.zero < `1`",
    "{a: id, b: done}",
    "[id, done]",
    "data.*",
    "data.items[1:].url",
]


@pytest.mark.parametrize("text", TEXTS)
def test_an_expression_finds_what_jmespath_finds(text: str) -> None:
    """Whether it was made a plain function or left to the library."""
    assert compile_expression(text).of(answer(), DOCUMENT) == jmespath.search(text, DOCUMENT)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 2) | st.floats(allow_nan=False) | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["id", "data", "items", "error", "done", "task", "url"]), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(document=JSON, text=st.sampled_from([text for text in TEXTS if "length" not in text]))
def test_they_agree_on_any_document(document: Any, text: str) -> None:
    """Also about what is true, what equals what, and what a list is."""
    assert compile_expression(text).of(answer(), document) == jmespath.search(text, document)


@pytest.mark.parametrize("text", ["length(data)", "data.task > `1`", "contains(id, `1`)", "ceil(id)", "join('', data)"])
def test_a_function_that_is_handed_a_wrong_type_finds_nothing(text: str) -> None:
    """A reply of any shape is read without an error."""
    assert compile_expression(text).of(answer(), {"data": 5, "id": "x"}) is None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("$http", 202),
        ("$header.X-Wait", "3"),
        ("$header.x-missing", None),
        ("$parameters.model", "fast"),
        ("$http == `202` && 'running' || state", "running"),
        ("state || $header.x-wait", "ready"),
        ("'$http'", "$http"),
    ],
)
def test_variables_stand_for_what_is_not_in_the_body(text: str, found: object) -> None:
    """HTTP status, headers by any case, parameters; within quotes they are text."""
    reply = answer({"state": "ready"}, 202, {"X-Wait": "3"})

    assert compile_expression(text).of(reply, reply.json, {"model": "fast"}) == found


def test_only_an_expression_that_uses_headers_makes_the_reply_one_whose_headers_were_read() -> None:
    """Looks that change nothing are told by the body alone, unless headers count."""
    reply = answer({"state": "ready"}, 202, {"X-Wait": "3"})

    compile_expression("$http").of(reply, reply.json)
    assert not reply.headers_read
    compile_expression("state || $header.x-wait").of(reply, reply.json)
    assert reply.headers_read


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("a.b[0].c", ("a", "b", 0, "c")),
        ("[-1]", (-1,)),
        ("outputs[*].url", ("outputs", Every.ITEM, "url")),
        ('"a-b"', ("a-b",)),
        ("@", ()),
        ("a || b", None),
        ("a[]", None),
        ("'text'", None),
    ],
)
def test_a_plain_path_has_steps(text: str, steps: object) -> None:
    """Samples are written along them."""
    assert compile_expression(text).steps == steps


@pytest.mark.parametrize("text", ["a.", "a..b", "a[", "$nothing", "$header", "", "a b", "nothing(a)(", "'open"])
def test_what_is_no_expression_is_told_at_once(text: str) -> None:
    """Not at the first look."""
    with pytest.raises(ExpressionError, match=r"expression|after a \$"):
        compile_expression(text)


def test_a_card_with_plain_paths_alone_never_loads_the_library() -> None:
    """Nobody pays for what their card does not use."""
    script = (
        "import sys; from taskferry.cards.expression import compile_expression as c; c('a.b[0].c'); c('a[*].b');"
        "c('$http'); sys.exit('jmespath' in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
