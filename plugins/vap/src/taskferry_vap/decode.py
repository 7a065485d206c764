"""Reads VAP's task bodies: pure, and as tolerant as the papers are vague: no paid result is lost over a detail."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from attrs import frozen

from taskferry import Artifact, Candidate, Cost, FailureKind, Kind, Observation, Status, clean, decimal
from taskferry_vap.errors import task_failure
from taskferry_vap.statuses import STATUSES, TYPES


@frozen(kw_only=True)
class Output:
    """What tasks of one type give."""

    name: str
    """Of the first artifact; the second is `NAME-2`."""
    kind: Kind
    fields: Sequence[str]
    """Where its URL is, the usual field first."""


OUTPUTS: Mapping[str, Output] = MappingProxyType(
    {
        "image": Output(name="image", kind=Kind.IMAGE, fields=("image_url",)),
        "video": Output(name="video", kind=Kind.VIDEO, fields=("video_url",)),
        "music": Output(name="music", kind=Kind.AUDIO, fields=("audio_url", "music_url")),
    }
)
COVERS: Mapping[str, Output] = MappingProxyType(
    {"music": Output(name="cover", kind=Kind.IMAGE, fields=("image_url",))},
)
"""What comes along with the output of a type."""

UNTYPED_FIELDS = ("output_url", "url")
"""Fields of a result that hold whatever the task's type makes."""


def observation(body: Mapping[str, Any], kind: str) -> Observation:
    """Read a task body; what its URLs are follows from `kind` (`image`, `video`, `music`), not from which is found."""
    word = _text(body.get("status"))
    status = STATUSES.get(word or "")
    failure = task_failure(body) if status is Status.FAILED else None
    if failure is not None and failure.kind is FailureKind.MODERATED:
        status = Status.MODERATED
    return Observation(
        provider_status=clean(word, 80) if word and status is None else word,
        status=status,
        artifacts=artifacts(body, kind),
        cost=cost(body),
        failure=failure,
    )


def cost(body: Mapping[str, Any]) -> Cost | None:
    """Read what a task costs, from numbers or numeric texts; None where the body does not say."""
    estimated, actual = decimal(body.get("estimated_cost")), decimal(body.get("actual_cost"))
    if estimated is None and actual is None:
        return None
    return Cost(estimated=estimated, actual=actual, unit="USD")


def artifacts(body: Mapping[str, Any], kind: str) -> tuple[Artifact, ...]:
    """Collect every result of a task, and covers after them."""
    output, cover = OUTPUTS[kind], COVERS.get(kind)
    found = _named(output, _output_urls(body, output))
    return (*found, *_named(cover, _cover_urls(body, cover))) if found and cover else found


def type_of(body: Mapping[str, Any]) -> str | None:
    """Give a task's type in its short spelling; None where the body has none that is known."""
    word = body.get("type") or body.get("task_type")
    return TYPES.get(word) if isinstance(word, str) else None


def candidates(bodies: Sequence[Any], kind: str) -> list[Candidate]:
    """Give the listed tasks that can be of a kind, newest first; tasks without a date come last."""
    possible = [
        _candidate(body, kind)
        for body in bodies
        if isinstance(body, Mapping) and _text(body.get("task_id")) and type_of(body) in (kind, None)
    ]
    return sorted(possible, key=lambda candidate: candidate.created_at or 0.0, reverse=True)


def _candidate(body: Mapping[str, Any], kind: str) -> Candidate:
    params = _mapping(body.get("params"))
    prompts = (place.get(name) for place in (params, body) for name in ("description", "prompt"))
    return Candidate(
        remote={"task_id": body["task_id"], "kind": kind},
        created_at=_epoch(body.get("created_at")),
        prompt=next((prompt for prompt in prompts if _text(prompt)), None),
        provider_type=_text(body.get("type") or body.get("task_type")),
        provider_status=_text(body.get("status")),
    )


def _output_urls(body: Mapping[str, Any], output: Output) -> list[str]:
    """Give the URLs of a type's own fields, of all items; only without any, those of fields that fit every type."""
    result = _mapping(body.get("result"))
    items = [item for item in (_first(item, (*output.fields, *UNTYPED_FIELDS)) for item in _items(result)) if item]
    typed = _first(result, output.fields)
    if typed or items:
        return [*([typed] if typed else []), *items]
    lone = _first(result, UNTYPED_FIELDS) or _first(body, (*output.fields, "result_url"))
    return [lone] if lone else []


def _cover_urls(body: Mapping[str, Any], cover: Output) -> Iterator[str]:
    result = _mapping(body.get("result"))
    for place in (result, *_items(result), body):
        if url := _first(place, cover.fields):
            yield url


def _named(output: Output, urls: Sequence[str] | Iterator[str]) -> tuple[Artifact, ...]:
    return tuple(
        Artifact(name=output.name if number == 1 else f"{output.name}-{number}", kind=output.kind, url=url)
        for number, url in enumerate(dict.fromkeys(urls), start=1)
    )


def _items(result: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    listed = result.get("items")
    return [item for item in listed if isinstance(item, Mapping)] if isinstance(listed, list) else []


def _first(place: Mapping[str, Any], fields: Sequence[str]) -> str | None:
    urls = (place.get(field) for field in fields)
    return next((url for url in urls if isinstance(url, str) and url.startswith(("https://", "http://"))), None)


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


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
