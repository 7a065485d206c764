"""A finished task's output as named artifacts, in both generations of the API."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from taskferry import Artifact, Kind
from taskferry_tripo.expiry import expires_at
from taskferry_tripo.formats import media_type

_JSON = "application/json"

OUTPUTS: Mapping[str, tuple[str, Kind]] = {
    "model_url": ("model", Kind.MODEL),
    "pbr_model": ("pbr-model", Kind.MODEL),
    "pbr_model_url": ("pbr-model", Kind.MODEL),
    "model": ("model", Kind.MODEL),
    "base_model": ("base-model", Kind.MODEL),
    "base_model_url": ("base-model", Kind.MODEL),
    "model_urls": ("model", Kind.MODEL),
    "splat_url": ("splat", Kind.MODEL),
    "seg_model_url": ("segmented-model", Kind.MODEL),
    "rendered_image": ("preview", Kind.IMAGE),
    "rendered_image_url": ("preview", Kind.IMAGE),
    "generated_image": ("image", Kind.IMAGE),
    "generated_image_url": ("image", Kind.IMAGE),
    "image_urls": ("image", Kind.IMAGE),
    "front_view_url": ("front-view", Kind.IMAGE),
    "left_view_url": ("left-view", Kind.IMAGE),
    "back_view_url": ("back-view", Kind.IMAGE),
    "right_view_url": ("right-view", Kind.IMAGE),
    "multiview_basecolor_url": ("multiview-basecolor", Kind.IMAGE),
    "depth_image_url": ("depth", Kind.IMAGE),
    "uv_render_url": ("uv", Kind.IMAGE),
    "mask_url": ("mask", Kind.IMAGE),
    "rendered_video_url": ("turntable", Kind.VIDEO),
    "rendered_sequence_url": ("sequence", Kind.OTHER),
}
"""Name and kind by output key, the most wanted first. v3 gives one `model_url`, v2 any of its three models. A key that
holds a list makes `model-1`, `model-2` and so on."""

_MULTIVIEW = "generate_multiview_image"
"""Holds the four views in v2, and in v3 according to some sources; others have them beside the rest."""

DOCUMENTS: Mapping[str, tuple[str, ...]] = {
    "rig-check": ("riggable", "rig_type"),
    "segmentation": ("seg_task_id", "model_task_id", "prompt"),
}
"""What outputs say in plain values and not in files, by the name of the JSON document made of it; the first value has
to be there."""


def artifacts(output: object) -> tuple[Artifact, ...]:
    """Give every file of an output, then what it says beside files; a file that stands under two keys comes once."""
    if not isinstance(output, Mapping):
        return ()
    nested = output.get(_MULTIVIEW)
    found: dict[str, Artifact] = {}
    urls: set[str] = set()
    for name, kind, url in _files({**nested, **output} if isinstance(nested, Mapping) else output):
        if name not in found and url not in urls:
            found[name] = _artifact(name, kind, url)
            urls.add(url)
    return (*found.values(), *_documents(output))


def _files(output: Mapping[str, Any]) -> Iterator[tuple[str, Kind, str]]:
    for key, (name, kind) in OUTPUTS.items():
        value = output.get(key)
        if isinstance(value, str) and value:
            yield name, kind, value
        elif isinstance(value, list):
            for place, url in enumerate(value, start=1):
                if isinstance(url, str) and url:
                    yield f"{name}-{place}", kind, url


def _artifact(name: str, kind: Kind, url: str) -> Artifact:
    try:
        path = PurePosixPath(urlsplit(url).path)
    except ValueError:  # no address at all: the download says so, and the other files are not lost over it
        return Artifact(name=name, kind=kind, url=url)
    return Artifact(name=name, kind=kind, media_type=media_type(path), url=url, expires_at=expires_at(url))


def _documents(output: Mapping[str, Any]) -> Iterator[Artifact]:
    """Make documents of plain values, so that a task whose whole result they are has one to keep.

    Sources call what a rig check found `rig_type` or `topology`.
    """
    values = {**output, "rig_type": output.get("rig_type") or output.get("topology")}
    for name, keys in DOCUMENTS.items():
        said = {key: values[key] for key in keys if values.get(key) is not None}
        if keys[0] in said:
            packed = base64.b64encode(json.dumps(said).encode()).decode()
            yield Artifact(name=name, kind=Kind.DOCUMENT, media_type=_JSON, url=f"data:{_JSON};base64,{packed}")
