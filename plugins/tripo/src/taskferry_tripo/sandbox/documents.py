"""Tasks as API v3 shows them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from attrs import frozen

from taskferry.sandbox import Job, Stage
from taskferry_tripo.sandbox.outputs import facts, files
from taskferry_tripo.sandbox.replies import CODES

_WORDS = {
    Stage.QUEUED: "queued",
    Stage.RUNNING: "running",
    Stage.SUCCEEDED: "success",
    Stage.CANCELLED: "cancelled",
}
OWN_WORDS = {Stage.MODERATED: "banned", Stage.EXPIRED: "expired"}
"""Words of v2 and of v3's lifecycle page; v3's migration guide folds them into `failed` with a code."""


@frozen
class End:
    """Why a task failed."""

    code: int | str
    message: str


_ENDS: Mapping[Stage, End] = {
    Stage.FAILED: End(1001, CODES[1001].message),
    Stage.MODERATED: End(2008, CODES[2008].message),
    Stage.EXPIRED: End(2018, "Task expired: it waited too long in the queue"),
}


def status_word(job: Job, now: float) -> str:
    """Say where a task stands."""
    stage = job.at(now).stage
    if stage is Stage.UNKNOWN:
        return job.unknown_word
    if stage in OWN_WORDS and job.life.code == OWN_WORDS[stage]:
        return OWN_WORDS[stage]
    return _WORDS.get(stage, "failed")


def end_of(job: Job, now: float) -> End | None:
    """Say why a task failed; None for one that did not."""
    stage = job.at(now).stage
    usual, code = _ENDS.get(stage), job.life.code
    if usual is None or code is None or code == OWN_WORDS.get(stage):
        return usual
    number = int(code) if code.isdecimal() else code
    message = CODES[number].message if isinstance(number, int) and number in CODES else usual.message
    return End(number, message)


def progress(job: Job, now: float) -> int | None:
    """Give the percentage: it means something only while a task runs, and afterwards is 100 however it ended."""
    if job.script.has("null-progress"):
        return None
    moment = job.at(now)
    if moment.ended:
        return 100
    return 0 if moment.stage is Stage.QUEUED else int(moment.progress * 100)


def credits_consumed(job: Job, now: float) -> int | float:
    """Give what a task has cost, which is nothing unless it succeeded."""
    return amount(job.charge if job.at(now).stage is Stage.SUCCEEDED else Decimal(0))


def task_document(job: Job, now: float, url: Callable[[str], str]) -> dict[str, Any]:
    """Show a task; `url` signs the URL of a file of it."""
    moment, end = job.at(now), end_of(job, now)
    document: dict[str, Any] = {
        "task_id": job.id,
        "type": job.type,
        "status": status_word(job, now),
        "progress": progress(job, now),
        "input": dict(job.input),
        "created_at": timestamp(job.created_at),
        "credits_consumed": credits_consumed(job, now),
        "error_code": end.code if end else None,
        "error_message": end.message if end else None,
    }
    if moment.ended:
        document["completed_at"] = timestamp(job.ends_at)
    if moment.stage is Stage.SUCCEEDED:
        document["output"] = output(job, url) if job.has_output(now) else {}
    return document


def output(job: Job, url: Callable[[str], str]) -> dict[str, Any]:
    """Show what a task has made."""
    signed: dict[str, Any] = {
        key: [url(name) for name in names] if isinstance(names, list) else url(names)
        for key, names in files(job).items()
    }
    if "front_view_url" in signed and not job.script.has("flat-views"):
        signed = {"generate_multiview_image": signed}
    return signed | facts(job)


def usage_row(job: Job, now: float) -> dict[str, Any]:
    """Show a task as a line of the usage listing."""
    return {
        "task_id": job.id,
        "type": job.type,
        "status": status_word(job, now),
        "created_at": timestamp(job.created_at),
        "credits_consumed": credits_consumed(job, now),
    }


def amount(credits_: Decimal) -> int | float:
    """Write credits as a number, with up to two places."""
    return int(credits_) if credits_ == credits_.to_integral_value() else round(float(credits_), 2)


def timestamp(at: float) -> str:
    """Write epoch seconds as ISO 8601 in UTC."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
