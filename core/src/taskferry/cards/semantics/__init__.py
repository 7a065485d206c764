"""What a card's schema cannot say: whether its parts fit each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from taskferry.cards.schema import Finding
from taskferry.cards.semantics.addresses import address_problems
from taskferry.cards.semantics.examples import example_problems
from taskferry.cards.semantics.expressions import expression_problems
from taskferry.cards.semantics.parameters import parameter_problems
from taskferry.cards.semantics.places import place_problems
from taskferry.cards.semantics.prices import price_problems
from taskferry.cards.semantics.results import result_problems
from taskferry.cards.semantics.words import word_problems

_CHECKS = (
    address_problems,
    word_problems,
    parameter_problems,
    price_problems,
    place_problems,
    expression_problems,
    result_problems,
    example_problems,
)


def semantic_problems(document: Mapping[str, Any]) -> Iterator[Finding]:
    """Find everything that does not fit in a document whose shape is right."""
    for check in _CHECKS:
        yield from check(document)
