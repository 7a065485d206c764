"""Tripo's webhooks: only what Tripo signed, lately and unchanged, is believed."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

import pytest

from taskferry import FailureKind, ProviderError, UsageError, VerifiesWebhooks
from taskferry_tripo.adapter import TripoAdapter

ADAPTER = TripoAdapter()
SECRET = "whsec_0123456789abcdef"
NOW = 1795170000
TASK = "6ffdb041-55c6-4a16-8985-7cc3268a545b"
DONE: dict[str, Any] = {
    "id": f"{TASK}:task.completed",
    "type": "task.completed",
    "created_at": "2026-11-20T11:00:00Z",
    "data": {"task_id": TASK, "type": "text_to_model", "status": "success", "output": {}},
}
BODY = json.dumps(DONE).encode()


def mac(body: bytes = BODY, secret: str = SECRET, at: int = NOW) -> str:
    return hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()


def verify(signature: str, body: bytes = BODY, *, secret: str = SECRET, now: float = NOW) -> Any:
    headers = {"Tripo-Webhook-Id": "w", "Tripo-Webhook-Event": "x", "TRIPO-Webhook-Signature": signature}
    return ADAPTER.verify_webhook(headers, body, secret, now)


def test_the_ability_is_found_structurally() -> None:
    """So core knows that webhooks can be taken."""
    assert isinstance(ADAPTER, VerifiesWebhooks)


@pytest.mark.parametrize("event", ["task.completed", "task.failed"])
def test_a_signed_webhook_names_its_task(event: str) -> None:
    """Whatever the case of the header's name; the task is then looked at, the webhook's own word is not taken."""
    body = json.dumps({**DONE, "type": event}).encode()

    assert verify(f"t={NOW},v1={mac(body)}", body) == {"task_id": TASK}


@pytest.mark.parametrize(
    "signature",
    [
        f"t={NOW},v1={'0' * 64},v1={mac()}",
        f"t={NOW},v1={mac()},v1={'0' * 64}",
        f" v1={mac()} , v0=old , t={NOW}",
    ],
)
def test_one_good_signature_of_several_is_enough(signature: str) -> None:
    """While a secret is being changed there are two, in any order."""
    assert verify(signature) == {"task_id": TASK}


@pytest.mark.parametrize("skew", [-300, 300])
def test_five_minutes_of_difference_are_allowed(skew: int) -> None:
    """Either way."""
    assert verify(f"t={NOW},v1={mac()}", now=NOW + skew) == {"task_id": TASK}


@pytest.mark.parametrize("skew", [-301, 301, 10**9])
def test_an_old_webhook_is_not_believed(skew: int) -> None:
    """It may have been kept by a stranger and sent once more."""
    with pytest.raises(ProviderError, match="300 s are allowed"):
        verify(f"t={NOW},v1={mac()}", now=NOW + skew)


@pytest.mark.parametrize(
    "signature",
    [
        f"t={NOW},v1={mac(secret='whsec_other')}",
        f"t={NOW},v1={mac(secret=SECRET.removeprefix('whsec_'))}",
        f"t={NOW + 1},v1={mac()}",
        f"t={NOW},v1={mac(body=BODY + b' ')}",
        f"t={NOW},v0={mac()}",
        f"t={NOW},v1={mac().upper()}",
        f"t={NOW},v1={mac()[:-1]}",
        f"t={NOW},t={NOW + 1},v1={mac()}",
        f"v1={mac()}",
        f"t=soon,v1={mac()}",
        f"t={NOW}",
        "",
        "ü=1",
    ],
)
def test_any_other_signature_is_refused(signature: str) -> None:
    """With the kind that says that the secret is to be looked at, and without the secret in the words."""
    with pytest.raises(ProviderError) as caught:
        verify(signature)

    assert caught.value.failure.kind is FailureKind.AUTH
    assert SECRET not in str(caught.value)


def test_a_changed_body_is_refused() -> None:
    """The raw bytes are what is signed; the same JSON in other words is another body."""
    with pytest.raises(ProviderError, match="changed on the way"):
        verify(f"t={NOW},v1={mac()}", json.dumps(DONE, indent=1).encode())


def test_a_webhook_about_no_task_names_none() -> None:
    """`balance.low` has been seen with the id of a task that it says nothing about."""
    body = json.dumps({"type": "balance.low", "data": {"balance": 3, "threshold": 10, "task_id": TASK}}).encode()

    assert verify(f"t={NOW},v1={mac(body)}", body) is None


@pytest.mark.parametrize(
    "event", [{}, [], None, {"type": "task.completed"}, {"type": "task.failed", "data": {"task_id": 7}}, {"type": 1}]
)
def test_a_signed_body_without_a_task_names_none(event: object) -> None:
    """It was Tripo, but there is nothing to look at."""
    body = json.dumps(event).encode()

    assert verify(f"t={NOW},v1={mac(body)}", body) is None


def test_a_signed_body_that_is_no_json_is_malformed() -> None:
    """That would be Tripo's fault, not a stranger's."""
    with pytest.raises(ProviderError) as caught:
        verify(f"t={NOW},v1={mac(b'not json')}", b"not json")

    assert caught.value.failure.kind is FailureKind.MALFORMED


def test_without_a_secret_nothing_can_be_checked() -> None:
    """An empty one would make every stranger's signature good."""
    with pytest.raises(UsageError, match="whsec_"):
        verify(f"t={NOW},v1={mac(secret='')}", secret="")
