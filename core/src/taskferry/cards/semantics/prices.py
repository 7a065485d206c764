"""Price tables, which multiply and look up what has to exist."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from taskferry.cards.reading.operations import parameter_schema
from taskferry.cards.reading.provider import word_text
from taskferry.cards.schema import Finding, nearest


def price_problems(document: Mapping[str, Any]) -> Iterator[Finding]:
    """Find prices of parameters that there are none of, or that are no numbers."""
    for name, operation in document["operations"].items():
        price = operation.get("price")
        if isinstance(price, dict):
            yield from _table(("operations", name, "price"), price, operation.get("parameters", {}))


def _table(path: tuple[str, ...], price: Mapping[str, Any], parameters: Mapping[str, Any]) -> Iterator[Finding]:
    by = price.get("by")
    if by is not None and by not in parameters:
        yield _unknown((*path, "by"), by, parameters)
    elif by is not None:
        yield from _amounts((*path, "amounts"), price["amounts"], parameters[by])
    for place, name in enumerate(price.get("times", ())):
        if name not in parameters:
            yield _unknown((*path, "times", place), name, parameters)
        elif parameter_schema(parameters[name]).get("type") not in ("integer", "number"):
            yield Finding((*path, "times", place), f'is "{name}", which is no number to multiply by')


def _amounts(path: tuple[str, ...], amounts: Mapping[str, Any], parameter: Mapping[str, Any]) -> Iterator[Finding]:
    words = [word_text(word) for word in parameter.get("enum", ())]
    for word in amounts:
        if words and word not in words:
            yield Finding((*path, word), "is no value of the parameter", allowed=words, nearest=nearest(word, words))


def _unknown(path: tuple[str | int, ...], name: str, parameters: Mapping[str, Any]) -> Finding:
    known = list(parameters)
    return Finding(path, f'is "{name}", which is no parameter', allowed=known, nearest=nearest(name, known))
