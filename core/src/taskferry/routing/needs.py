"""What an operation cannot do without, in words that fit beside those of other providers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from taskferry.operation import Operation

_PICTURES = frozenset({"image", "images"})


def lacks_picture(operation: Operation, parameters: Mapping[str, Any]) -> bool:
    """Tell whether an operation starts from a picture, however its schema says so, and none was given."""
    return not _PICTURES & parameters.keys() and any(names <= _PICTURES for names in _needed(operation.parameters))


def _needed(schema: Mapping[str, Any]) -> Iterator[frozenset[str]]:
    """Give sets of names, of each of which at least one has to be given."""
    yield from (frozenset({name}) for name in schema.get("required", ()))
    for word in ("anyOf", "oneOf"):
        ways = [frozenset(way.get("required", ())) for way in schema.get(word, ())]
        if ways and all(ways):
            yield frozenset().union(*ways)
    for part in schema.get("allOf", ()):
        if "if" not in part:
            yield from _needed(part)
