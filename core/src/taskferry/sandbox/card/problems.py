"""What a stand-in cannot make of a card, with its place in the card's text."""

from __future__ import annotations

from taskferry.cards.model import Card
from taskferry.errors import CardProblem


def problem_in(card: Card, table: str, what: str) -> CardProblem:
    """Make a problem with the line of the nearest table that is written down."""
    path: tuple[str | int, ...] = tuple(table.split("."))
    while path and path not in card.lines:
        path = path[:-1]
    return CardProblem(line=card.lines.get(path, 0), table=table, what=what)
