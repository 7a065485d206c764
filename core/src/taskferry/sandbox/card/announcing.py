"""Webhooks of a card's stand-in: the end of a job as a status read shows it, signed as the card says."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import math
from functools import partial
from typing import TYPE_CHECKING

from attrs import evolve

from taskferry.cards.model import WebhookSpec
from taskferry.cards.sheet import Sheet
from taskferry.sandbox.card.showing import status_reply
from taskferry.sandbox.context import Context
from taskferry.sandbox.jobs import Job
from taskferry.sandbox.webhooks import Message

if TYPE_CHECKING:
    from taskferry.sandbox.card.service import CardStandIn

_AFTER = 0.001
"""Seconds after the end, so that rounding cannot show the job a moment before it."""


def announce(stand_in: CardStandIn, context: Context, job_id: str) -> None:
    """Post the end of a job, once it has come, to the address that the create names, else to the registered one."""
    job, webhook = stand_in.jobs.get(job_id), stand_in.card.webhook
    if job is None or webhook is None or not math.isfinite(job.ends_at):
        return
    url = job.input.get("webhook_url") or stand_in.webhooks.registered
    if isinstance(url, str):
        compose = partial(_message, stand_in, context, webhook, job)
        stand_in.webhooks.send(url, at=job.ends_at + _AFTER, compose=compose)


def signature(webhook: WebhookSpec, secret: str, job_id: str, now: float, body: bytes) -> dict[str, str]:
    """Give the headers that sign a body."""
    if webhook.scheme != "standard":
        return {webhook.header: f"{webhook.prefix}{hmac.digest(secret.encode(), body, hashlib.sha256).hex()}"}
    at = str(int(now))
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = hmac.digest(key, b".".join([job_id.encode(), at.encode(), body]), hashlib.sha256)
    return {
        "webhook-id": job_id,
        "webhook-timestamp": at,
        "webhook-signature": f"v1,{base64.b64encode(signed).decode()}",
    }


def _message(stand_in: CardStandIn, context: Context, webhook: WebhookSpec, job: Job, now: float) -> Message:
    """Write the message: a status read's document, in which the job is named where a webhook names it."""
    later = evolve(context, now=now)
    sheet = Sheet(200, {}, status_reply(stand_in, later, job).body)
    remote = stand_in.samples(later).remote(job.type, job.id)
    for name, text in webhook.remote.items():
        if isinstance(remote, dict) and name in remote and sheet.read(text) != remote[name]:
            sheet.set(text, remote[name])
    body = json.dumps(sheet.body).encode()
    headers = signature(webhook, stand_in.webhook_secret, job.id, now, body)
    return Message(event=stand_in.status(job, now), task_id=job.id, headers=headers, body=body)
