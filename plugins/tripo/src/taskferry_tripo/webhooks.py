"""Checks the signature of Tripo's webhooks, as its papers and receivers in use describe it."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from typing import Any

from taskferry import JSON, Failure, FailureKind, MalformedReply, ProviderError, Reply, UsageError, dig

SIGNATURE = "tripo-webhook-signature"
"""`t=SECONDS,v1=HEX`, with several `v1` while a secret is being changed."""
MAX_AGE = 300.0
"""Seconds that a webhook's clock may be behind ours or ahead of it."""
_TASK_EVENTS = "task."
_SECONDS = re.compile(r"[0-9]{1,12}")
_HEX = re.compile(r"[0-9a-f]{64}")


def verified_remote(headers: Mapping[str, str], body: bytes, secret: str, now: float) -> JSON:
    """Give `{"task_id": ID}` of a webhook that Tripo signed; None for an event about no task, as `balance.low`.

    The body is not read before its signature is found good; raise ProviderError if it is not.
    """
    if not secret:
        raise UsageError("A webhook cannot be checked without the secret (whsec_...) that Tripo signs with.")
    signature = next((value for name, value in headers.items() if name.lower() == SIGNATURE), "")
    parts = [(name.strip(), value.strip()) for name, _, value in (part.partition("=") for part in signature.split(","))]
    times = [value for name, value in parts if name == "t" and _SECONDS.fullmatch(value)]
    signed = [value for name, value in parts if name == "v1" and _HEX.fullmatch(value)]
    if len(times) != 1 or not signed:
        raise _untrusted("It has no Tripo-Webhook-Signature of the form t=SECONDS,v1=HEX.")
    expected = hmac.new(secret.encode(), times[0].encode() + b"." + body, hashlib.sha256).hexdigest()
    # Every one is compared, in a time that does not tell how much of it is right.
    if not sum(hmac.compare_digest(expected, one) for one in signed):
        raise _untrusted("Its signature was not made with this secret, or the body was changed on the way.")
    if abs(now - int(times[0])) > MAX_AGE:
        raise _untrusted(f"It was signed {abs(now - int(times[0])):.0f} s from now; {MAX_AGE:.0f} s are allowed.")
    return _remote(body)


def _remote(body: bytes) -> JSON:
    event = _read(body)
    kind, task_id = dig(event, "type"), dig(event, "data.task_id")
    if not isinstance(kind, str) or not kind.startswith(_TASK_EVENTS):
        return None  # balance.low has been seen with the id of a task that it says nothing about
    return {"task_id": task_id} if isinstance(task_id, str) and task_id else None


def _read(body: bytes) -> Any:
    try:
        return Reply(200, body).json
    except MalformedReply as error:
        failure = Failure.of(FailureKind.MALFORMED, "Tripo signed a webhook whose body is not JSON.")
        raise ProviderError(failure) from error


def _untrusted(why: str) -> ProviderError:
    return ProviderError(
        Failure.of(FailureKind.AUTH, f"The webhook is not trusted. {why}", suggestion="Check the webhook's secret.")
    )
