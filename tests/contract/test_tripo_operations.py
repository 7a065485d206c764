"""Every creation call of Tripo's API v3 as an operation: its body, its price, its schema and what it refuses."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

import jsonschema_rs
import pytest

from taskferry import Amount, InvalidParameters, Operation, Request
from taskferry.parameters import validate
from taskferry.testing import submitted
from taskferry_tripo.adapter import TripoAdapter
from taskferry_tripo.operations import CAPABILITIES, OPERATIONS

ADAPTER = TripoAdapter()
BY_NAME = {operation.name.partition("/")[2]: operation for operation in OPERATIONS}
TASK = "6ffdb041-55c6-4a16-8985-7cc3268a545b"
FOX = "https://example.com/fox.png"

PATHS = {
    "text-to-model": "generation/text-to-model",
    "image-to-model": "generation/image-to-model",
    "multiview-to-model": "generation/multiview-to-model",
    "text-to-image": "generation/text-to-image",
    "image-to-image": "generation/image-to-image",
    "image-to-multiview": "generation/image-to-multiview",
    "edit-multiview": "generation/edit-multiview",
    "image-to-splat": "generation/image-to-splat",
    "image-to-depth": "generation/image-to-depth",
    "import-model": "models/import",
    "texture": "models/texture",
    "convert": "models/convert",
    "rig-check": "animations/rig-check",
    "rig": "animations/rig",
    "retarget": "animations/retarget",
    "segment": "mesh/segment",
    "smart-segment": "mesh/smartsegment",
    "complete": "mesh/complete",
    "decimate": "mesh/decimate",
    "uv": "mesh/uv",
}
"""All that v3 still offers; refine and stylize are retired."""


def test_every_creation_call_is_offered_and_no_retired_one() -> None:
    """One operation for each path of the map."""
    assert {name: CAPABILITIES[f"tripo/{name}"].path for name in BY_NAME} == {
        name: f"/v3/{path}" for name, path in PATHS.items()
    }


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_every_parameter_is_described_typed_and_constrained(operation: Operation) -> None:
    """A type, words, limits and an example, wherever choices or yes and no do not say it all; also inside lists."""
    jsonschema_rs.meta.validate(json.loads(json.dumps(operation.parameters)))

    for name, schema in operation.parameters["properties"].items():
        assert {"type", "description"} <= schema.keys(), name
        assert schema["description"].endswith("."), name
        assert "enum" in schema or schema["type"] == "boolean" or schema["examples"], name
        assert all(is_limited(inner) for inner in with_inner(schema)), name


def with_inner(schema: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield schema
    for inner in (schema.get("items"), *schema.get("properties", {}).values()):
        if inner:
            yield from with_inner(inner)


def is_limited(schema: Mapping[str, Any]) -> bool:
    """A matrix may hold any number; only its length is limited."""
    limits = {"string": "maxLength", "integer": "maximum", "array": "maxItems", "object": "additionalProperties"}
    return "enum" in schema or schema["type"] in ("boolean", "number") or limits[schema["type"]] in schema


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_examples_and_defaults_are_what_the_operation_takes(operation: Operation) -> None:
    """The example as a whole, and each parameter's own examples and default by its own schema."""
    assert validate(operation, operation.example) == operation.example

    for schema in operation.parameters["properties"].values():
        for value in (*schema.get("examples", ()), *([schema["default"]] if "default" in schema else ())):
            jsonschema_rs.validate(json.loads(json.dumps(schema)), value)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_what_was_not_given_is_not_sent(operation: Operation) -> None:
    """Defaults are documentation; only a model is always named, where v3 refuses a job without one or is unclear."""
    _, calls = submitted(ADAPTER, operation, {"data": {"task_id": "t"}}, **operation.example)

    body = calls[-1].json
    added = {"input", "inputs", "texture_prompt", "format", "seg_type"}
    models = {} if "model" in operation.example else CAPABILITIES[operation.name].always
    assert {name: body[name] for name in models} == models
    assert body.keys() - models.keys() - added <= operation.example.keys()


BODIES: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    (
        "multiview-to-model",
        {"front": FOX, "right": TASK, "model": "P1-20260311", "orthographic_projection": True},
        {"model": "P1-20260311", "orthographic_projection": True, "inputs": [{"front": FOX}, {"right": TASK}]},
    ),
    ("multiview-to-model", {"views": TASK}, {"model": "v3.1-20260211", "inputs": [{"task_id": TASK}]}),
    (
        "text-to-image",
        {"prompt": "a fox", "model": "banana", "aspect_ratio": "16:9", "output_format": "jpeg"},
        {"prompt": "a fox", "model": "banana", "aspect_ratio": "16:9", "output_format": "jpeg"},
    ),
    ("image-to-image", {"image": FOX, "template": "t_pose"}, {"input": FOX, "template": "t_pose"}),
    ("image-to-image", {"images": [FOX, TASK], "prompt": "snow"}, {"inputs": [FOX, TASK], "prompt": "snow"}),
    ("image-to-multiview", {"image": "file_1"}, {"input": "file_1"}),
    (
        "edit-multiview",
        {"source": TASK, "prompts": [{"view": "left", "prompt": "a scarf"}]},
        {"input": TASK, "prompts": [{"view": "left", "prompt": "a scarf"}]},
    ),
    ("image-to-splat", {"image": FOX, "seed": 3}, {"input": FOX, "model_seed": 3}),
    (
        "image-to-depth",
        {"image": FOX, "kind": "color", "process_res": 1008},
        {"input": FOX, "kind": "color", "process_res": 1008},
    ),
    ("import-model", {"source": "file_1"}, {"input": "file_1"}),
    (
        "texture",
        {"source": TASK, "prompt": "rust", "style_image": FOX, "seed": 1, "part_names": ["tail"], "bake": False},
        {
            "input": TASK,
            "model": "v3.0-20250812",
            "texture_prompt": {"text": "rust", "style_image": FOX},
            "model_seed": 1,
            "part_names": ["tail"],
            "bake": False,
        },
    ),
    (
        "texture",
        {"source": TASK, "images": [FOX] * 4, "model": "v3.5-20260815", "texture_quality": "fast"},
        {
            "input": TASK,
            "model": "v3.5-20260815",
            "texture_quality": "fast",
            "texture_prompt": {"images": [FOX] * 4},
        },
    ),
    (
        "convert",
        {"source": TASK, "output_format": "3mf", "scale_factor": 2.5},
        {"input": TASK, "format": "3MF", "scale_factor": 2.5},
    ),
    ("rig-check", {"source": TASK}, {"input": TASK}),
    (
        "rig",
        {"source": TASK, "model": "v2.5-20260210", "rig_type": "avian", "spec": "vrm", "output_format": "fbx"},
        {"input": TASK, "model": "v2.5-20260210", "rig_type": "avian", "spec": "vrm", "out_format": "fbx"},
    ),
    ("retarget", {"source": TASK, "animation": "preset:walk"}, {"input": TASK, "animation": "preset:walk"}),
    (
        "retarget",
        {"source": TASK, "animations": ["preset:walk", "preset:biped:dance_01"], "export_with_geometry": True},
        {"input": TASK, "animations": ["preset:walk", "preset:biped:dance_01"], "export_with_geometry": True},
    ),
    (
        "segment",
        {"source": TASK, "model": "v2.0-20260430", "ref_image": FOX, "segmentation_granularity": "simple"},
        {"input": TASK, "model": "v2.0-20260430", "ref_image": FOX, "segmentation_granularity": "simple"},
    ),
    ("smart-segment", {"image": TASK, "hint": "wheels"}, {"input": TASK, "hint": "wheels", "seg_type": "image"}),
    (
        "smart-segment",
        {"source": TASK, "transform": [1] * 16},
        {"input": TASK, "transform": [1] * 16, "seg_type": "model"},
    ),
    ("complete", {"source": TASK, "part_names": ["tail"]}, {"input": TASK, "part_names": ["tail"]}),
    (
        "decimate",
        {"source": TASK, "face_limit": 10_000, "quad": True},
        {"input": TASK, "face_limit": 10_000, "quad": True},
    ),
    ("uv", {"source": TASK, "export_orientation": "-y"}, {"input": TASK, "export_orientation": "-y"}),
]


@pytest.mark.parametrize(("name", "given", "body"), BODIES)
def test_the_body_is_in_tripos_words(name: str, given: dict[str, Any], body: dict[str, Any]) -> None:
    """One create, to the operation's own path."""
    accepted, calls = submitted(ADAPTER, BY_NAME[name], {"data": {"task_id": "t"}}, **given)

    assert [(call.method, call.path, call.json) for call in calls] == [("POST", f"/v3/{PATHS[name]}", body)]
    assert accepted.remote == {"task_id": "t"}


@pytest.mark.parametrize(
    ("name", "given", "price"),
    [
        ("multiview-to-model", {"views": TASK, "texture_quality": "extreme"}, 50),
        ("text-to-image", {"prompt": "a fox"}, 5),
        ("text-to-image", {"prompt": "a fox", "model": "banana"}, 10),
        ("image-to-image", {"image": FOX, "prompt": "snow"}, 10),
        ("image-to-multiview", {"image": FOX}, 10),
        ("edit-multiview", {"source": TASK, "prompts": [{"view": v, "prompt": "x"} for v in ("left", "back")]}, 10),
        ("image-to-splat", {"image": FOX}, None),
        ("image-to-depth", {"image": FOX}, None),
        ("import-model", {"source": "file_1"}, 0),
        ("texture", {"source": TASK}, 10),
        ("texture", {"source": TASK, "texture_quality": "extreme"}, 30),
        ("texture", {"source": TASK, "texture_quality": "fast", "model": "v3.5-20260815"}, None),
        ("convert", {"source": TASK, "output_format": "stl"}, 5),
        ("convert", {"source": TASK, "output_format": "stl", "quad": False, "pack_uv": True}, 5),
        ("convert", {"source": TASK, "output_format": "stl", "face_limit": 900}, 10),
        ("rig-check", {"source": TASK}, 0),
        ("rig", {"source": TASK}, 25),
        ("retarget", {"source": TASK, "animation": "preset:run"}, 10),
        ("retarget", {"source": TASK, "animations": ["preset:run", "preset:walk", "preset:idle"]}, 30),
        ("retarget", {"source": TASK, "animation": "preset:run", "render_video": True}, None),
        ("segment", {"source": TASK}, 40),
        ("smart-segment", {"source": TASK}, None),
        ("complete", {"source": TASK}, 50),
        ("decimate", {"source": TASK}, 30),
        ("decimate", {"source": TASK, "model": "v3.0"}, None),
        ("uv", {"source": TASK}, None),
    ],
)
def test_the_estimate_is_the_price_list(name: str, given: dict[str, Any], price: int | None) -> None:
    """What the list leaves out has none, for an unknown price is not a price of nothing."""
    operation = BY_NAME[name]
    request = Request(task_id="t", operation=operation, parameters=validate(operation, given))

    estimate = ADAPTER.estimate(request)

    assert estimate == (None if price is None else Amount(value=Decimal(price), unit="credits"))


@pytest.mark.parametrize("operation", [one for one in OPERATIONS if one.price], ids=lambda operation: operation.name)
def test_a_flat_price_is_the_estimate(operation: Operation) -> None:
    """What the listing of operations shows is what is estimated."""
    request = Request(task_id="t", operation=operation, parameters=operation.example)

    assert ADAPTER.estimate(request) == operation.price


REFUSED: list[tuple[str, dict[str, Any], str]] = [
    ("multiview-to-model", {"front": FOX, "back": FOX, "model": "P1-20260311", "quad": False}, "quad: P1-20260311"),
    ("text-to-image", {"prompt": "a 🦊"}, "prompt: It takes 1 to 1800 characters"),
    ("text-to-image", {"prompt": "a fox", "aspect_ratio": "1:1"}, "aspect_ratio: Only the banana models know"),
    ("text-to-image", {"prompt": "a", "model": "banana", "quality": "high"}, "quality: Only chat_image_2 and"),
    ("image-to-image", {"image": FOX}, "Give a prompt or a template."),
    ("image-to-image", {"prompt": "a"}, "Give either image or images."),
    ("image-to-image", {"image": FOX, "images": [FOX], "prompt": "a"}, "Give either image or images."),
    ("image-to-image", {"images": [FOX] * 5, "prompt": "a"}, "images: The seedream model takes up to 4."),
    ("image-to-image", {"images": [FOX] * 11, "prompt": "a", "model": "banana"}, "images: The banana models take up"),
    ("edit-multiview", {"source": TASK, "prompts": [{"view": "left", "prompt": "a"}] * 2}, "prompts: Each view can be"),
    ("edit-multiview", {"source": TASK, "prompts": []}, "prompts: "),
    ("edit-multiview", {"source": TASK, "prompts": [{"view": "top", "prompt": "a"}]}, "prompts[0].view: "),
    ("image-to-depth", {"image": FOX, "process_res": 125}, "process_res: "),
    ("texture", {"source": TASK, "prompt": "a", "image": FOX}, "Say what it is to look like in one way"),
    ("texture", {"source": TASK, "images": [FOX] * 3}, "images: "),
    ("texture", {"source": TASK, "texture": False, "pbr": False}, "There is nothing to make"),
    ("texture", {"source": TASK, "texture_quality": "fast"}, "texture_quality fast needs the model v3.5-20260815."),
    ("convert", {"source": TASK, "output_format": "fbx", "force_symmetry": True}, "force_symmetry needs quad=true."),
    ("convert", {"source": TASK, "output_format": "gltf", "quad": True}, "gltf, stl and 3mf hold triangles only"),
    ("convert", {"source": TASK, "output_format": "stl", "export_vertex_colors": True}, "export_vertex_colors is for"),
    ("convert", {"source": TASK, "output_format": "ply"}, "output_format: "),
    ("convert", {"source": TASK, "output_format": "stl", "face_limit": -1}, "face_limit: "),
    ("rig", {"source": TASK, "rig_type": "avian"}, "Only bipeds can be rigged by v1.0"),
    ("rig", {"source": TASK, "spec": "unity", "model": "v1.0-20240301"}, "spec unity, unreal and vrm need model="),
    ("rig", {"source": TASK, "model": "v2.0-20250506"}, "model: "),
    ("retarget", {"source": TASK}, "Give either animation or animations."),
    ("retarget", {"source": TASK, "animations": ["preset:run"] * 6}, "animations: "),
    ("retarget", {"source": TASK, "animation": "walk"}, "animation: "),
    ("retarget", {"source": TASK, "animation": "preset:run", "bake_animation": True}, "bake_animation: "),
    ("segment", {"source": TASK, "ref_image": FOX}, "ref_image: Only model=v2.0-20260430 knows ref_image"),
    ("smart-segment", {"image": FOX, "source": TASK}, "Give either image or source."),
    ("smart-segment", {"image": FOX, "transform": [1] * 16}, "transform: transform is for a model"),
    ("decimate", {"source": TASK, "quad": True, "face_limit": 10_001}, "face_limit: With quad: 500 to 10,000 faces."),
    ("decimate", {"source": TASK, "face_limit": 499}, "face_limit: "),
    ("decimate", {"source": TASK, "smart_uv": True}, "smart_uv: Only model=v3.0 knows smart_uv"),
]


@pytest.mark.parametrize(("name", "given", "message"), REFUSED)
def test_what_tripo_refuses_is_refused_here_in_words(name: str, given: dict[str, Any], message: str) -> None:
    """Before anything is sent; the problem begins with the parameter where it is about one."""
    with pytest.raises(InvalidParameters) as caught:
        validate(BY_NAME[name], given)

    assert any(str(problem).startswith(message) for problem in caught.value.problems), caught.value


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("text-to-image", {"prompt": "a fox", "model": "chat_image_2", "background": "transparent"}),
        ("image-to-image", {"images": [FOX] * 16, "prompt": "a", "model": "chat_image_2"}),
        ("convert", {"source": TASK, "output_format": "fbx", "quad": True, "force_symmetry": True}),
        ("rig", {"source": TASK, "rig_type": "biped"}),
        ("texture", {"source": TASK, "texture": False}),
        ("decimate", {"source": TASK, "model": "v3.0", "smart_uv": True, "face_limit": 20_000}),
    ],
)
def test_what_is_near_a_rule_and_allowed(name: str, given: dict[str, Any]) -> None:
    """A rule says no to nothing else."""
    assert validate(BY_NAME[name], given) == given
