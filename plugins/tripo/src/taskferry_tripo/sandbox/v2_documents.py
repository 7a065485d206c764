"""Tasks as API v2 showed them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from pathlib import PurePath
from typing import Any
from urllib.parse import urlsplit

from taskferry.sandbox import Job, Stage
from taskferry_tripo.sandbox.documents import OWN_WORDS, credits_consumed, end_of, output, progress, status_word

_KEYS: Mapping[str, str] = {"rendered_image_url": "rendered_image", "generated_image_url": "generated_image"}
_MODELS: Mapping[str, str] = {"tripo_pbr_model": "pbr_model", "tripo_base_model": "base_model"}
_LAST_IN_QUEUE = 3
"""Where a task stands in the queue at first."""


def task_document_v2(job: Job, now: float, url: Callable[[str], str]) -> dict[str, Any]:
    """Show a task; `url` signs the URL of a file of it."""
    moment, end = job.at(now), end_of(job, now)
    finite = not moment.ended and math.isfinite(job.ends_at)
    document: dict[str, Any] = {
        "task_id": job.id,
        "type": job.type,
        "status": OWN_WORDS.get(moment.stage) or status_word(job, now),
        "input": dict(job.input),
        "output": _output(job, url) if job.has_output(now) else {},
        "progress": progress(job, now),
        "consumed_credit": int(credits_consumed(job, now)),
        "queuing_num": math.ceil((1 - moment.progress) * _LAST_IN_QUEUE) if moment.stage is Stage.QUEUED else -1,
        "running_left_time": math.ceil(job.ends_at - now) if finite else -1,
        "create_time": int(job.created_at),
        "prompt": job.prompt,
        "result": {},
    }
    return document | ({"error_code": end.code, "error_msg": end.message} if end else {})


def _output(job: Job, url: Callable[[str], str]) -> dict[str, Any]:
    """Give the output in v2's words, which tell a model with materials from a bare one."""
    found = output(job, url)
    stem = PurePath(urlsplit(found.get("model_url", "")).path).stem
    keys = {"model_url": _MODELS.get(stem, "model"), **_KEYS}
    return {keys.get(key, key): value for key, value in found.items()}
