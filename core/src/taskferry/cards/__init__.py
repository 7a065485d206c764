"""Providers as data: cards are read, checked, and compiled to the same contract that code keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from taskferry.errors import CardError, CardProblem

if TYPE_CHECKING:
    from taskferry.cards.adapter import card_adapter
    from taskferry.cards.checking.check import check_card
    from taskferry.cards.installed import card_provider
    from taskferry.cards.model import Card
    from taskferry.cards.reading import load_card, read_card
    from taskferry.cards.schema import card_schema

__all__ = [
    "Card",
    "CardError",
    "CardProblem",
    "card_adapter",
    "card_provider",
    "card_schema",
    "check_card",
    "load_card",
    "read_card",
]

_HOMES = {
    "Card": "model",
    "card_adapter": "adapter",
    "card_provider": "installed",
    "card_schema": "schema",
    "check_card": "checking.check",
    "load_card": "reading",
    "read_card": "reading",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'taskferry.cards' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"taskferry.cards.{_HOMES[name]}"), name)
