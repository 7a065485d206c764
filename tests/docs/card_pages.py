"""The pages of the providers that are cards, written from the cards."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import resources

from operation_pages import section

from taskferry import card_adapter, load_card
from taskferry_providers.plugin import CARDS

HEAD = ("| provider | operations | key | facts from | read | lines |", "|---|---|---|---|---|---|")
_DAY = re.compile(r"read (\d{4}-\d{2}-\d{2})")


def cards() -> str:
    """Give one row a card: what it offers, its key's variable, where its facts come from, and its length."""
    return "\n".join(
        ["| provider | operations | key | facts from | read | lines |", "|---|---|---|---|---|---|", *_rows()]
    )


def _rows() -> Iterator[str]:
    for name in sorted(CARDS):
        card = load_card(_place(name))
        lines = len((resources.files("taskferry_providers") / f"{name}.toml").read_text("utf-8").splitlines())
        operations = ", ".join(f"`{operation}`" for operation in card.operations)
        keys = ", ".join(f"`{variable}`" for variable in card.key_variables)
        yield f"| `{name}` | {operations} | {keys} | {card.source} | {_DAY.findall(card.source)[-1]} | {lines} |"


def card_operations() -> str:
    """Write each card: what nobody tried of it, and its operations."""
    lines = []
    for name in sorted(CARDS):
        card = load_card(_place(name))
        adapter = card_adapter(card)
        lines += [f"## {card.title}", "", *(f"- {sentence}" for sentence in card.unverified), ""]
        for operation in adapter.operations:
            lines += [*section(operation, adapter), ""]
    return "\n".join(lines)


def _place(name: str) -> str:
    return f"taskferry_providers:{name}.toml"
