"""Tasks as the service shows them: status words, costs as decimal strings, and results in every known place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from taskferry.sandbox import Job, Stage

_WORDS = {Stage.RUNNING: "executing", Stage.SUCCEEDED: "completed"}
_URL_FIELDS = {"image": "image_url", "video": "video_url", "music": "audio_url"}
_ENDS = {
    Stage.FAILED: ("provider_error", "The provider failed after all retries"),
    Stage.MODERATED: ("content_policy_violation", "Content policy violation"),
    Stage.EXPIRED: ("queue_timeout", "The task waited too long in the queue"),
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
        "type": f"{job.type}_generation" if job.script.has("long-type") else job.type,
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
        code, message = _ENDS[moment.stage]
        document["error"] = {"code": job.life.code or code, "message": message}
        document["error_message"] = message
        document["failed_at"] = timestamp(job.ends_at)
    if job.has_output(now):
        document |= _result(job, url)
    return document


def file_names(job: Job) -> list[str]:
    """Name the files of a finished task, the main ones first."""
    ending = {"image": job.input.get("output_format"), "video": "mp4", "music": job.input.get("audio_format")}[job.type]
    count = int(job.script.word("items") or 1)
    return [f"{job.type}.{ending}"] + [f"{job.type}-{number}.{ending}" for number in range(2, count + 1)]


def timestamp(at: float) -> str:
    """Write epoch seconds as ISO 8601 in UTC."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _result(job: Job, url: Callable[[str], str]) -> dict[str, Any]:
    urls = [url(name) for name in file_names(job)]
    usual = "items" if job.type == "music" or len(urls) > 1 else "usual"
    return _PLACES[job.script.word("place") or usual](_URL_FIELDS[job.type], urls, _cover(job, url))


def _cover(job: Job, url: Callable[[str], str]) -> dict[str, str]:
    return {"image_url": url("cover.jpeg")} if job.script.has("cover") and job.type == "music" else {}


_Place = Callable[[str, list[str], dict[str, str]], dict[str, Any]]

_PLACES: Mapping[str, _Place] = {
    "usual": lambda field, urls, cover: {"result": {field: urls[0], "output_url": urls[0], **cover}},
    "items": lambda field, urls, cover: {"result": {"items": [{field: url, **cover} for url in urls]}},
    "typed": lambda field, urls, cover: {"result": {field: urls[0], **cover}},
    "music_url": lambda _, urls, cover: {"result": {"music_url": urls[0], **cover}},
    "output_url": lambda _, urls, cover: {"result": {"output_url": urls[0], **cover}},
    "url": lambda _, urls, cover: {"result": {"url": urls[0], **cover}},
    "top": lambda field, urls, _: {field: urls[0]},
    "result_url": lambda _, urls, __: {"result_url": urls[0]},
}

PLACES = tuple(_PLACES)
