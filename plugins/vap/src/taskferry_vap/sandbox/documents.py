"""Tasks as the service shows them, by each of their names: status words, costs as decimal strings, times."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from taskferry.sandbox import Job, Stage
from taskferry_vap.sandbox.products import PRESETS, TYPES
from taskferry_vap.sandbox.results import URL_FIELDS, main_urls, result_of

Show = Callable[[Job, float, Callable[[str], str]], dict[str, Any]]
"""Writes a task as one of the APIs does, at a time; the last one signs the URL of a file of it."""

_WORDS = {Stage.RUNNING: "executing", Stage.SUCCEEDED: "completed"}
_ENDS = {
    Stage.FAILED: ("provider_error", "The provider failed after all retries"),
    Stage.MODERATED: ("content_policy_violation", "Content policy violation"),
    Stage.EXPIRED: ("queue_timeout", "Queue timeout: the task waited too long"),
    Stage.CANCELLED: ("cancelled", "The task was cancelled"),
}
"""Code and message of each end; the papers name only `provider_error`, the others are ours."""


def status_word(job: Job, now: float) -> str:
    """Say where a task stands, in the vocabulary of the proxy, or in that of the papers where the prompt asks so."""
    moment = job.at(now)
    documented = job.script.has("processing")
    if moment.stage is Stage.QUEUED:
        return "queued" if moment.progress >= 0.5 and not documented else "pending"
    if moment.stage is Stage.UNKNOWN:
        return job.unknown_word
    if moment.stage is Stage.RUNNING and documented:
        return "processing"
    return _WORDS.get(moment.stage, "failed")


def money(amount: Decimal, job: Job) -> str | float:
    """Write an amount in US dollars with four places, as a number where the prompt asks so."""
    return float(amount) if job.script.has("cost-number") else f"{amount:.4f}"


def task_document(job: Job, now: float, url: Callable[[str], str]) -> dict[str, Any]:
    """Show a task; `url` signs the URL of a file of it."""
    moment = job.at(now)
    done = moment.stage is Stage.SUCCEEDED
    document: dict[str, Any] = {
        "task_id": job.id,
        "type": _type_word(job),
        "status": status_word(job, now),
        "estimated_cost": money(job.price, job),
        "actual_cost": money(job.charge, job) if done else None,
        "result": None,
        "error_message": None,
        "created_at": timestamp(job.created_at),
        "completed_at": timestamp(job.ends_at) if done else None,
    }
    if job.script.has("null-error"):
        document["error"] = None
    if moment.stage in _ENDS:
        error = error_of(job)
        document["error_message"] = error["message"]
        document["failed_at"] = timestamp(job.ends_at)
        if job.life.code:  # the vendor's clients take a task with this key for a failed call
            document["error"] = error
    if job.has_output(now):
        document |= result_of(job, url)
    return document


def error_of(job: Job) -> dict[str, str]:
    """Give code and message of a task that ends badly, as webhooks show them."""
    code, message = _ENDS[job.life.end]
    return {"code": job.life.code or code, "message": message}


def timestamp(at: float) -> str:
    """Write epoch seconds as ISO 8601 in UTC."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def operation_document(job: Job, now: float, url: Callable[[str], str]) -> dict[str, Any]:
    """Show an edit, which is a task by another name."""
    return {"operation_id": job.id, "operation": job.type, **task_document(job, now, url)}


def execution_document(job: Job, now: float, url: Callable[[str], str]) -> dict[str, Any]:
    """Show what a preset became, which is a task by another name."""
    return {"execution_id": job.id, "preset": job.type, **task_document(job, now, url)}


def generation_document(job: Job, now: float, url: Callable[[str], str]) -> dict[str, Any]:
    """Show a task as `/api/v1` does: by kind, with its URL at the top as well."""
    document = task_document(job, now, url)
    document = {"generation_id": job.id, "kind": job.type, **document}
    del document["type"]
    if job.has_output(now) and not job.script.has("place") and job.type not in PRESETS:
        name, urls = main_urls(job, url)
        document |= {"result_url": urls[0], URL_FIELDS[name]: urls[0]}
    return document


def trial_document(job: Job, now: float, url: Callable[[str], str]) -> dict[str, Any]:
    """Show a trial: its status and its picture."""
    task = task_document(job, now, url)
    document = {"task_id": job.id, "status": task["status"], "image_url": None}
    if job.has_output(now):
        document["image_url"] = main_urls(job, url)[1][0]
    failed = {name: task[name] for name in ("error", "error_message") if task.get(name)}
    return document | failed


def _type_word(job: Job) -> str:
    return f"{job.type}_generation" if job.script.has("long-type") and job.type in TYPES else job.type
