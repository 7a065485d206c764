"""3D models made from a prompt, opened again by trimesh; the FBX by a reader of its records."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO
from typing import Any

import numpy as np
import pytest
import trimesh
from trimesh.visual.material import PBRMaterial

from taskferry.sandbox.media.fbx import MAGIC, fbx
from taskferry.sandbox.media.model import model, sculpture


def loaded(content: bytes, encoding: str) -> Any:
    return trimesh.load(BytesIO(content), file_type=encoding, force="mesh")


def test_a_glb_file_has_a_mesh_with_a_pbr_material() -> None:
    """Base colour texture, roughness and texture places survive the way through the file."""
    mesh = loaded(model("a small red fox"), "glb")

    material = mesh.visual.material
    assert isinstance(material, PBRMaterial)
    assert material.baseColorTexture.size == (512, 512)
    assert 0.4 <= material.roughnessFactor <= 0.9
    assert mesh.visual.uv.shape == (len(mesh.vertices), 2)


def test_a_glb_file_tells_its_own_length() -> None:
    """The header that clients check: magic, version 2, whole length."""
    content = model("a small red fox")

    assert struct.unpack("<4sII", content[:12]) == (b"glTF", 2, len(content))


def test_the_mesh_is_closed_and_looks_outwards() -> None:
    """About 1 m tall and standing on the ground."""
    mesh = loaded(model("a small red fox"), "glb")
    mesh.merge_vertices(merge_tex=True, merge_norm=True)

    outwards = ((mesh.vertices - [0, 0.5, 0]) * mesh.vertex_normals).sum(axis=1)
    assert mesh.is_watertight
    assert mesh.volume > 0
    assert np.allclose(mesh.bounds[:, 1], [0, 1])
    assert (outwards > 0).all()


@pytest.mark.parametrize("encoding", ["glb", "obj", "stl", "ply"])
def test_every_format_holds_the_same_shape(encoding: str) -> None:
    """The bounds are those of the sculpture."""
    mesh = loaded(model("a fox", encoding, faces=500), encoding)

    assert np.allclose(mesh.bounds, sculpture("a fox", faces=500).bounds, atol=1e-4)


@pytest.mark.parametrize("faces", [48, 500, 10_000])
def test_no_more_faces_than_asked_for(faces: int) -> None:
    """And not many fewer."""
    count = len(loaded(model("a fox", faces=faces), "glb").faces)

    assert faces / 2 <= count <= faces


def test_a_bare_model_has_a_colour_and_no_picture() -> None:
    """Its file is much smaller."""
    mesh = loaded(model("a fox", textured=False), "glb")

    assert mesh.visual.material.baseColorTexture is None
    assert list(mesh.visual.material.baseColorFactor[:3]) != [255, 255, 255]


def test_a_prompt_decides_the_shape() -> None:
    """The same words give the same file, others another shape."""
    assert model("a") == model("a")
    assert not np.allclose(sculpture("a").vertices, sculpture("b").vertices)


def test_a_format_it_does_not_know_is_refused() -> None:
    """The error says which ones there are."""
    with pytest.raises(ValueError, match="glb, obj, stl, ply"):
        model("a fox", "max")


def test_an_fbx_file_holds_the_same_mesh_in_centimetres() -> None:
    """Its records are read back, to the last corner of the last triangle."""
    mesh = sculpture("a fox", faces=500)

    records = fbx_records(fbx("a fox", faces=500))

    assert np.allclose(records["Vertices"][0].reshape(-1, 3), mesh.vertices * 100)
    corners = records["PolygonVertexIndex"][0].reshape(-1, 3).copy()
    corners[:, 2] = -corners[:, 2] - 1
    assert np.array_equal(corners, mesh.faces)
    assert len(records["Normals"][0]) == len(records["Vertices"][0])
    assert records["C"] == ["OO", 1003, 1001]


def fbx_records(content: bytes) -> dict[str, list[Any]]:
    """Read all records, whatever their depth; of those with one name the last is kept."""
    assert content.startswith(MAGIC)
    found: dict[str, list[Any]] = {}

    def read(place: int, end: int) -> int:
        while place < end:
            stop, values, _ = struct.unpack_from("<III", content, place)
            if stop == 0:
                return place + 13
            length = content[place + 12]
            name = content[place + 13 : place + 13 + length].decode()
            place += 13 + length
            found[name] = []
            for _ in range(values):
                value, place = fbx_value(content, place)
                found[name].append(value)
            if place < stop:
                place = read(place, stop)
            assert place == stop
        return place

    read(len(MAGIC) + 4, len(content))
    return found


def fbx_value(content: bytes, place: int) -> tuple[Any, int]:
    kind, place = content[place : place + 1].decode(), place + 1
    if kind == "S":
        (length,) = struct.unpack_from("<I", content, place)
        return content[place + 4 : place + 4 + length].decode(), place + 4 + length
    if kind in "di":
        count, packed, length = struct.unpack_from("<III", content, place)
        data = zlib.decompress(content[place + 12 : place + 12 + length]) if packed else b""
        numbers = np.frombuffer(data, np.float64 if kind == "d" else np.int32)
        assert len(numbers) == count
        return numbers, place + 12 + length
    layout = {"L": "<q", "I": "<i", "D": "<d"}[kind]
    return struct.unpack_from(layout, content, place)[0], place + struct.calcsize(layout)
