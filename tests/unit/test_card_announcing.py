"""Webhooks of a card's stand-in are signed in the way that the card's adapter verifies."""

from __future__ import annotations

import pytest

from taskferry.cards.model import WebhookSpec
from taskferry.cards.webhooks import Webhook
from taskferry.sandbox.card.announcing import signature

NOW = 1_800_000_000.0
SECRET = "whsec_d4373a73a4e9a309649f7ea6e3108c9d00132e1b3086b34b"  # nobody's
BODY = b'{"id": "b-1"}'
SCHEMES = [
    WebhookSpec(scheme="standard", remote={"id": "id"}),
    WebhookSpec(scheme="hmac-sha256", header="X-Signature", prefix="sha256=", remote={"id": "id"}),
]


@pytest.mark.parametrize("webhook", SCHEMES, ids=lambda webhook: webhook.scheme)
def test_a_message_is_trusted(webhook: WebhookSpec) -> None:
    """And names its job."""
    headers = signature(webhook, SECRET, "b-1", NOW, BODY)

    named = Webhook(webhook).verified(headers, BODY, SECRET, NOW)

    assert named == {"id": "b-1"}
