"""What a request says, read against what a card would send: the inverse of places."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence, Set
from typing import Any
from urllib.parse import unquote

from attrs import Factory, define

_PLACE = re.compile(r"\{\+?([A-Za-z_][A-Za-z0-9_]*)\}")


@define
class Reading:
    """What was found in one request."""

    values: dict[str, Any] = Factory(dict)
    """By the name of the place."""
    wrong: list[str] = Factory(list)
    """Why it is not what the card would send, one sentence each."""
    fixed: int = 0
    """How many constants of the card it has; of two cards' calls that fit, the one with more is meant."""

    def add(self, other: Reading) -> None:
        """Take in what was found in a part of the request."""
        self.values |= other.values
        self.wrong += other.wrong
        self.fixed += other.fixed


def places_of(template: Any) -> set[str]:
    """Name every place in a text or in JSON."""
    if isinstance(template, str):
        return set(_PLACE.findall(template))
    if isinstance(template, Mapping):
        return set().union(*(places_of(item) for item in template.values()))
    if isinstance(template, list | tuple):
        return set().union(*(places_of(item) for item in template))
    return set()


def read(template: Any, actual: Any, at: str, optional: Set[str] = frozenset()) -> Reading:
    """Read one value; `at` says where it stands, for the sentences about what is wrong.

    What mentions an `optional` place may have been left out.
    """
    if isinstance(template, str) and _PLACE.search(template):
        return _read_text(template, actual, at)
    if isinstance(template, Mapping):
        return read_members(template, actual, at, optional)
    if isinstance(template, list | tuple):
        return _read_items(template, actual, at, optional)
    if template == actual:
        return Reading(fixed=1)
    return Reading(wrong=[f"{at} is {actual!r} instead of {template!r}"])


def read_members(template: Mapping[str, Any], actual: Any, at: str, optional: Set[str] = frozenset()) -> Reading:
    """Read a table."""
    if not isinstance(actual, Mapping):
        return Reading(wrong=[f"{at} is {actual!r} instead of a table"])
    found = Reading()
    for name, item in template.items():
        where = f"{at}.{name}"
        if name in actual:
            found.add(read(item, actual[name], where, optional))
        elif not places_of(item) & optional:
            found.wrong.append(f"{where} is missing")
    return found


def read_path(template: str, path: str) -> dict[str, str] | None:
    """Read the places of a path, `path` quoted as it came; None where it is another path."""
    match = _pattern(template, "([^/]+)").fullmatch(path)
    if match is None:
        return None
    return dict(zip(_PLACE.findall(template), map(unquote, match.groups()), strict=True))


def _read_items(template: Sequence[Any], actual: Any, at: str, optional: Set[str]) -> Reading:
    """Read a list."""
    if not isinstance(actual, list):
        return Reading(wrong=[f"{at} is {actual!r} instead of a list"])
    return _aligned(list(enumerate(template)), actual, at, optional)


def _aligned(template: Sequence[tuple[int, Any]], actual: Sequence[Any], at: str, optional: Set[str]) -> Reading:
    """Read what is left of a list, with or without its first item, whichever fits better."""
    if not template:
        return Reading(wrong=[f"{at} has {actual[0]!r}, which does not belong there"] if actual else [])
    (number, item), rest = template[0], template[1:]
    taken = Reading(wrong=[f"{at}[{number}] is missing"])
    if actual:
        taken = read(item, actual[0], f"{at}[{number}]", optional)
        taken.add(_aligned(rest, actual[1:], at, optional))
    if not taken.wrong or not places_of(item) & optional:
        return taken
    skipped = _aligned(rest, actual, at, optional)
    return skipped if len(skipped.wrong) <= len(taken.wrong) else taken


def _read_text(template: str, actual: Any, at: str) -> Reading:
    name = _PLACE.fullmatch(template)
    if name is not None:
        return Reading(values={name[1]: actual})
    match = _pattern(template, "(.*)").fullmatch(actual) if isinstance(actual, str) else None
    if match is None:
        return Reading(wrong=[f"{at} is {actual!r} instead of {template!r}"])
    return Reading(values=dict(zip(_PLACE.findall(template), match.groups(), strict=True)))


def _pattern(template: str, place: str) -> re.Pattern[str]:
    """Make the pattern of a template; `{+name}` takes slashes too."""
    parts, end = [], 0
    for found in _PLACE.finditer(template):
        parts += [re.escape(template[end : found.start()]), "(.+)" if found[0].startswith("{+") else place]
        end = found.end()
    return re.compile("".join([*parts, re.escape(template[end:])]), re.DOTALL)
