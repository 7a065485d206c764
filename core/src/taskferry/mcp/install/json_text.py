"""Sets one member in a JSON text, comments and all, and leaves every other character as it is."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from attrs import frozen

_TOKEN = re.compile(r'\s*("(?:[^"\\\n]|\\.)*"|//[^\n]*|/\*.*?\*/|[{}\[\],:]|[^\s{}\[\],:"/]+|\Z)', re.DOTALL)
_INDENT = re.compile(r"\n([ \t]+)\"")


class NotJson(ValueError):
    """The text is not JSON, comments and trailing commas allowed, with an object at its top."""


@frozen
class _Token:
    start: int
    end: int
    text: str


def parse(text: str) -> dict[str, Any]:
    """Give the object of a text; an empty text is an empty object; raise NotJson."""
    tokens = [token.text for token in _tokens(text)]
    kept = [one for one, after in pairwise([*tokens, ""]) if one != "," or after not in ("}", "]")]
    try:
        value = json.loads(" ".join(kept) or "{}")
    except json.JSONDecodeError as error:
        raise NotJson(_where(text, error)) from error
    if not isinstance(value, dict):
        raise NotJson("it holds no object")
    return value


def with_member(text: str, path: Sequence[str], value: Mapping[str, Any]) -> str:
    """Give the text with `value` at `path`; raise NotJson, also where something else than an object is on the way."""
    parse(text)
    if not text.strip():
        text = "{}\n"
    indent = found[1] if (found := _INDENT.search(text)) else "  "
    tokens = list(_tokens(text))
    at = 0
    for depth, key in enumerate(path):
        if tokens[at].text != "{":
            raise NotJson(f"{'.'.join(path[:depth])} is not an object")
        place = _value_of(tokens, at, key)
        if place is None:
            return _insert(text, tokens, at, depth, indent, _nested(path[depth:], value))
        at = place
    end = _end_of(tokens, at)
    return text[: tokens[at].start] + _lines(value, indent, len(path)) + text[tokens[end].end :]


def one_line(value: Mapping[str, Any]) -> str:
    """Write a value as JSON in one line."""
    return json.dumps(value, ensure_ascii=False)


def _tokens(text: str) -> Iterator[_Token]:
    position = 1 if text.startswith("\ufeff") else 0
    while match := _TOKEN.match(text, position):
        if not match[1]:
            return
        if not match[1].startswith(("//", "/*")):
            yield _Token(match.start(1), match.end(1), match[1])
        position = match.end()
    raise NotJson(f"line {text.count(chr(10), 0, position) + 1} cannot be read")


def _value_of(tokens: Sequence[_Token], at: int, key: str) -> int | None:
    """Give where the value of a key starts, in the object that starts at `at`."""
    position = at + 1
    while tokens[position].text != "}":
        if json.loads(tokens[position].text) == key:
            return position + 2
        position = _end_of(tokens, position + 2) + 1
        if tokens[position].text == ",":
            position += 1
    return None


def _end_of(tokens: Sequence[_Token], at: int) -> int:
    """Give the last token of the value that starts at `at`."""
    open_ = 0
    for position in range(at, len(tokens)):
        open_ += {"{": 1, "[": 1, "}": -1, "]": -1}.get(tokens[position].text, 0)
        if open_ == 0:
            return position
    raise NotJson("it ends too early")


def _insert(text: str, tokens: Sequence[_Token], at: int, depth: int, indent: str, member: Mapping[str, Any]) -> str:
    """Put a member first, so that no line of another's has to change."""
    [(key, value)] = member.items()
    empty = tokens[at + 1].text == "}"
    start = tokens[at].end
    line = f"\n{indent * (depth + 1)}{json.dumps(key)}: {_lines(value, indent, depth + 1)}"
    rest = text[start:]
    if empty:
        end = f"\n{indent * depth}"
        return text[:start] + line + (end + rest.lstrip() if rest.lstrip().startswith("}") else rest)
    after = "" if rest.lstrip(" \t").startswith(("\r", "\n")) else f"\n{indent * (depth + 1)}"
    return f"{text[:start]}{line},{after}{rest.lstrip(' ') if after else rest}"


def _nested(path: Sequence[str], value: Mapping[str, Any]) -> Mapping[str, Any]:
    for key in reversed(path):
        value = {key: value}
    return value


def _lines(value: Any, indent: str, depth: int) -> str:
    return json.dumps(value, indent=indent, ensure_ascii=False).replace("\n", "\n" + indent * depth)


def _where(text: str, error: json.JSONDecodeError) -> str:
    """Say where, in the text itself where it is plain JSON without comments."""
    try:
        json.loads(text)
    except json.JSONDecodeError as plain:
        return f"line {plain.lineno}, column {plain.colno}: {plain.msg}"
    return error.msg
