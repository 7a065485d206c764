"""What the body of a create means: aliases resolved, parameters checked, its source found."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from attrs import frozen

from taskferry.sandbox import Context
from taskferry_tripo.sandbox.capabilities import Capability
from taskferry_tripo.sandbox.generation import refused_combinations
from taskferry_tripo.sandbox.replies import fail
from taskferry_tripo.sandbox.rules import wrongs
from taskferry_tripo.sandbox.sources import Resolver

_ALIASES: Mapping[str, str] = {
    "model_version": "model",
    "original_model_task_id": "input",
    "draft_model_task_id": "input",
    "original_task_id": "input",
    "file": "input",
    "files": "inputs",
}
"""Names of v2 that v3 still takes."""
_EMOJI = re.compile("[\u2600-\u27bf\u20e3\ufe0f\U0001f000-\U0001faff]")
_VIEWS = ("front", "left", "back", "right")


@frozen(kw_only=True)
class Order:
    """A create that is valid."""

    body: Mapping[str, Any]
    prompt: str
    """What it asks for in words, fault tokens included."""


def read(capability: Capability, given: Mapping[str, Any], context: Context, resolver: Resolver) -> Order:
    """Check a body; end the request with the service's error where something is wrong with it."""
    body = _named(given)
    for name in capability.required:
        if body.get(name) in (None, "", []):
            fail(context, 1004, f"{name} is required")
    for name in ("prompt", "negative_prompt"):
        if isinstance(body.get(name), str) and _EMOJI.search(body[name]):
            fail(context, 2009)
    wrong = wrongs(capability.rules, body)
    if capability.group == "model-generation":
        wrong += refused_combinations(body)
    if wrong:
        fail(context, 1004, "; ".join(wrong))
    _check(capability, body, context)
    return Order(body=body, prompt=" ".join([*_words(body), *_sources(capability, body, resolver)]))


def _named(given: Mapping[str, Any]) -> dict[str, Any]:
    """Give the body in v3's names; a leftover `type` is ignored."""
    body = {name: value for name, value in given.items() if name not in (*_ALIASES, "type")}
    return {_ALIASES[name]: value for name, value in given.items() if name in _ALIASES} | body


def _words(body: Mapping[str, Any]) -> list[str]:
    guide = body.get("texture_prompt")
    said = (body.get("prompt"), guide.get("text") if isinstance(guide, dict) else None)
    return [text for text in said if isinstance(text, str) and text]


def _sources(capability: Capability, body: Mapping[str, Any], resolver: Resolver) -> list[str]:
    if capability.source is None:
        return []
    if capability.type == "multiview_to_model":
        return list(dict.fromkeys(resolver.views(body["inputs"])))
    inputs = [body["input"]] if body.get("input") else body.get("inputs") or []
    return [resolver.caption(value, capability.source) for value in inputs]


def _check(capability: Capability, body: Mapping[str, Any], context: Context) -> None:
    """Check what only some calls have."""
    if capability.type == "generate_image":
        if not body.get("input") and not body.get("inputs"):
            fail(context, 1004, "input or inputs is required")
        if not body.get("prompt") and not body.get("template"):
            fail(context, 1004, "prompt is required without a template")
    if capability.type == "animate_retarget" and not body.get("animation") and not body.get("animations"):
        fail(context, 1004, "animation or animations is required")
    if capability.type == "convert_model" and body.get("force_symmetry") and not body.get("quad"):
        fail(context, 1004, "force_symmetry needs quad")
    if capability.type == "edit_multiview_image":
        _check_edits(body["prompts"], context)


def _check_edits(prompts: Any, context: Context) -> None:
    if not isinstance(prompts, list) or not all(isinstance(edit, dict) for edit in prompts):
        fail(context, 1004, "prompts must be a list of objects with a view and a prompt")
    views = [edit.get("view") for edit in prompts]
    if not set(views) <= set(_VIEWS) or len(set(views)) != len(views):
        fail(context, 1004, f"prompts must name each of {', '.join(_VIEWS)} at most once")
    if not all(isinstance(edit.get("prompt"), str) and 1 <= len(edit["prompt"]) <= 1024 for edit in prompts):
        fail(context, 1004, "each prompt must have 1 to 1024 characters")
