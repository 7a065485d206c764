"""What Tripo's operations take, and what they refuse before anything is sent."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from taskferry import InvalidParameters
from taskferry.parameters import validate
from taskferry_tripo.operations import OPERATIONS

BY_NAME = {operation.name: operation for operation in OPERATIONS}
TEXT, IMAGE = BY_NAME["tripo/text-to-model"], BY_NAME["tripo/image-to-model"]


def problems(**parameters: Any) -> list[str]:
    """Give what is wrong with a text job that has a prompt and these parameters."""
    with pytest.raises(InvalidParameters) as caught:
        validate(TEXT, {"prompt": "a fox", **parameters})
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_an_operation_is_sound_data(operation: Any) -> None:
    """Its schema is a schema, every parameter has a type and a description, and its example is valid."""
    jsonschema_rs.meta.validate(json.loads(json.dumps(operation.parameters)))

    assert all({"type", "description"} <= set(schema) for schema in operation.parameters["properties"].values())
    assert operation.parameters["additionalProperties"] is False
    assert validate(operation, operation.example) == operation.example


@pytest.mark.parametrize(
    "parameters",
    [
        {"prompt": "ein Fuchs, öäü, 狐狸, ثعلب, [[queue:5]]"},
        {"prompt": "x" * 1024, "negative_prompt": "y" * 255, "seed": 7, "image_seed": 0, "texture_seed": -1},
        {"prompt": "a fox", "texture": False, "pbr": False, "generate_parts": True, "quad": False},
        {"prompt": "a fox", "face_limit": 1_500_000},
        {"prompt": "a fox", "face_limit": 2_000_000, "geometry_quality": "detailed"},
        {"prompt": "a fox", "face_limit": 50_000, "model": "P2-20260801"},
        {"prompt": "a fox", "texture_quality": "fast", "texture_version": "v3.5-20260815"},
    ],
)
def test_what_tripo_takes(parameters: dict[str, Any]) -> None:
    """Nothing is added: defaults are documentation."""
    assert validate(TEXT, parameters) == parameters


@pytest.mark.parametrize("prompt", ["", "x" * 1025, "a 🦊", "a ☀ fox", "a ❤️", "1️⃣ fox"])
def test_a_prompt_that_tripo_would_refuse_stays_here(prompt: str) -> None:
    """Code 2009 is for emoji and symbols; the message says the rule instead of the pattern."""
    assert problems(prompt=prompt) == ["prompt: It takes 1 to 1024 characters, without emoji or symbol characters."]


@pytest.mark.parametrize("name", ["quad", "smart_low_poly", "generate_parts"])
def test_p1_refuses_some_options_even_when_they_are_false(name: str) -> None:
    """The answer would be HTTP 400."""
    assert problems(model="P1-20260311", **{name: False}) == [
        f"{name}: P1-20260311 refuses {name}, whatever its value: leave it out or choose another model."
    ]


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"generate_parts": True}, "generate_parts makes bare meshes"),
        ({"generate_parts": True, "texture": False, "pbr": True}, "generate_parts makes bare meshes"),
        (
            {"generate_parts": True, "texture": False, "pbr": False, "quad": True},
            "generate_parts makes bare meshes",
        ),
        ({"texture_quality": "fast"}, "texture_quality fast needs a texture_version"),
        ({"geometry_quality": "detailed", "model": "P1-20260311"}, "geometry_quality: P1-20260311 refuses"),
        ({"face_limit": 1_500_001}, "face_limit: v3.1 with standard geometry: up to 1,500,000 faces."),
        ({"face_limit": 1_000_001, "model": "v3.0-20250812"}, "face_limit: v3.0: up to 1,000,000 faces."),
        ({"face_limit": 500_001, "model": "v2.5-20250123"}, "face_limit: v2.5: up to 500,000 faces."),
        ({"face_limit": 47, "model": "P1-20260311"}, "face_limit: P1: 48 to 20,000 faces."),
        ({"face_limit": 25_001, "quad": True, "model": "P2-20260801"}, "face_limit: P2 with quad: 48 to 25,000 faces."),
        ({"face_limit": 499, "smart_low_poly": True}, "face_limit: smart_low_poly: 500 to 20,000 faces."),
        (
            {"face_limit": 10_001, "smart_low_poly": True, "quad": True},
            "face_limit: smart_low_poly with quad: 500 to 10,000 faces.",
        ),
        ({"face_limit": -1}, "face_limit: "),
        ({"model": "v1.4-20240625"}, "model: "),
        ({"priority": 4}, "priority: "),
        ({"poly": 4}, "poly: "),
    ],
)
def test_a_combination_that_tripo_refuses_says_why(parameters: dict[str, Any], message: str) -> None:
    """Each is one problem, in words."""
    found = problems(**parameters)

    assert len(found) == 1
    assert found[0].startswith(message)


@pytest.mark.parametrize("image", ["https://example.com/fox.png", "file_6ffd", "6ffdb041-55c6-4a16-8985-7cc3268a545b"])
def test_a_picture_may_be_a_url_a_token_or_a_task(image: str) -> None:
    """None of these is looked for on the disk."""
    assert validate(IMAGE, {"image": image}) == {"image": image}


def test_a_local_picture_becomes_a_file_url(tmp_path: Path) -> None:
    """The adapter uploads it."""
    path = tmp_path / "fox.webp"
    path.write_bytes(b"RIFF")

    assert validate(IMAGE, {"image": path}) == {"image": path.as_uri()}


@pytest.mark.parametrize(
    ("image", "message"),
    [
        ("data:image/png;base64,AAAA", "image: Tripo takes no data: URL"),
        ("fox.png", "image: 'fox.png' is neither"),
        ("ftp://example.com/fox.png", "image: "),
        (Path("/nowhere/fox.png"), "image: There is no file"),
    ],
)
def test_a_picture_that_tripo_cannot_take_stays_here(image: object, message: str) -> None:
    """The problem names the way to give a local file."""
    with pytest.raises(InvalidParameters) as caught:
        validate(IMAGE, {"image": image})

    assert str(caught.value.problems[0]).startswith(message)


def test_a_local_file_of_another_type_stays_here(tmp_path: Path) -> None:
    """Tripo takes JPEG, PNG and WebP."""
    path = tmp_path / "fox.gif"
    path.write_bytes(b"GIF89a")

    with pytest.raises(InvalidParameters, match="image/jpeg, image/png, image/webp"):
        validate(IMAGE, {"image": path})
