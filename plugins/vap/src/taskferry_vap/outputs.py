"""Finds the files of a job that makes one sort of thing, in every place that a paper or client of VAP's names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from attrs import frozen

from taskferry import Artifact, Kind


@frozen(kw_only=True)
class Output:
    """What jobs of one kind give."""

    name: str
    """Of the first artifact; the second is `NAME-2`."""
    kind: Kind
    fields: Sequence[str]
    """Where its URL is, the usual field first."""


_IMAGE = Output(name="image", kind=Kind.IMAGE, fields=("image_url",))
_VIDEO = Output(name="video", kind=Kind.VIDEO, fields=("video_url",))
_MUSIC = Output(name="music", kind=Kind.AUDIO, fields=("audio_url", "music_url"))

OUTPUTS: Mapping[str, Output] = MappingProxyType(
    {
        "image": _IMAGE,
        "video": _VIDEO,
        "music": _MUSIC,
        "upscale": _IMAGE,
        "background_remove": _IMAGE,
        "inpaint": _IMAGE,
        "ai_edit": _IMAGE,
        "video_trim": _VIDEO,
        "video_merge": _VIDEO,
    }
)
"""By VAP's word for what was asked for."""

COVERS: Mapping[str, Output] = MappingProxyType(
    {"music": Output(name="cover", kind=Kind.IMAGE, fields=("image_url",))},
)
"""What comes along with the output of a kind."""

UNTYPED_FIELDS = ("output_url", "url")
"""Fields of a result that hold whatever the job makes."""


def artifacts(body: Mapping[str, Any], kind: str) -> tuple[Artifact, ...]:
    """Collect every result of a job, and covers after them."""
    output, cover = OUTPUTS[kind], COVERS.get(kind)
    found = _named(output, _output_urls(body, output))
    return (*found, *_named(cover, _cover_urls(body, cover))) if found and cover else found


def _output_urls(body: Mapping[str, Any], output: Output) -> list[str]:
    """Give the URLs of a kind's own fields, of all items; only without any, those of fields that fit every kind."""
    result = _mapping(body.get("result"))
    items = [item for item in (_first(item, (*output.fields, *UNTYPED_FIELDS)) for item in _items(result)) if item]
    typed = _first(result, output.fields)
    if typed or items:
        return [*([typed] if typed else []), *items]
    lone = _first(result, UNTYPED_FIELDS) or _first(body, (*output.fields, "result_url", "output_url"))
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
