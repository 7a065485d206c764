"""What Tripo's calls begin from: an address, a token, a task or a local file, and what is turned away beforehand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from taskferry import InvalidParameters
from taskferry.parameters import validate
from taskferry.task import new_id
from taskferry.testing import submitted
from taskferry_tripo.adapter import TripoAdapter
from taskferry_tripo.operations import OPERATIONS
from taskferry_tripo.operations.inputs import IMAGE_BYTES, MODEL_BYTES

ADAPTER = TripoAdapter()
BY_NAME = {operation.name.partition("/")[2]: operation for operation in OPERATIONS}
TASK = "6ffdb041-55c6-4a16-8985-7cc3268a545b"
FOX = "https://example.com/fox.png"


def problem(name: str, **given: Any) -> str:
    """Give the first thing that is wrong."""
    with pytest.raises(InvalidParameters) as caught:
        validate(BY_NAME[name], given)
    return str(caught.value.problems[0])


@pytest.mark.parametrize(
    ("name", "parameter"),
    [
        ("image-to-model", "image"),
        ("image-to-splat", "image"),
        ("rig", "source"),
        ("convert", "source"),
        ("smart-segment", "source"),
    ],
)
@pytest.mark.parametrize(
    "value",
    [
        "https://example.com/a/fox.glb?x=1",
        "HTTP://example.com/fox",
        f"file_{TASK}",
        TASK,
        "task_abc123",
        "v2.eyJhbGciOi",
    ],
)
def test_whatever_is_not_local_goes_along_as_it_is(name: str, parameter: str, value: str) -> None:
    """Tripo tells a URL, a token, a task's id and a token of its web app apart by themselves; nothing is uploaded."""
    more = {"output_format": "stl"} if name == "convert" else {}

    _, calls = submitted(ADAPTER, BY_NAME[name], {"data": {"task_id": "t"}}, **{parameter: value}, **more)

    assert len(calls) == 1
    assert calls[0].json["input"] == value


@pytest.mark.parametrize("suffix", ["glb", "GLTF", "fbx", "obj", "Stl", "3mf", "usdz"])
def test_a_local_model_of_a_known_format_is_taken(tmp_path: Path, suffix: str) -> None:
    """However its suffix is written."""
    path = tmp_path / f"a fox.{suffix}"
    path.write_bytes(b"a model")

    assert validate(BY_NAME["rig-check"], {"source": path}) == {"source": path.as_uri()}


@pytest.mark.parametrize("name", ["fox.ply", "fox.png", "fox", "glb"])
def test_a_local_model_of_another_format_stays_here(tmp_path: Path, name: str) -> None:
    """Its suffix says what it is, which no machine's list of media types does for FBX."""
    path = tmp_path / name
    path.write_bytes(b"something")

    assert (
        problem("import-model", source=path) == "source: A local model is one of: glb, gltf, fbx, obj, stl, 3mf, usdz."
    )


@pytest.mark.parametrize(
    ("name", "parameter", "file", "limit"),
    [
        ("image-to-model", "image", "fox.png", IMAGE_BYTES),
        ("texture", "style_image", "fox.jpg", IMAGE_BYTES),
        ("import-model", "source", "fox.glb", MODEL_BYTES),
    ],
)
def test_a_file_that_is_too_large_stays_here(tmp_path: Path, name: str, parameter: str, file: str, limit: int) -> None:
    """20 MB for pictures and 150 MB for models; a byte less is taken."""
    path = tmp_path / file
    given = {**BY_NAME[name].example, parameter: path}
    with path.open("wb") as sparse:
        sparse.truncate(limit)
    assert validate(BY_NAME[name], given)[parameter] == path.as_uri()
    with path.open("wb") as sparse:
        sparse.truncate(limit + 1)

    assert f"at most {limit:,} are taken" in problem(name, **given)


@pytest.mark.parametrize(
    ("name", "given", "message"),
    [
        ("image-to-model", {"image": "DATA:image/png;base64,AAAA"}, "image: Tripo takes no data: URL"),
        ("rig", {"source": "data:model/gltf-binary;base64,AA"}, "source: Tripo takes no data: URL"),
        ("rig", {"source": "out/fox.GLB"}, "source: This is neither a URL nor a task"),
        ("import-model", {"source": TASK}, "source: Only a file is imported"),
        ("retarget", {"source": FOX, "animation": "preset:run"}, "source: Only the id of a Tripo task"),
        ("edit-multiview", {"source": "file_1", "prompts": []}, "source: Only the id of a Tripo task"),
        ("complete", {"source": "file:///tmp/fox.glb"}, "source: Only the id of a Tripo task"),
        ("image-to-model", {"image": ""}, "image: "),
    ],
)
def test_an_input_that_the_call_does_not_take_stays_here(name: str, given: dict[str, Any], message: str) -> None:
    """The message says what it takes."""
    assert problem(name, **given).startswith(message)


@pytest.mark.parametrize(
    ("name", "parameter"), [("rig", "source"), ("complete", "source"), ("image-to-model", "image")]
)
def test_an_id_of_ours_is_not_taken_for_one_of_tripos(name: str, parameter: str) -> None:
    """The mistake is easy to make, and Tripo would only say that something is invalid."""
    assert "give the id that Tripo has for the task" in problem(name, **{parameter: new_id()})


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "Give the front view and at least one other"),
        ({"front": FOX}, "The front view alone is not enough"),
        ({"left": FOX, "back": FOX}, "Give the front view and at least one other"),
        ({"front": FOX, "back": FOX, "views": TASK}, "Give the front view and at least one other"),
        ({"views": TASK, "left": FOX}, "left: `views` brings its own left view"),
        ({"views": FOX}, "views: Only the id of a Tripo task"),
    ],
)
def test_views_are_the_front_and_another_or_a_task_that_made_them(given: dict[str, Any], message: str) -> None:
    """Tripo wants the front and at least two views."""
    assert problem("multiview-to-model", **given).startswith(message)
