"""What a finished task has made: the files by output key, and what else an output says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from taskferry.sandbox import Job
from taskferry_tripo.sandbox.prices import textured

Files = Mapping[str, str | list[str]]
"""File names by the output keys of v3; a list where the key holds one."""

VIEWS = ("front", "left", "back", "right")
_VIEW_FILES: Files = {f"{view}_view_url": f"{view}.png" for view in VIEWS}
_CONVERTED = {"gltf": "glb"}
"""A conversion to GLTF gives a GLB."""


def files(job: Job) -> Files:
    """Give the files of a task by the output keys of v3."""
    return _FILES.get(job.type, _model)(job)


def file_names(job: Job) -> list[str]:
    """Name all files of a task."""
    return [name for value in files(job).values() for name in (value if isinstance(value, list) else [value])]


def facts(job: Job) -> dict[str, Any]:
    """Give what an output says besides its files."""
    if job.type == "animate_prerigcheck":
        return {"riggable": not job.script.has("not-riggable"), job.script.word("rig-key") or "rig_type": "biped"}
    if job.type == "smart_segmentation":
        return {"seg_task_id": job.id, "model_task_id": job.id, "prompt": job.caption}
    return {}


def _generated(job: Job) -> Files:
    kind = "pbr" if textured(job.input) else "base"
    found: dict[str, str | list[str]] = {
        "model_url": f"tripo_{kind}_model.{'fbx' if job.input.get('quad') else 'glb'}",
        "rendered_image_url": "rendered.webp",
    }
    if job.input.get("render_video"):
        found["rendered_video_url"] = "rendered.mp4"
    return found


def _model(job: Job) -> Files:
    return {"model_url": f"tripo_model.{job.input.get('out_format', 'glb')}", "rendered_image_url": "rendered.webp"}


def _converted(job: Job) -> Files:
    asked = str(job.input["format"]).lower()
    return {"model_url": f"tripo_convert.{_CONVERTED.get(asked, asked)}"}


def _retargeted(job: Job) -> Files:
    suffix = job.input.get("out_format", "glb")
    count = len(job.input.get("animations") or [])
    if count == 0:
        return {"model_url": f"tripo_animated.{suffix}"}
    return {"model_urls": [f"tripo_animated-{number}.{suffix}" for number in range(1, count + 1)]}


def _image(job: Job) -> Files:
    return {"generated_image_url": f"generated.{job.input.get('output_format', 'png')}"}


_FILES: Mapping[str, Callable[[Job], Files]] = {
    "text_to_model": _generated,
    "image_to_model": _generated,
    "multiview_to_model": _generated,
    "convert_model": _converted,
    "animate_retarget": _retargeted,
    "text_to_image": _image,
    "generate_image": _image,
    "generate_multiview_image": lambda _: _VIEW_FILES,
    "edit_multiview_image": lambda _: _VIEW_FILES,
    "image_to_splat": lambda _: {"splat_url": "splat.ply"},
    "image_to_depth": lambda _: {"depth_image_url": "depth.png"},
    "animate_prerigcheck": lambda _: {},
    "mesh_uv": lambda _: {"model_url": "tripo_uv.glb", "uv_render_url": "uv.png"},
    "smart_segmentation": lambda _: {"mask_url": "mask.png", "seg_model_url": "tripo_segmented.glb"},
}
"""By type; all others give a model and its preview."""
