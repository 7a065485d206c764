"""Webhooks of API v3: the end of a task, signed as the vendor's papers say, to the address set for the account."""

from __future__ import annotations

import hashlib
import hmac
import json
import math
from functools import partial
from typing import TYPE_CHECKING, Any

from attrs import evolve

from taskferry.sandbox import Context, Job, Message, Stage
from taskferry_tripo.sandbox.documents import task_document, timestamp

if TYPE_CHECKING:
    from taskferry_tripo.sandbox.service import TripoStandIn

_ALWAYS = ("task_id", "type", "status")
_COMPLETED = "task.completed"
_PARTS = {_COMPLETED: (*_ALWAYS, "output"), "task.failed": (*_ALWAYS, "error_code", "error_message")}
"""What each event tells of its task."""
_AFTER = 0.001
"""Seconds after the end, so that rounding cannot show the task a moment before it."""


def announce(stand_in: TripoStandIn, context: Context, task_id: str) -> None:
    """Post the end of a task, once it has come, to the address that is registered now; to none if none is."""
    job, url = stand_in.jobs.get(task_id), stand_in.webhooks.registered
    if url is None or job is None or not math.isfinite(job.ends_at):
        return
    stand_in.webhooks.send(url, at=job.ends_at + _AFTER, compose=partial(_message, stand_in, context, job))


def signature(secret: str, at: int, body: bytes) -> str:
    """Sign a body: `t=SECONDS,v1=HEX`, an HMAC-SHA256 over `SECONDS.BODY` with the whole `whsec_...` text as key."""
    return f"t={at},v1={hmac.digest(secret.encode(), f'{at}.'.encode() + body, hashlib.sha256).hex()}"


def _message(stand_in: TripoStandIn, context: Context, job: Job, now: float) -> Message:
    event = _COMPLETED if job.life.end is Stage.SUCCEEDED else "task.failed"
    event_id = f"{job.id}:{event}"
    data = _data(stand_in, evolve(context, now=now), job, event)
    document = {"id": event_id, "type": event, "created_at": timestamp(job.ends_at), "data": data}
    body = json.dumps(document).encode()
    headers = {
        "Tripo-Webhook-Id": event_id,
        "Tripo-Webhook-Delivery": _delivery(event_id),
        "Tripo-Webhook-Event": event,
        "Tripo-Webhook-Signature": signature(stand_in.webhook_secret, int(now), body),
    }
    return Message(event=event, task_id=job.id, headers=headers, body=body)


def _delivery(event_id: str) -> str:
    """Make the id that receivers know a repeated message by: the same at every try."""
    return f"whd_{hashlib.sha256(event_id.encode()).hexdigest()[:24]}"


def _data(stand_in: TripoStandIn, context: Context, job: Job, event: str) -> dict[str, Any]:
    task = task_document(job, context.now, partial(stand_in.file_url, context, job))
    return {name: task[name] for name in _PARTS[event]}
