"""Checks the signature of VAP's webhooks, as the vendor's SDK does it, and says which task one is about."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from typing import Any

from taskferry import JSON, Failure, FailureKind, MalformedReply, ProviderError, Reply, UsageError, dig

MAX_AGE = 300.0
"""Seconds that a webhook's clock may be behind ours or ahead of it."""
_SECONDS = re.compile(r"[0-9]{1,12}")
_HEX = re.compile(r"[0-9a-fA-F]{64}")


def verified_remote(headers: Mapping[str, str], body: bytes, secret: str, now: float) -> JSON:
    """Give `{"task_id": ID}` of a webhook that VAP signed; None for an event that is about no task.

    The body is not read before its signature is found good; raise ProviderError if it is not.
    """
    if not secret:
        raise UsageError("A webhook cannot be checked without the secret that VAP signs with.")
    sent = {name.lower(): value.strip() for name, value in headers.items()}
    signature, timestamp = sent.get("x-vap-signature", ""), sent.get("x-vap-timestamp", "")
    if not _HEX.fullmatch(signature) or not _SECONDS.fullmatch(timestamp):
        raise _untrusted("It has no X-VAP-Signature of 64 hexadecimal digits, or no X-VAP-Timestamp in seconds.")
    if not _is_signed(signature, timestamp, body, secret):
        raise _untrusted("Its signature was not made with this secret, or the body was changed on the way.")
    if abs(now - int(timestamp)) > MAX_AGE:
        raise _untrusted(f"It was signed {abs(now - int(timestamp)):.0f} s from now; {MAX_AGE:.0f} s are allowed.")
    task_id = dig(_read(body), "data.task_id")
    return {"task_id": task_id} if isinstance(task_id, str) and task_id else None


def _is_signed(signature: str, timestamp: str, body: bytes, secret: str) -> bool:
    """Compare with both signatures that the service may make, in a time that does not tell how much of one is right.

    The SDK signs the body as it writes it anew, with sorted keys and no blanks; which of the two VAP itself signs is
    not known.
    """
    right = False
    for text in (body, _canonical(body)):
        expected = hmac.new(secret.encode(), timestamp.encode() + b"." + text, hashlib.sha256).hexdigest()
        right |= hmac.compare_digest(expected, signature.lower())
    return right


def _canonical(body: bytes) -> bytes:
    """Write a JSON body anew as the SDK does; one that is no JSON stays as it is."""
    try:
        return json.dumps(json.loads(body), sort_keys=True, separators=(",", ":")).encode()
    except (ValueError, RecursionError):
        return body


def _read(body: bytes) -> Any:
    try:
        return Reply(200, body).json
    except MalformedReply as error:
        raise ProviderError(
            Failure.of(FailureKind.MALFORMED, "VAP signed a webhook whose body is not JSON.")
        ) from error


def _untrusted(why: str) -> ProviderError:
    return ProviderError(
        Failure.of(FailureKind.AUTH, f"The webhook is not trusted. {why}", suggestion="Check the webhook's secret.")
    )
