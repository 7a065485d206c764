"""Webhooks as the vendor's SDK verifies them: a signature over time and canonical JSON.

The body is sent in its canonical form, so that it does not matter whether a receiver signs what it got or what it read.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import math
from functools import partial
from typing import TYPE_CHECKING, Any

from attrs import evolve

from taskferry.sandbox import Context, Job, Message, Stage
from taskferry_vap.sandbox.documents import error_of, task_document, timestamp

if TYPE_CHECKING:
    from taskferry_vap.sandbox.service import VapStandIn

_ATTEMPTS = 3
"""How often the service tries a task before it fails, as its papers show."""


def announce(stand_in: VapStandIn, context: Context, task_id: str, url: str) -> None:
    """Post the end of a task to a URL, once it has come; a refund has a message of its own."""
    job = stand_in.jobs.get(task_id)
    if job is None or not math.isfinite(job.ends_at) or job.script.has("no-webhook"):
        return
    events = ["task.completed"] if job.life.end is Stage.SUCCEEDED else ["task.failed", "task.refunded"]
    if job.script.has("webhook-twice"):
        events.append(events[0])
    for event in events:
        stand_in.webhooks.send(url, at=job.ends_at, compose=partial(_message, stand_in, context, job, event))


def signature(secret: str, at: str, content: bytes) -> str:
    """Sign a message: hex HMAC-SHA256 over `TIME.JSON`."""
    return hmac.digest(secret.encode(), at.encode() + b"." + content, hashlib.sha256).hex()


def _message(stand_in: VapStandIn, context: Context, job: Job, event: str, now: float) -> Message:
    data = _data(stand_in, evolve(context, now=now), job, event)
    body = {"event": event, "timestamp": timestamp(now), "data": data}
    content = json.dumps(body, sort_keys=True, separators=(",", ":")).encode()
    secret = "whsec_of_somebody_else" if job.script.has("bad-signature") else stand_in.webhook_secret
    at = str(int(now))
    headers = {"X-VAP-Signature": signature(secret, at, content), "X-VAP-Timestamp": at}
    return Message(event=event, task_id=job.id, headers=headers, body=content)


def _data(stand_in: VapStandIn, context: Context, job: Job, event: str) -> dict[str, Any]:
    if event == "task.refunded":
        context.account.settle(context.now)
        balance = f"{context.account.balance:.4f}"
        return {"task_id": job.id, "refund_amount": f"{job.price:.4f}", "new_balance": balance}
    task = stand_in.document(context, job, task_document)
    if event == "task.failed":
        names = ("task_id", "type", "status", "estimated_cost", "created_at", "failed_at")
        failed = {name: task[name] for name in names}
        return {**failed, "error": error_of(job), "refund_amount": f"{job.price:.4f}", "attempts": _ATTEMPTS}
    left_out = ("error", "error_message")
    done = {name: value for name, value in task.items() if name not in left_out}
    return {**done, "duration_seconds": round(job.ends_at - job.created_at, 3)}
