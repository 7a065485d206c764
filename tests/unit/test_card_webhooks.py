"""Signatures of webhooks, as cards name them."""

from __future__ import annotations

import base64
import hashlib
import hmac

import pytest

from card_driving import card, small
from taskferry import FailureKind, ProviderError, UsageError
from taskferry.cards import card_adapter

BODY = b'{"data": {"id": "j-1"}, "id": "f-1"}'
NOW = 1_795_226_400.0
KEY = b"a secret of some length."
SECRET = "whsec_" + base64.b64encode(KEY).decode()
STANDARD = small(more="[webhook]\nscheme = 'standard'\nremote = { id = 'id' }")
DIGEST = card_adapter(card("acme"))


def signed(body: bytes = BODY, at: float = NOW, key: bytes = KEY) -> dict[str, str]:
    made = base64.b64encode(hmac.digest(key, b"msg_1.%d." % at + body, hashlib.sha256)).decode()
    return {"Webhook-Id": "msg_1", "Webhook-Timestamp": f"{at:.0f}", "Webhook-Signature": f"v1,AAAA v1,{made} v2,x"}


def digest(body: bytes = BODY, secret: str = SECRET) -> dict[str, str]:
    return {"x-acme-signature": "sha256=" + hmac.digest(secret.encode(), body, hashlib.sha256).hex()}


def test_a_standard_webhook_names_its_job() -> None:
    """One right signature among several is enough: a secret may be in the middle of a change."""
    assert STANDARD.verify_webhook(signed(), BODY, SECRET, NOW + 200) == {"id": "f-1"}


def test_a_digest_in_a_header_names_its_job() -> None:
    """With the prefix that the card tells."""
    assert DIGEST.verify_webhook(digest(), BODY, SECRET, NOW) == {"id": "j-1"}


@pytest.mark.parametrize(
    ("headers", "body", "secret", "now"),
    [
        (signed(), BODY + b" ", SECRET, NOW),
        (signed(), BODY, "whsec_" + base64.b64encode(b"another").decode(), NOW),
        (signed(), BODY, SECRET, NOW + 301),
        (signed(), BODY, SECRET, NOW - 301),
        ({**signed(), "Webhook-Timestamp": "soon"}, BODY, SECRET, NOW),
        ({**signed(), "Webhook-Timestamp": "²"}, BODY, SECRET, NOW),
        ({**signed(), "Webhook-Signature": "v1,é"}, BODY, SECRET, NOW),
        ({}, BODY, SECRET, NOW),
    ],
)
def test_a_standard_webhook_that_cannot_be_trusted_is_refused(
    headers: dict[str, str], body: bytes, secret: str, now: float
) -> None:
    """Changed, signed by another, too old, from the future, or not signed."""
    with pytest.raises(ProviderError, match="not trusted") as caught:
        STANDARD.verify_webhook(headers, body, secret, now)

    assert caught.value.failure.kind is FailureKind.AUTH


@pytest.mark.parametrize(
    "headers", [{}, digest(b"{}"), digest(secret="other"), {"x-acme-signature": "sha256=é"}, {"x-acme-signature": "x"}]
)
def test_a_digest_that_cannot_be_trusted_is_refused(headers: dict[str, str]) -> None:
    """The body is not read."""
    with pytest.raises(ProviderError, match="not trusted"):
        DIGEST.verify_webhook(headers, BODY, SECRET, NOW)


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"data": {"id": null}}'])
def test_a_signed_webhook_without_a_job_is_malformed(body: bytes) -> None:
    """It is the provider's, and says nothing."""
    with pytest.raises(ProviderError, match="names no job") as caught:
        DIGEST.verify_webhook(digest(body), body, SECRET, NOW)

    assert caught.value.failure.kind is FailureKind.MALFORMED


def test_a_missing_or_unreadable_secret_is_the_callers_mistake() -> None:
    """The message names what is needed and never the secret."""
    with pytest.raises(UsageError, match="without the secret"):
        DIGEST.verify_webhook(digest(), BODY, "", NOW)
    with pytest.raises(UsageError, match="base64") as caught:
        STANDARD.verify_webhook(signed(), BODY, "whsec_not!base64", NOW)

    assert "not!base64" not in str(caught.value)
