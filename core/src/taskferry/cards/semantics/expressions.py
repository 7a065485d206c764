"""Expressions: each of them has to be JMESPath, or one of the few words of our own."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from taskferry.cards.expression import compile_expression
from taskferry.cards.schema import Finding, nearest
from taskferry.cards.semantics.places import PLACE
from taskferry.errors import UsageError
from taskferry.text import clean

Where = tuple[str | int, ...]
_QUOTED = re.compile(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|`(?:[^`\\]|\\.)*`""", re.DOTALL)
_PARAMETER = re.compile(r"\$parameters\.([A-Za-z0-9_]+)")
_FUNCTION = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)\s*\(")
_PREAMBLE = re.compile(r"^( is not an expression)?: ((Invalid|Bad) jmespath expression: )?")
_FETCH = ("status", "progress", "queue_position", "eta", "retry_after", "message", "code", "trace_id")
_TABLES: Mapping[str, tuple[str, ...]] = {
    "errors": ("message", "code", "suggestion", "when"),
    "recent": ("each", "remote", "created_at", "prompt", "type", "status"),
    "balance": ("available",),
    "upload": ("places",),
    "webhook": ("remote",),
}


def expression_problems(document: Mapping[str, Any]) -> Iterator[Finding]:
    """Find expressions that cannot be read."""
    for name, operation in document["operations"].items():
        path: Where = ("operations", name)
        submit, parameters = operation["submit"], operation.get("parameters", {})
        for where, text in _submit((*path, "submit"), submit):
            yield from _checked(where, text, parameters)
        if "fetch" in operation:
            yield from _all(fetch_expressions(operation["fetch"], (*path, "fetch")))
    yield from _all(fetch_expressions(document["fetch"], ("fetch",)))
    for table, keys in _TABLES.items():
        yield from _all(_of_keys(document.get(table, {}), keys, (table,)))
    result = document.get("upload", {}).get("result")
    if result is not None and not PLACE.search(result):
        yield from _checked(("upload", "result"), result)


def fetch_expressions(fetch: Mapping[str, Any], path: Where) -> Iterator[tuple[Where, str]]:
    """Give the expressions of a status call, each with its path."""
    yield from _of_keys(fetch, _FETCH, path)
    yield from _of_keys(fetch.get("cost", {}), ("at",), (*path, "cost"))
    yield from _artifacts(fetch, path)
    for place, hop in enumerate(fetch.get("then", ())):
        yield from _of_keys(hop, ("places",), (*path, "then", place))
        yield from _artifacts(hop, (*path, "then", place))


def is_media_type(text: str) -> bool:
    """Tell a media type itself, as `audio/mpeg`, from an expression of one."""
    return "/" in text


def _submit(path: Where, submit: Mapping[str, Any]) -> Iterator[tuple[Where, str]]:
    yield from _of_keys(submit, ("remote",), path)
    yield from _of_keys(submit.get("cost", {}), ("at",), (*path, "cost"))


def _artifacts(table: Mapping[str, Any], path: Where) -> Iterator[tuple[Where, str]]:
    for place, artifact in enumerate(table.get("artifacts", ())):
        keys = ("url", "each", "expires_at", *([] if is_media_type(artifact.get("media_type", "")) else ["media_type"]))
        yield from _of_keys(artifact, keys, (*path, "artifacts", place))


def _of_keys(table: Mapping[str, Any], keys: tuple[str, ...], path: Where) -> Iterator[tuple[Where, str]]:
    for key in keys:
        value = table.get(key)
        if isinstance(value, str):
            yield (*path, key), value
        elif isinstance(value, Mapping):
            yield from (((*path, key, name), inner) for name, inner in value.items())


def _all(expressions: Iterator[tuple[Where, str]]) -> Iterator[Finding]:
    for where, text in expressions:
        yield from _checked(where, text)


def _checked(where: Where, text: str, parameters: Mapping[str, Any] | None = None) -> Iterator[Finding]:
    shown = clean(text, 80)
    problem = _unreadable(text)
    if problem is not None:
        yield Finding(where, f'is "{shown}", which is no expression: {problem}')
        return
    for name in _PARAMETER.findall(_QUOTED.sub("", text)):
        if parameters is None:
            yield Finding(where, f'is "{shown}"; $parameters is known in a submit alone')
        elif name not in parameters:
            near = nearest(name, parameters)
            yield Finding(
                where,
                f'is "{shown}", and there is no parameter "{name}"',
                allowed=[f"$parameters.{one}" for one in parameters],
                nearest=None if near is None else f"$parameters.{near}",
            )


def _unreadable(text: str) -> str | None:
    """Say why an expression cannot be read; None if it can."""
    try:
        compile_expression(text)
    except UsageError as error:
        said = str(error).removeprefix(f"{text!r}").split(", for expression")[0].partition("\n")[0]
        return clean(_PREAMBLE.sub("", said).rstrip(": "), 160)
    except RecursionError:
        return "it is nested too deeply"
    return _unknown_function(_FUNCTION.findall(_QUOTED.sub("", text)))


def _unknown_function(names: Sequence[str]) -> str | None:
    if not names:
        return None
    from jmespath.functions import Functions  # only where one is used

    for name in names:
        if name not in Functions.FUNCTION_TABLE:
            near = nearest(name, Functions.FUNCTION_TABLE)
            return f"there is no function {name}()" + (f", did you mean {near}()?" if near else "")
    return None
