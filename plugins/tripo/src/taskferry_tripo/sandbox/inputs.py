"""What a create takes in: the body's older spellings, and its files, URLs and tasks, each looked up."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from attrs import frozen

from taskferry.sandbox import Context, Job, Stage
from taskferry_tripo.sandbox.capabilities import CAPABILITIES
from taskferry_tripo.sandbox.replies import refuse
from taskferry_tripo.sandbox.uploads import Uploads

_VIEWS = ("front", "left", "back", "right")
_TASK_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_ALIASES = {
    "model_version": "model",
    "original_model_task_id": "input",
    "draft_model_task_id": "input",
    "file": "input",
    "files": "inputs",
}
_FROM_MODELS = ("import_model", "texture_model", "convert_model")

Find = Callable[[str], Job | None]
"""Finds a task of the account that asks."""


@frozen(kw_only=True)
class Source:
    """One thing that a task is made from."""

    text: str
    """A name for it, which may carry fault tokens: a file's name, a URL, or a task's prompt without its tokens."""
    job: Job | None = None


def modern(body: Mapping[str, Any]) -> dict[str, Any]:
    """Give the body in v3's words; the older ones are still read."""
    renamed = {name: value for name, value in body.items() if name not in _ALIASES and name != "type"}
    for old, new in _ALIASES.items():
        if old in body:
            renamed.setdefault(new, body[old])
    if "input" in renamed:
        renamed["input"] = _plain(renamed["input"])
    if isinstance(renamed.get("inputs"), list):
        renamed["inputs"] = [_plain(value) for value in renamed["inputs"]]
    return renamed


def sources_of(context: Context, find: Find, uploads: Uploads, type_: str, body: Mapping[str, Any]) -> list[Source]:
    """Look up everything the body names, or raise RespondWith with the service's error."""
    given: list[Any] = []
    if type_ == "multiview_to_model":
        given = _views(context, body.get("inputs"))
    elif type_ == "generate_image":
        given = [*([body["input"]] if body.get("input") else []), *(body.get("inputs") or [])]
        if not given:
            raise refuse(context, 1004, "input or inputs is required")
    elif type_ not in ("text_to_model", "text_to_image"):
        given = [body.get("input")]
    return [_source(context, find, uploads, type_, value) for value in given]


def _views(context: Context, inputs: object) -> list[Any]:
    if not isinstance(inputs, list):
        raise refuse(context, 1004, "inputs: a list is required")
    if len(inputs) == 1 and isinstance(inputs[0], dict) and "task_id" in inputs[0]:
        return [inputs[0]["task_id"]]
    if all(isinstance(view, dict) and len(view) == 1 and next(iter(view)) in _VIEWS for view in inputs if view):
        keyed = {name: value for view in inputs if view for name, value in view.items()}
    else:
        keyed = dict(zip(_VIEWS, inputs, strict=False))
    views = [value for name in _VIEWS if (value := keyed.get(name))]
    if not keyed.get("front") or len(views) < 2 or len(inputs) > len(_VIEWS):
        raise refuse(context, 1004, "inputs: the front view and at least one of left, back and right are required")
    return views


def _source(context: Context, find: Find, uploads: Uploads, type_: str, value: object) -> Source:
    capability = CAPABILITIES[type_]
    if not isinstance(value, str) or not value or value.startswith("data:"):
        raise refuse(context, 1004, "input: a URL, a file token or a task id is required")
    if capability.sources and _TASK_ID.fullmatch(value):
        job = _finished(context, find, type_, value)
        return Source(text=job.caption, job=job)
    if capability.files and value.startswith(("http://", "https://")):
        return Source(text=value)
    upload = uploads.get(value, context.account.id) if capability.files else None
    if upload is None:
        raise refuse(context, 1004, f"input: {value[:80]!r} is no URL, file token or task id that this task takes")
    if upload.image == (type_ in _FROM_MODELS or type_.startswith(("animate_", "mesh_", "highpoly_"))):
        raise refuse(context, 2004)
    return Source(text=upload.name)


def _finished(context: Context, find: Find, type_: str, task_id: str) -> Job:
    capability = CAPABILITIES[type_]
    job = find(task_id)
    if job is None:
        raise refuse(context, 2001)
    if job.type not in capability.sources:
        raise refuse(context, capability.wrong_source)
    if job.at(context.now).stage is not Stage.SUCCEEDED:
        raise refuse(context, 2007)
    return job


def _plain(value: Any) -> Any:
    """Read v2's way of naming a file, `{"type": "png", "file_token": ...}`, as the plain string of v3."""
    if not isinstance(value, dict) or "task_id" in value:
        return value
    return value.get("file_token") or value.get("url") or (None if not value or "type" in value else value)
