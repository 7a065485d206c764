"""What a card reads and no example of it proves, though nothing speaks against it."""

from __future__ import annotations

from collections.abc import Sequence

from taskferry.cards.model import Card
from taskferry.cards.reading.card import located
from taskferry.cards.schema import Finding
from taskferry.errors import CardProblem


def unproven(card: Card) -> Sequence[CardProblem]:
    """Give the expressions for webhooks of a card that shows no webhook, by line."""
    if card.webhook is None or any(example.of == "webhook" for example in card.examples):
        return []
    findings = [
        Finding(("webhook", "remote", name), f'is "{text}", which no example proves: add one of = "webhook"')
        for name, text in card.webhook.remote.items()
    ]
    return located(findings, card.lines)
