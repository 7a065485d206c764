"""Sets one table in a TOML text and leaves every other line as it is."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any


class NotToml(ValueError):
    """The text is not TOML, or the table cannot be set without touching others."""


def parse(text: str) -> dict[str, Any]:
    """Give the values of a text; raise NotToml."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise NotToml(str(error)) from error


def with_table(text: str, path: Sequence[str], value: Mapping[str, Any]) -> str:
    """Give the text with `value` as the table at `path`, in its old place or at the end; raise NotToml."""
    wanted = parse(text)
    before, after = _around(text.splitlines(keepends=True), path)
    gap = "" if not before or before.endswith("\n\n") else "\n" if before.endswith("\n") else "\n\n"
    result = before + gap + "\n".join(_table(path, value)) + (f"\n{after}" if after else "")
    outer = wanted
    for key in path[:-1]:
        outer = outer.setdefault(key, {})
    outer[path[-1]] = dict(value)
    if not _holds(result, wanted):
        raise NotToml(f"{'.'.join(path)} is written in a way that cannot be changed line by line")
    return result


def _holds(text: str, wanted: Mapping[str, Any]) -> bool:
    try:
        return parse(text) == wanted
    except NotToml:
        return False


def _around(lines: Sequence[str], path: Sequence[str]) -> tuple[str, str]:
    """Give what stands before and after the table; all of it before, where there is none."""
    own = re.compile(rf"\s*\[\s*{re.escape('.'.join(path))}(\.[^\]]*)?\s*\]")
    before, after, inside, found = "", "", False, False
    for line in lines:
        if line.lstrip().startswith("["):
            inside = own.match(line) is not None
            found = found or inside
        if found and not inside:
            after += line
        elif not found:
            before += line
    return before, after


def _table(path: Sequence[str], value: Mapping[str, Any]) -> Iterator[str]:
    """Give the lines of a table and of the tables in it."""
    inner = {key: one for key, one in value.items() if isinstance(one, Mapping)}
    yield f"[{'.'.join(path)}]"
    for key, one in value.items():
        if key not in inner:
            yield f"{key} = {_value(one)}"
    for key, one in inner.items():
        yield ""
        yield from _table([*path, key], one)
    if not inner:
        yield ""


def _value(value: Any) -> str:
    """Write a value as both JSON and TOML have it."""
    try:
        return json.dumps(value, ensure_ascii=False)
    except TypeError as error:
        raise NotToml(f"{value} cannot be written") from error
