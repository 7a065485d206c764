"""Finds what an adapter remembers: its own, its class's and its module's values, before and after."""

from __future__ import annotations

import copy
import sys
from collections.abc import Iterator, Mapping
from types import ModuleType
from typing import Any

_PLAIN = (str, bytes, int, float, type(None), list, dict, set, tuple, frozenset, bytearray)
_KEPT = (list, dict, set, bytearray)


def state_of(adapter: object) -> Mapping[str, str]:
    """Give the adapter's plain values by where they are: what may not change from one exchange to the next."""
    return {f"{place}.{name}": repr(value) for place, names in _places(adapter) for name, value in _plain(names)}


def changes(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """Name the values that are others now, or are new."""
    return [name for name in after if after[name] != before.get(name)]


class Memory:
    """What an adapter's class and module held, to be put back: a process that has seen no job yet."""

    def __init__(self, adapter: object) -> None:
        self._held = [
            (names, {name: copy.deepcopy(value) for name, value in _plain(names)})
            for place, names in _places(adapter)
            if place != "self"
        ]

    def put_back(self) -> None:
        """Empty and refill what can be changed in place: lists, dicts and sets."""
        for names, held in self._held:
            for name, value in held.items():
                _refill(names.get(name), value)


def _refill(now: Any, before: Any) -> None:
    if not isinstance(now, _KEPT) or type(now) is not type(before) or now == before:
        return
    now.clear()
    fill: Any = now.extend if isinstance(now, list | bytearray) else now.update
    fill(before)


def _places(adapter: object) -> Iterator[tuple[str, Mapping[str, Any]]]:
    yield "self", getattr(adapter, "__dict__", {})
    for owner in type(adapter).__mro__[:-1]:
        yield owner.__name__, vars(owner)
    module = sys.modules.get(type(adapter).__module__)
    if isinstance(module, ModuleType):
        yield module.__name__, vars(module)


def _plain(names: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in names.items():
        if not name.startswith("__") and isinstance(value, _PLAIN):
            yield name, value
