"""The signature of VAP's webhooks: what is trusted, what is not, and which task one is about."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

import pytest

from taskferry import FailureKind, ProviderError, UsageError, VerifiesWebhooks
from taskferry_vap.adapter import VapAdapter

SECRET = "whsec_0123456789"
NOW = 1767960000.0
VAP = VapAdapter()
COMPLETED = {
    "event": "task.completed",
    "timestamp": "2026-01-09T12:00:00Z",
    "data": {
        "task_id": "550e8400",
        "status": "completed",
        "result": {"image_url": "https://files.example/füchse.webp"},
    },
}


def canonical(event: Any) -> bytes:
    """Write a body as the vendor's SDK does before it signs it."""
    return json.dumps(event, sort_keys=True, separators=(",", ":")).encode()


def signature(signed: bytes, timestamp: object, secret: str = SECRET) -> str:
    return hmac.new(secret.encode(), f"{timestamp}.".encode() + signed, hashlib.sha256).hexdigest()


def headers(signed: bytes, timestamp: object = int(NOW), secret: str = SECRET) -> dict[str, str]:
    return {"X-VAP-Signature": signature(signed, timestamp, secret), "X-VAP-Timestamp": str(timestamp)}


def pretty(event: Any) -> bytes:
    """Write a body unlike its canonical form: blanks, order, and letters outside ASCII as they are."""
    return json.dumps(event, indent=1, ensure_ascii=False).encode()


def test_the_adapter_verifies_webhooks() -> None:
    """An ability that is found by its method."""
    assert isinstance(VAP, VerifiesWebhooks)


@pytest.mark.parametrize("signed", [pretty(COMPLETED), canonical(COMPLETED)], ids=["raw body", "canonical form"])
def test_either_way_of_signing_is_trusted(signed: bytes) -> None:
    """The SDK signs the body written anew; which one VAP signs is not known."""
    body = pretty(COMPLETED)

    remote = VAP.verify_webhook(headers(signed), body, SECRET, NOW)

    assert remote == {"task_id": "550e8400"}


def test_header_names_are_of_any_case() -> None:
    """Servers write them as they like."""
    body = canonical(COMPLETED)
    sent = {name.lower(): value for name, value in headers(body).items()}

    assert VAP.verify_webhook(sent, body, SECRET, NOW) == {"task_id": "550e8400"}


@pytest.mark.parametrize("seconds", [-300, 300])
def test_five_minutes_either_way_are_allowed(seconds: int) -> None:
    """Clocks differ."""
    body = canonical(COMPLETED)

    remote = VAP.verify_webhook(headers(body, int(NOW) + seconds), body, SECRET, NOW)

    assert remote == {"task_id": "550e8400"}


@pytest.mark.parametrize("seconds", [-301, 301])
def test_an_old_webhook_cannot_be_played_again(seconds: int) -> None:
    """Nor one from the future."""
    body = canonical(COMPLETED)

    with pytest.raises(ProviderError, match="301 s from now; 300 s are allowed"):
        VAP.verify_webhook(headers(body, int(NOW) + seconds), body, SECRET, NOW)


BODY = canonical(COMPLETED)
GOOD = headers(BODY)


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"X-VAP-Timestamp": str(int(NOW))},
        {"X-VAP-Signature": GOOD["X-VAP-Signature"]},
        {**GOOD, "X-VAP-Signature": ""},
        {**GOOD, "X-VAP-Signature": "0" * 64},
        {**GOOD, "X-VAP-Signature": GOOD["X-VAP-Signature"][:63]},
        {**GOOD, "X-VAP-Signature": "é" * 64},
        {**GOOD, "X-VAP-Timestamp": "1_767_960_000"},
        {**GOOD, "X-VAP-Timestamp": "now"},
        {**GOOD, "X-VAP-Timestamp": "٣"},
        {**GOOD, "X-VAP-Timestamp": str(int(NOW) + 1)},
        headers(BODY, secret="another"),
        headers(BODY + b" "),
    ],
)
def test_anything_else_is_not_trusted(sent: dict[str, str]) -> None:
    """It is a failure of trust, and the secret is not in the message."""
    with pytest.raises(ProviderError) as refused:
        VAP.verify_webhook(sent, BODY, SECRET, NOW)

    assert refused.value.failure.kind is FailureKind.AUTH
    assert SECRET not in str(refused.value)


@pytest.mark.parametrize("body", [b"", b"not JSON", b"[" * 100_000, b'{"data": {"task_id": "other"}}'])
def test_a_body_is_not_read_before_its_signature_is_good(body: bytes) -> None:
    """Whatever it is, it is refused for its signature."""
    with pytest.raises(ProviderError, match="signature was not made"):
        VAP.verify_webhook(GOOD, body, SECRET, NOW)


@pytest.mark.parametrize("body", [b"", b"not JSON", b"[" * 100_000])
def test_a_signed_body_that_is_not_json_is_malformed(body: bytes) -> None:
    """It comes from VAP, and says nothing."""
    with pytest.raises(ProviderError) as refused:
        VAP.verify_webhook(headers(body), body, SECRET, NOW)

    assert refused.value.failure.kind is FailureKind.MALFORMED


@pytest.mark.parametrize(
    "event", [{"event": "test", "data": {}}, {"event": "balance.low", "data": {"balance": 1}}, [], {"data": None}]
)
def test_an_event_about_no_task_has_no_remote(event: Any) -> None:
    """The SDK knows several."""
    body = canonical(event)

    assert VAP.verify_webhook(headers(body), body, SECRET, NOW) is None


def test_without_a_secret_nothing_can_be_trusted() -> None:
    """An empty one would let anybody sign."""
    with pytest.raises(UsageError, match="secret"):
        VAP.verify_webhook(headers(BODY, secret=""), BODY, "", NOW)
