"""Expressions of a card, made into functions once: plain paths cost what hand-written code does."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from functools import lru_cache
from typing import Any, TypeAlias

from attrs import frozen

from taskferry.cards.jmes import jmespath_read
from taskferry.errors import UsageError
from taskferry.reply import Reply

Read: TypeAlias = Callable[[Any], Any]
"""Gives what an expression finds in a document; None where it finds nothing."""


class ExpressionError(UsageError):
    """The text is no expression; the message says what is wrong with it."""


class Every(Enum):
    """The step of a path that stands for each item of a list."""

    ITEM = "[*]"


Step: TypeAlias = str | int | Every
_STEP = re.compile(
    r'(?P<dot>\.?)(?:(?P<name>[A-Za-z_][A-Za-z0-9_]*)|"(?P<quoted>[^"\\]+)")|\[(?P<place>-?[0-9]{1,9}|\*)\]'
)
_VARIABLE = re.compile(
    r"""(?P<text>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`(?:\\.|[^`\\])*`)"""
    r"|(?P<http>\$http)\b|\$header\.(?P<header>[A-Za-z0-9-]+)|\$parameters\.(?P<parameter>[A-Za-z_][A-Za-z0-9_]*)"
)
HTTP, HEADER, PARAMETERS = "$http", "$header", "$parameters"


@frozen(kw_only=True)
class Expression:
    """One expression, ready to be read with."""

    text: str
    steps: tuple[Step, ...] | None
    """Of a plain path through the document, which can also be written to; None for anything else."""
    variable: tuple[str, str] | None
    """The variable and its member where the whole expression is one: `("$header", "x-wait")`."""
    uses: frozenset[str]
    """Variables that it mentions; one that does is read in `scope`, not in the bare document."""
    read: Read

    def of(self, reply: Reply, document: Any, parameters: Mapping[str, Any] | None = None) -> Any:
        """Give what it finds in a reply whose document was decoded already."""
        return self.read(scope(reply, document, self.uses, parameters or {}) if self.uses else document)


@lru_cache(maxsize=2048)
def compile_expression(text: str) -> Expression:
    """Make an expression from its text; raise ExpressionError."""
    steps = plain_steps(text)
    if steps is not None:
        return Expression(text=text, steps=steps, variable=None, uses=frozenset(), read=path_read(steps))
    uses: set[str] = set()
    variables: list[tuple[str, str]] = []

    def quoted(match: re.Match[str]) -> str:
        if match["text"] is not None:
            return match["text"]
        name, member = _variable(match)
        uses.add(name)
        variables.append((name, member))
        return f'"{name}"."{member}"' if member else f'"{name}"'

    rewritten = _VARIABLE.sub(quoted, text)
    if "$" in _VARIABLE.sub("", text):
        raise ExpressionError(f"{text!r}: after a $ there is one of http, header.NAME and parameters.NAME.")
    whole = _VARIABLE.fullmatch(text.strip())
    if whole is not None and variables:
        name, member = variables[0]
        read = path_read((name, member) if member else (name,))
        return Expression(text=text, steps=None, variable=(name, member), uses=frozenset(uses), read=read)
    try:
        read = jmespath_read(rewritten)
    except ValueError as error:  # jmespath's own errors are ValueErrors
        raise ExpressionError(f"{text!r} is not an expression: {' '.join(str(error).split())}") from error
    return Expression(text=text, steps=None, variable=None, uses=frozenset(uses), read=read)


def scope(reply: Reply, document: Any, uses: frozenset[str], parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Give the document with the variables beside its members; headers are looked at only where they are used."""
    members = dict(document) if isinstance(document, dict) else {}
    members[HTTP] = reply.status
    members[PARAMETERS] = dict(parameters)
    if HEADER in uses:
        members[HEADER] = dict(reply.headers)
    return members


def plain_steps(text: str) -> tuple[Step, ...] | None:
    """Take a plain path apart (`data.items[0].url`, `outputs[*].url`, `@`); None for anything else."""
    text = text.strip()
    if text == "@":
        return ()
    steps: list[Step] = []
    at = 0
    while at < len(text):
        match = _STEP.match(text, at)
        if match is None:
            return None
        place, name = match["place"], match["name"] or match["quoted"]
        if place is None and (match["dot"] == "") != (at == 0):
            return None
        steps.append(name if place is None else Every.ITEM if place == "*" else int(place))
        at = match.end()
    return tuple(steps) or None


def path_read(steps: Sequence[Step]) -> Read:
    """Make the function that follows a path, as straight as its shape allows."""
    if Every.ITEM in steps:
        before = steps.index(Every.ITEM)
        return _each(path_read(steps[:before]), path_read(steps[before + 1 :]))
    keys = [step for step in steps if isinstance(step, str)]
    if len(keys) != len(steps) or len(keys) >= len(_KEYS):
        return _walk(steps)
    return _KEYS[len(keys)](*keys)


def _itself() -> Read:
    return lambda value: value


def _one(key: str) -> Read:
    return lambda value: value.get(key) if value.__class__ is dict else None


def _two(first: str, second: str) -> Read:
    def read(value: Any) -> Any:
        inner = value.get(first) if value.__class__ is dict else None
        return inner.get(second) if inner.__class__ is dict else None

    return read


_KEYS: Sequence[Callable[..., Read]] = (_itself, _one, _two)


def _walk(steps: Sequence[Step]) -> Read:
    def read(value: Any) -> Any:
        for step in steps:
            if value.__class__ is dict and step.__class__ is str:
                value = value.get(step)
            elif value.__class__ is list and isinstance(step, int) and -len(value) <= step < len(value):
                value = value[step]
            else:
                return None
        return value

    return read


def _each(before: Read, after: Read) -> Read:
    def read(value: Any) -> Any:
        items = before(value)
        if items.__class__ is not list:
            return None
        return [found for item in items if (found := after(item)) is not None]

    return read


def _variable(match: re.Match[str]) -> tuple[str, str]:
    if match["http"]:
        return HTTP, ""
    return (HEADER, match["header"].lower()) if match["header"] else (PARAMETERS, match["parameter"])
