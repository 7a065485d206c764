"""How long a card is: the promise of a provider as data is that it stays short."""

from __future__ import annotations

from importlib import resources
from statistics import median

from taskferry_providers.plugin import CARDS

MEDIAN, SMALLEST, LARGEST = 60, 30, 120
WIDEST = 160


def _lines() -> dict[str, list[str]]:
    files = resources.files("taskferry_providers")
    return {name: (files / f"{name}.toml").read_text("utf-8").splitlines() for name in CARDS}


def test_cards_are_short() -> None:
    """Most cards fit on a page, the shortest on half of one, and no provider needs more than two."""
    lengths = {name: len(lines) for name, lines in _lines().items()}

    print("\n".join(f"{length:4} {name}" for name, length in sorted(lengths.items(), key=lambda row: row[1])))

    assert median(lengths.values()) <= MEDIAN
    assert min(lengths.values()) <= SMALLEST
    assert max(lengths.values()) <= LARGEST


def test_cards_are_not_short_by_being_wide() -> None:
    """A line that no screen shows would only hide the length."""
    wide = {name: max(map(len, lines)) for name, lines in _lines().items()}

    assert max(wide.values()) <= WIDEST, wide
