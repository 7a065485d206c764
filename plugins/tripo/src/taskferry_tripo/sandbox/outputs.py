"""What a finished task has: its files, and the few facts that stand among them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from taskferry.sandbox import Job
from taskferry_tripo.sandbox.capabilities import IMAGE_TYPES, MODEL_TYPES, VIEW_TYPES

SIDES = {"front": 0, "left": 90, "back": 180, "right": 270}
"""By how many degrees the model is turned in each view."""
_CONVERTED = {"gltf": "glb"}
"""Other formats are the endings of their files."""
_IN_V2 = {
    "model_url": "model",
    "rendered_image_url": "rendered_image",
    "generated_image_url": "generated_image",
}

Sign = Callable[[str], str]
"""Makes a file's name into a URL."""


def output_of(job: Job, sign: Sign) -> dict[str, Any]:
    """Give the output of a task that succeeded, in v3's words."""
    if job.type in VIEW_TYPES:
        views = {f"{side}_view_url": sign(f"{side}_view.png") for side in SIDES}
        return views if job.script.has("flat-views") else {"generate_multiview_image": views}
    if job.type in IMAGE_TYPES:
        return {"generated_image_url": sign(f"generated_image.{_image_ending(job)}")}
    if job.type == "animate_prerigcheck":
        riggable = not job.script.has("not-riggable")
        return {"riggable": riggable, "topology" if job.script.has("topology") else "rig_type": "biped"}
    if job.type == "image_to_depth":
        return {"depth_image_url": sign("depth.png")}
    if job.type == "image_to_splat":
        return {"splat_url": sign("splat.ply"), "rendered_image_url": sign("rendered.webp")}
    return _model_output(job, sign)


def file_names(job: Job) -> set[str]:
    """List the files that a task's output names."""
    names: set[str] = set()

    def note(name: str) -> str:
        names.add(name)
        return name

    output_of(job, note)
    return names


def output_of_v2(job: Job, sign: Sign) -> dict[str, Any]:
    """Give the same in v2's words, which tell a PBR model from a bare one."""
    output = {_IN_V2.get(name, name): value for name, value in output_of(job, sign).items()}
    kind = _model_stem(job).removeprefix("tripo_")
    if "model" in output and kind in ("pbr_model", "base_model"):
        output[kind] = output.pop("model")
    return output


def _model_output(job: Job, sign: Sign) -> dict[str, Any]:
    assert job.type in MODEL_TYPES
    stem, ending = _model_stem(job), _model_ending(job)
    count = len(job.input.get("animations") or ())
    output: dict[str, Any] = {"model_url": sign(f"{stem}.{ending}"), "rendered_image_url": sign("rendered.webp")}
    if count:
        output["model_urls"] = [output["model_url"], *(sign(f"{stem}_{number}.{ending}") for number in range(1, count))]
    if job.type == "mesh_uv":
        output["uv_render_url"] = sign("uv_render.png")
    return output


def _model_stem(job: Job) -> str:
    if job.type.endswith("_to_model"):
        return "tripo_pbr_model" if textured(job.input) else "tripo_base_model"
    return "tripo_model"


def textured(body: Mapping[str, Any]) -> bool:
    """Tell whether a model gets a texture: `pbr` alone forces it."""
    return bool(body.get("texture", True) or body.get("pbr", True))


def _model_ending(job: Job) -> str:
    if job.type == "convert_model":
        wanted = str(job.input["format"]).lower()
        return _CONVERTED.get(wanted, wanted)
    if job.input.get("quad"):
        return "fbx"
    return str(job.input.get("out_format", "glb"))


def _image_ending(job: Job) -> str:
    return str(job.input.get("output_format", "png"))
