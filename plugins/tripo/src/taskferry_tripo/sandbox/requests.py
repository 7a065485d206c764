"""The parts of a request, checked as the service checks them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from taskferry.sandbox import Context
from taskferry_tripo.sandbox.replies import fail

_MOST_TASKS = 100
"""In one batch read."""


async def json_object(context: Context) -> dict[str, Any]:
    """Read the body as a JSON object; end the request where it is none."""
    media_type = context.request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        fail(context, 1003, f"the content type must be application/json, not {media_type!r:.100}", status=415)
    try:
        body = await context.json()
    except ValueError:
        body = None
    if not isinstance(body, dict):
        fail(context, 1003, "the body must be a JSON object")
    return body


def task_ids_of(body: Mapping[str, Any], context: Context) -> list[str]:
    """Read the ids of a batch read."""
    task_ids = body.get("task_ids")
    if not isinstance(task_ids, list) or not all(isinstance(task_id, str) for task_id in task_ids):
        fail(context, 1004, "task_ids must be a list of texts")
    if not 1 <= len(task_ids) <= _MOST_TASKS:
        fail(context, 1004, f"task_ids must hold 1 to {_MOST_TASKS} ids, not {len(task_ids)}")
    return task_ids


def integer(context: Context, name: str, default: int, *, low: int, high: int | None = None) -> int:
    """Read a whole number of the query."""
    text = context.request.query_params.get(name, str(default))
    if not text.isdecimal() or int(text) < low or (high is not None and int(text) > high):
        span = f"from {low}" if high is None else f"from {low} to {high}"
        fail(context, 1004, f"{name} must be a whole number {span}, not {text!r:.100}")
    return int(text)
