"""One card against all its examples: what is read from each, and whether every expression finds something."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from taskferry.cards.adapter import card_adapter
from taskferry.cards.checking.coverage import Coverage
from taskferry.cards.checking.readings import Reading, Readings
from taskferry.cards.model import Card, Example
from taskferry.cards.reading.card import located
from taskferry.cards.schema import Finding
from taskferry.cost import decimal
from taskferry.errors import CardProblem, TaskferryError
from taskferry.text import clean

_NEAR = 1e-9


def check_card(card: Card, *, installed: bool = False) -> Sequence[CardProblem]:
    """Read a card's examples with the adapter that it compiles to; give everything that does not fit, by line.

    A card with steps in Python is checked only if it is `installed`, since checking runs them.
    """
    if card.runs_python and not installed:
        what = "has a step in Python, which runs, and is checked, only as a part of an installed distribution"
        return located([Finding(("operations", ""), what, about_table=True)], card.lines)
    try:
        adapter = card_adapter(card, installed=installed)
    except TaskferryError as error:
        return located([Finding((), f"cannot be compiled: {clean(error)}")], card.lines)
    readings = Readings(card, adapter)
    findings = [one for place in range(len(card.examples)) for one in _example(place, card, readings)]
    findings += Coverage(card, adapter).problems()
    return sorted(located(findings, card.lines), key=lambda problem: problem.line)


def _example(place: int, card: Card, readings: Readings) -> Iterator[Finding]:
    example = card.examples[place]
    read: Callable[[Example, str], Reading] = getattr(readings, example.of)
    for operation in _operations(example, card):
        try:
            found = read(example, operation)
        except TaskferryError as error:
            yield Finding(("examples", place, ""), f"cannot be read: {clean(error)}", about_table=True)
            continue
        if example.of == "error" and found["kind"] is None:
            yield Finding(("examples", place, ""), "is read as no error", about_table=True)
        if example.of == "fetch" and found["status"] is None and found["provider_status"] is not None:
            told = f"shows the status {_shown(found['provider_status'])}, which is in no list of [status]"
            yield Finding(("examples", place, ""), told, about_table=True)
        for key, wanted in example.expect.items():
            if not _same(found.get(key), wanted):
                told = f"is {_shown(wanted)}, but the card reads {_shown(found.get(key))}"
                yield Finding(("examples", place, "expect", key), told)


def _operations(example: Example, card: Card) -> Sequence[str]:
    """Name the operations that an example counts for: its own, else those that share the call."""
    if example.operation is not None:
        return [example.operation]
    everyone = list(card.operations)
    if example.of == "submit":
        return everyone
    if example.of in ("fetch", "then"):
        return [name for name in everyone if not card.has_own_fetch(name)] or everyone
    return everyone[:1]


def _same(found: Any, wanted: Any) -> bool:
    if isinstance(found, Decimal):
        return found == decimal(wanted)
    if isinstance(found, float) and isinstance(wanted, int | float):
        return abs(found - wanted) <= _NEAR
    if isinstance(wanted, Mapping):
        return isinstance(found, Mapping) and all(_same(found.get(key), value) for key, value in wanted.items())
    return bool(found == wanted)


def _shown(value: Any) -> str:
    if value is None:
        return "nothing"
    return clean(f'"{value}"' if isinstance(value, str | Decimal) else repr(value), 120)
