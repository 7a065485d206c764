"""Edits JSON bodies of sample replies: what is in them, and the same without a part or with another in its place."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from taskferry.errors import MalformedReply
from taskferry.reply import Reply

Path = tuple[str | int, ...]
"""Keys and list places from the body's top."""


def parts(body: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Yield every member and item of a body, those that hold others before what they hold."""
    inner: Any = body.items() if isinstance(body, dict) else enumerate(body) if isinstance(body, list) else ()
    for name, value in inner:
        yield (*path, name), value
        yield from parts(value, (*path, name))


def leaves(body: Any) -> Iterator[tuple[Path, Any]]:
    """Yield the values that hold no others."""
    return ((path, value) for path, value in parts(body) if not isinstance(value, dict | list))


def without(body: Any, path: Path) -> Any:
    """Give a copy of a body in which one part is missing."""
    copied = _copy(body)
    del _holder(copied, path)[path[-1]]
    return copied


def replaced(body: Any, path: Path, value: Any) -> Any:
    """Give a copy of a body in which one part is another."""
    copied = _copy(body)
    _holder(copied, path)[path[-1]] = value
    return copied


def mapped(body: Any, change: Callable[[Any], Any]) -> Any:
    """Give a copy of a body in which each value that holds no others is changed."""
    if isinstance(body, dict):
        return {name: mapped(value, change) for name, value in body.items()}
    return [mapped(value, change) for value in body] if isinstance(body, list) else change(body)


def at(body: Any, path: Path) -> Any:
    """Give the part of a body at a path that is there."""
    return _holder(body, path)[path[-1]]


def word_of(value: Any) -> str:
    """Give a value as the text that a table of words has: `true`, `202` and `done` alike."""
    return json.dumps(value) if isinstance(value, bool) else str(value)


def name_of(path: Path) -> str:
    """Write a path as `Reply.at` takes it."""
    return ".".join(map(str, path))


def json_of(reply: Reply) -> Any:
    """Give the decoded body; None where it is no JSON."""
    try:
        return fresh(reply).json
    except MalformedReply:
        return None


def with_body(reply: Reply, body: Any) -> Reply:
    """Give the same reply with another body: bytes as they are, anything else as JSON."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Reply(reply.status, content, headers_of(reply))


def fresh(reply: Reply) -> Reply:
    """Give a reply that nobody has read yet."""
    return Reply(reply.status, reply.content, headers_of(reply))


def headers_of(reply: Reply) -> Mapping[str, str]:
    """Give the headers that a reply was made with."""
    return dict(reply.headers)


def _copy(body: Any) -> Any:
    return json.loads(json.dumps(body))


def _holder(body: Any, path: Path) -> Any:
    for part in path[:-1]:
        body = body[part]
    return body
