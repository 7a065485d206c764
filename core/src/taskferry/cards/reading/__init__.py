"""Reads cards: TOML text in, a checked `Card` out, or every problem at once with its line."""

from __future__ import annotations

from taskferry.cards.reading.card import load_card, read_card

__all__ = ["load_card", "read_card"]
