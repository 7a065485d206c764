"""A task as the service shows it, in both generations of its API."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from taskferry.sandbox import Job, Moment, Stage
from taskferry_tripo.sandbox.outputs import Sign, output_of, output_of_v2
from taskferry_tripo.sandbox.replies import CODES

_WORDS: Mapping[Stage, str] = {
    Stage.QUEUED: "queued",
    Stage.RUNNING: "running",
    Stage.SUCCEEDED: "success",
    Stage.FAILED: "failed",
    Stage.MODERATED: "failed",
    Stage.EXPIRED: "failed",
    Stage.CANCELLED: "cancelled",
}
_V2_WORDS: Mapping[Stage, str] = {**_WORDS, Stage.MODERATED: "banned", Stage.EXPIRED: "expired"}
_CODES: Mapping[Stage, tuple[int, str]] = {
    Stage.MODERATED: (2008, "Content moderation violation"),
    Stage.EXPIRED: (2018, "The task expired: it waited too long in the queue"),
}


def status_word(job: Job, now: float, *, v2: bool = False) -> str:
    """Say where a task stands; v3 folds `banned` and `expired` into `failed` unless the script says otherwise."""
    stage = job.at(now).stage
    if stage is Stage.UNKNOWN:
        return job.unknown_word
    if stage in _CODES and job.life.code:
        return job.life.code
    return (_V2_WORDS if v2 else _WORDS)[stage]


def task_document(job: Job, now: float, sign: Sign) -> dict[str, Any]:
    """Show a task as v3 does."""
    moment = job.at(now)
    code, message = _error(job, moment)
    finished = job.finished_at(now)
    document: dict[str, Any] = {
        "task_id": job.id,
        "type": job.type,
        "status": status_word(job, now),
        "progress": None if job.script.has("null-progress") and not moment.ended else _progress(moment),
        "input": dict(job.input),
        "created_at": iso(job.created_at),
        "credits_consumed": _consumed(job, moment),
        "error_code": code,
        "error_message": message,
    }
    if finished is not None:
        document["completed_at"] = iso(finished)
    if moment.stage is Stage.SUCCEEDED:
        document["output"] = output_of(job, sign) if job.has_output(now) else {}
    if job.script.has("queue-position"):
        document |= _queue(job, moment, now)
    return document


def task_document_v2(job: Job, now: float, sign: Sign) -> dict[str, Any]:
    """Show a task as v2 did."""
    moment = job.at(now)
    code, message = _error(job, moment)
    document = {
        "task_id": job.id,
        "type": job.type,
        "status": status_word(job, now, v2=True),
        "input": dict(job.input),
        "output": output_of_v2(job, sign) if job.has_output(now) else {},
        "progress": _progress(moment),
        "consumed_credit": _consumed(job, moment),
        "create_time": int(job.created_at),
        **_queue(job, moment, now),
    }
    return document if code is None else {**document, "error_code": code, "error_msg": message}


def usage_row(job: Job, now: float) -> dict[str, Any]:
    """Show a task as a line of the account's usage."""
    return {
        "task_id": job.id,
        "type": job.type,
        "status": status_word(job, now),
        "created_at": iso(job.created_at),
        "credits_consumed": _consumed(job, job.at(now)),
    }


def iso(time: float) -> str:
    """Write a time as the service does: UTC, whole seconds."""
    return datetime.fromtimestamp(time, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def number(amount: Decimal) -> int | float:
    """Write an amount of credits as JSON has it."""
    return int(amount) if amount == amount.to_integral_value() else float(amount)


def _progress(moment: Moment) -> int:
    if moment.stage in (Stage.RUNNING, Stage.UNKNOWN):
        return int(moment.progress * 100)
    return 100 if moment.stage in (Stage.SUCCEEDED, Stage.FAILED) else 0


def _consumed(job: Job, moment: Moment) -> int | float:
    return number(job.charge) if moment.stage is Stage.SUCCEEDED else 0


def _error(job: Job, moment: Moment) -> tuple[int | None, str | None]:
    if moment.stage in _CODES:
        return _CODES[moment.stage]
    if moment.stage is not Stage.FAILED:
        return None, None
    code = int(job.life.code) if job.life.code and job.life.code.isdecimal() else 1001
    return code, CODES.get(code, (0, f"Error {code}", ""))[1]


def _queue(job: Job, moment: Moment, now: float) -> dict[str, int]:
    left = -1 if moment.ended or math.isinf(job.ends_at) else math.ceil(job.ends_at - now)
    ahead = math.ceil((1 - moment.progress) * 3) if moment.stage is Stage.QUEUED else -1
    return {"queuing_num": ahead, "running_left_time": left}
