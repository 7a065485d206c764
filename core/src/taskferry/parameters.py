"""Checks a caller's parameters against an operation's schema before anything is sent; every problem at once."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Mapping
from functools import lru_cache
from os import PathLike
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from taskferry.errors import InvalidParameters, Problem
from taskferry.media import media_type_of
from taskferry.operation import Operation
from taskferry.text import clean


def validate(operation: Operation, given: Mapping[str, Any]) -> dict[str, Any]:
    """Give the parameters ready to keep and send; raise InvalidParameters with every problem.

    Values of None are left out as if they were not given. A path becomes a `file:` URL. Defaults are not filled in:
    what was not given is not sent.
    """
    try:
        parameters = {name: _plain(value) for name, value in given.items() if value is not None}
    except RecursionError as error:
        raise InvalidParameters(operation.name, [_too_deep(error)]) from error
    problems = [*_unknown(operation, parameters), *_schema(operation, parameters)]
    told = {problem.path for problem in problems}
    problems += [problem for problem in _media(operation, parameters) if problem.path not in told]
    if problems:
        raise InvalidParameters(operation.name, problems)
    return parameters


def local_file(value: object) -> Path | None:
    """Give the path of a parameter that is a local file; None for anything else."""
    if not isinstance(value, str) or not value.startswith("file:"):
        return None
    return Path(unquote(urlsplit(value).path))


def _plain(value: Any) -> Any:
    if isinstance(value, PathLike):
        return Path(value).expanduser().resolve().as_uri()
    if isinstance(value, Mapping):
        return {str(name): _plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value


def _unknown(operation: Operation, parameters: Mapping[str, Any]) -> Iterator[Problem]:
    known = operation.parameters.get("properties", {})
    for name in parameters:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
            hint = f" Did you mean {near[0]}?" if near else f" There are: {', '.join(known)}."
            yield Problem(path=name, value=parameters[name], message=f"{operation.name} has no such parameter.{hint}")


@lru_cache(maxsize=256)
def _validator(schema: str) -> Any:
    import jsonschema_rs  # read only when something is about to be sent

    return jsonschema_rs.Draft202012Validator(json.loads(schema))


def _schema(operation: Operation, parameters: dict[str, Any]) -> Iterator[Problem]:
    known = operation.parameters.get("properties", {})
    plain: dict[str, Any] = {}
    for name, value in parameters.items():
        try:
            plain[name] = json.loads(json.dumps(value, allow_nan=False, ensure_ascii=False).encode())
        except (TypeError, ValueError, RecursionError) as error:
            yield Problem(path=name, value=value, message=f"This is not JSON: {clean(error, 120)}.")
    checked = {name: value for name, value in plain.items() if name in known}
    unreadable = parameters.keys() - plain.keys()
    try:
        wrongs = [*_validator(json.dumps(operation.parameters, sort_keys=True)).iter_errors(checked)]
    except ValueError as error:
        yield _too_deep(error)
        return
    for wrong in wrongs:
        path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in wrong.instance_path)
        if not (wrong.schema_path[-1:] == ["required"] and unreadable):
            yield Problem(path=path.lstrip("."), value=wrong.instance, message=_said(operation, wrong))


def _too_deep(error: Exception) -> Problem:
    message = f"The parameters cannot be checked, because they are nested too deeply ({clean(error, 120)})."
    return Problem(path="", value=None, message=message)


def _said(operation: Operation, wrong: Any) -> str:
    """Give the operation's own words for a broken rule (`x-message` beside it), else the validator's."""
    node: Any = operation.parameters
    said: str | None = None
    for part in wrong.schema_path:
        node = node[part] if isinstance(node, Mapping | list) else None
        said = node.get("x-message", said) if isinstance(node, Mapping) else said
    return said or clean(wrong.message, 300)


def _media(operation: Operation, parameters: Mapping[str, Any]) -> Iterator[Problem]:
    for name, schema in operation.parameters.get("properties", {}).items():
        value = parameters.get(name)
        if schema.get("format") == "media" and isinstance(value, str):
            message = _said_of_media(name, value, schema)
            if message:
                yield Problem(path=name, value=value, message=message)
        inner = schema.get("items", {})
        if isinstance(inner, Mapping) and inner.get("format") == "media" and isinstance(value, list):
            for place, item in enumerate(value):
                message = _said_of_media(name, item, inner) if isinstance(item, str) else None
                if message:
                    yield Problem(path=f"{name}[{place}]", value=item, message=message)


def _said_of_media(name: str, value: str, schema: Mapping[str, Any]) -> str | None:
    try:
        return _media_problem(name, value, schema)
    except (ValueError, OSError) as error:
        return f"{clean(value, 80)!r} cannot be read as an address or a file: {clean(error, 120)}."


def _media_problem(name: str, value: str, schema: Mapping[str, Any]) -> str | None:
    scheme = urlsplit(value).scheme if "://" in value or value.startswith("file:") else ""
    if scheme in ("http", "https"):
        return None if urlsplit(value).hostname else f"{clean(value, 80)!r} names no host."
    path = local_file(value)
    if path is None:
        if schema.get("x-takes-ids") and not scheme and media_type_of(value) is None:
            return None
        return f"{clean(value, 80)!r} is neither an http(s) URL nor a file; for a local file write {name}=@PATH."
    if not path.is_file():
        return f"There is no file {path}."
    size, limit = path.stat().st_size, schema.get("x-max-bytes")
    if size == 0:
        return f"{path} is empty."
    if limit and size > limit:
        return f"{path} has {size:,} bytes; at most {limit:,} are taken."
    accepted = schema.get("x-accepts")
    media_type = media_type_of(path.name)
    if accepted and media_type not in accepted:
        return f"{path} is {media_type or 'of an unknown type'}; taken are: {', '.join(accepted)}."
    return None
