"""Reads `key=value`, `key:=json` and `key=@file`, each value as the operation's schema declares it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from taskferry.errors import InvalidParameters, Problem
from taskferry.operation import Operation

_PAIR = re.compile(r"(?P<key>[^=:@\s]+)(?P<mark>:=|=@|=)(?P<value>.*)", re.DOTALL)
_TEXT_FILE_LIMIT = 1_000_000
"""Bytes of a file that stands for a text."""
_WORDS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}


def parse_pairs(operation: Operation, pairs: Iterable[str]) -> dict[str, Any]:
    """Give the parameters that the pairs say; raise InvalidParameters with every pair that cannot be read.

    A value that does not fit its declared type stays text, so that the schema check names it with all the others.
    """
    found: dict[str, Any] = {}
    problems: list[Problem] = []
    for pair in pairs:
        match = _PAIR.fullmatch(pair)
        if match is None:
            problems.append(Problem(path="", value=pair, message=_not_a_pair(pair)))
            continue
        key, schema = match["key"], _schema_of(operation, match["key"])
        try:
            value = _READERS[match["mark"]](match["value"], schema)
        except ValueError as error:
            problems.append(Problem(path=key, value=match["value"], message=str(error)))
            continue
        if key in found and not _is_array(schema):
            problems.append(Problem(path=key, value=value, message="It is given twice; only an array may be."))
        elif key in found:
            found[key] = [*found[key], *(value if isinstance(value, list) else [value])]
        else:
            found[key] = value
    if problems:
        raise InvalidParameters(operation.name, problems)
    return found


def typed(text: str, schema: Mapping[str, Any]) -> Any:
    """Read a text as the first type of a schema that it fits; give it back as it is if it fits none."""
    types = _types(schema)
    if "string" in types or not types:
        return _from_enum(text, schema)
    for name in types:
        reader = _TYPES.get(name)
        if reader is None:
            continue
        try:
            return reader(text, schema)
        except ValueError:
            continue
    return text


def _from_enum(text: str, schema: Mapping[str, Any]) -> Any:
    return next((value for value in schema.get("enum", ()) if not isinstance(value, str) and str(value) == text), text)


def _types(schema: Mapping[str, Any]) -> tuple[str, ...]:
    declared = schema.get("type")
    if isinstance(declared, str):
        return (declared,)
    if declared is not None:
        return tuple(declared)
    choices = (*schema.get("anyOf", ()), *schema.get("oneOf", ()))
    return tuple(name for choice in choices for name in _types(choice))


def _is_array(schema: Mapping[str, Any]) -> bool:
    return "array" in _types(schema)


def _integer(text: str, _: Mapping[str, Any]) -> int:
    return int(text)


def _number(text: str, _: Mapping[str, Any]) -> int | float:
    value = float(text)
    return int(value) if re.fullmatch(r"[+-]?[0-9]+", text.strip()) else value


def _boolean(text: str, _: Mapping[str, Any]) -> bool:
    if text.lower() not in _WORDS:
        raise ValueError(text)
    return _WORDS[text.lower()]


def _null(text: str, _: Mapping[str, Any]) -> None:
    if text != "null":
        raise ValueError(text)


def _object(text: str, _: Mapping[str, Any]) -> Any:
    return json.loads(text)


def _array(text: str, schema: Mapping[str, Any]) -> list[Any]:
    if text.startswith("["):
        value = json.loads(text)
        return value if isinstance(value, list) else [value]
    inner = schema.get("items", {})
    return [typed(part.strip(), inner) for part in text.split(",")] if text else []


_TYPES: Mapping[str, Callable[[str, Mapping[str, Any]], Any]] = {
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "null": _null,
    "array": _array,
    "object": _object,
}


def _read_json(text: str, _: Mapping[str, Any]) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise ValueError(f"It is not JSON ({error}); for plain text write key=value.") from None


def _read_file(text: str, schema: Mapping[str, Any]) -> Any:
    path = Path(text).expanduser()
    if _is_array(schema):
        return [path]
    is_media = schema.get("format") == "media"
    return path if is_media or "string" not in _types(schema) else _text_of(path)


def _text_of(path: Path) -> str:
    try:
        if path.stat().st_size > _TEXT_FILE_LIMIT:
            raise ValueError(f"{path} is too large for a text: at most {_TEXT_FILE_LIMIT:,} bytes are read.")
        return path.read_text(encoding="utf-8").strip()
    except UnicodeDecodeError:
        raise ValueError(f"{path} is not text in UTF-8, and this parameter takes text.") from None
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror}.") from None


_READERS: Mapping[str, Callable[[str, Mapping[str, Any]], Any]] = {
    "=": typed,
    ":=": _read_json,
    "=@": _read_file,
}


def _schema_of(operation: Operation, key: str) -> Mapping[str, Any]:
    schema = operation.parameters.get("properties", {}).get(key, {})
    return schema if isinstance(schema, Mapping) else {}


def _not_a_pair(pair: str) -> str:
    return f'{pair!r} is not key=value, key:=json or key=@file. Text with spaces needs quotes: prompt="a red fox".'
