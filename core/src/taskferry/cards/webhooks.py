"""Signatures of webhooks: Standard Webhooks, and a plain HMAC of the body in a header."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from typing import NoReturn

from taskferry.cards.model import WebhookSpec
from taskferry.cards.submitting import RemoteReader
from taskferry.errors import Failure, FailureKind, MalformedReply, ProviderError, UsageError
from taskferry.reply import Reply
from taskferry.task import JSON

MAX_AGE = 300.0
"""Seconds that a webhook's clock may be behind ours or ahead of it."""
_PREFIX = "whsec_"


class Webhook:
    """How a card's provider signs its webhooks."""

    def __init__(self, spec: WebhookSpec) -> None:
        self._spec = spec
        self._remote = RemoteReader(spec.remote, None)

    def verified(self, headers: Mapping[str, str], body: bytes, secret: str, now: float) -> JSON:
        """Give the job that a signed webhook is about; the body is not read before its signature is found good."""
        if not secret:
            raise UsageError("A webhook cannot be checked without the secret that the provider signs with.")
        lowered = {name.lower(): value for name, value in headers.items()}
        if self._spec.scheme == "standard":
            _check_standard(lowered, body, secret, now)
        else:
            _check_digest(lowered.get(self._spec.header.lower(), ""), self._spec, body, secret)
        reply = Reply(200, body)
        try:
            return self._remote(reply, reply.json, {})
        except MalformedReply as error:
            failure = Failure.of(FailureKind.MALFORMED, f"The provider signed a webhook that names no job: {error}")
            raise ProviderError(failure) from error


def _check_standard(headers: Mapping[str, str], body: bytes, secret: str, now: float) -> None:
    """Check as standardwebhooks.com describes it: `ID.SECONDS.BODY`, HMAC-SHA256, base64, several signatures."""
    identity, sent_at = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not identity or not (sent_at.isascii() and sent_at.isdigit() and len(sent_at) <= 12):
        _untrusted("It has no webhook-id or no webhook-timestamp.")
    signed = identity.encode() + b"." + sent_at.encode() + b"." + body
    expected = base64.b64encode(hmac.digest(_key(secret), signed, hashlib.sha256))
    given = [one.removeprefix("v1,") for one in headers.get("webhook-signature", "").split() if one.startswith("v1,")]
    # Every one is compared, in a time that does not tell how much of it is right.
    if not sum(hmac.compare_digest(expected, one.encode()) for one in given):
        _untrusted("Its signature was not made with this secret, or the body was changed on the way.")
    if abs(now - int(sent_at)) > MAX_AGE:
        _untrusted(f"It was signed {abs(now - int(sent_at)):.0f} s from now; {MAX_AGE:.0f} s are allowed.")


def _check_digest(given: str, spec: WebhookSpec, body: bytes, secret: str) -> None:
    if not given.startswith(spec.prefix) or not given:
        _untrusted(f"It has no {spec.header} of the form {spec.prefix}HEX.")
    expected = hmac.digest(secret.encode(), body, hashlib.sha256).hex()
    if not hmac.compare_digest(expected.encode(), given.removeprefix(spec.prefix).strip().lower().encode()):
        _untrusted("Its signature was not made with this secret, or the body was changed on the way.")


def _key(secret: str) -> bytes:
    try:
        return base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError) as error:
        raise UsageError("The secret of Standard Webhooks is base64, mostly after `whsec_`.") from error


def _untrusted(why: str) -> NoReturn:
    raise ProviderError(
        Failure.of(FailureKind.AUTH, f"The webhook is not trusted. {why}", suggestion="Check the webhook's secret.")
    )
