"""What makes a stand-in, found by its import path: code, or a card."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pkgutil import resolve_name

from taskferry.cards.reading import load_card
from taskferry.sandbox.card import CardStandIn
from taskferry.sandbox.settings import Settings
from taskferry.sandbox.stand_in import StandIn

CARD = ".toml"
"""How the import path of a card ends."""


def factory_of(path: str) -> Callable[[Settings], StandIn]:
    """Give the factory at `package.module:name`, or that of the card at `package.module:file.toml`."""
    if not path.endswith(CARD):
        factory: Callable[[Settings], StandIn] = resolve_name(path)
        return factory
    return partial(CardStandIn, load_card(path), installed=True)


def from_file(path: str) -> tuple[str, Callable[[Settings], StandIn]]:
    """Give a card's provider and the factory of its stand-in; a card that is just a file runs no Python."""
    card = load_card(path)
    return card.name, partial(CardStandIn, card)
