"""Reads VAP's list of tasks for the jobs that one of ours could be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from taskferry import Candidate
from taskferry_vap.decode import type_words
from taskferry_vap.forms import Form, remote_of
from taskferry_vap.statuses import TYPES


def candidates(bodies: Sequence[Any], form: Form) -> list[Candidate]:
    """Give the listed jobs that can be of a form, newest first; jobs without a date come last."""
    possible = [
        _candidate(body, form)
        for body in bodies
        if isinstance(body, Mapping) and remote_of(form, body) and _is_of(body, form.kind)
    ]
    return sorted(possible, key=lambda candidate: candidate.created_at or 0.0, reverse=True)


def _is_of(body: Mapping[str, Any], kind: str) -> bool:
    """Tell whether a body can be of a kind; one that says nothing is a plain task, never an edit or a preset."""
    words = type_words(body)
    return any(TYPES.get(word, word) == kind for word in words) if words else kind in TYPES


def _candidate(body: Mapping[str, Any], form: Form) -> Candidate:
    given = body.get("params")
    params = given if isinstance(given, Mapping) else {}
    prompts = (place.get(name) for place in (params, body) for name in ("description", "prompt"))
    return Candidate(
        remote=remote_of(form, body),
        created_at=_epoch(body.get("created_at")),
        prompt=next((prompt for prompt in prompts if _text(prompt)), None),
        provider_type=next(iter(type_words(body)), None),
        provider_status=_text(body.get("status")),
    )


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _epoch(value: object) -> float | None:
    if not isinstance(value, str):
        return None
    try:
        read = datetime.fromisoformat(value)
    except ValueError:
        return None
    return (read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp()
