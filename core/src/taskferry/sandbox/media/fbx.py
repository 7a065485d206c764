"""The 3D model as a binary FBX 7.4 file, written record by record, for no library of the registry writes one."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from attrs import frozen
from trimesh.visual import TextureVisuals

from taskferry.sandbox.media.model import sculpture
from taskferry.sandbox.media.scene import palette

MAGIC = b"Kaydara FBX Binary  \x00\x1a\x00"
VERSION = 7400
_CENTIMETRES = 100.0
"""Units in a metre, as FBX counts."""
_END = bytes(13)
"""A record of zeros; it closes a list of children."""
_FOOT = bytes.fromhex("fabcab09d0c8d466b176fb831cf7267e") + bytes(4)
_LAST = bytes.fromhex("f85a8c6adef5d97eece90ce3758f290b")

Array = npt.NDArray[np.float64] | npt.NDArray[np.int32]


class Id(int):
    """A number written with 64 bits, as the ids of objects are."""


@frozen
class Record:
    """One record of the file: a name, its values and its children."""

    name: str
    values: Sequence[str | int | float | Array] = ()
    children: Sequence[Record] = ()


_SCENE, _MODEL, _GEOMETRY, _MATERIAL = Id(0), Id(1001), Id(1002), Id(1003)


def fbx(prompt: str, *, faces: int | None = None) -> bytes:
    """Return the mesh of `model`, 100 units to the metre, with normals, texture places and a colour; no picture."""
    content = bytearray(MAGIC + struct.pack("<I", VERSION))
    for record in _document(prompt, faces):
        content += _encode(record, len(content))
    content += _END + _FOOT
    content += bytes(-len(content) % 16 or 16)
    return bytes(content + struct.pack("<I", VERSION) + bytes(120) + _LAST)


def _document(prompt: str, faces: int | None) -> list[Record]:
    axes = {"UpAxis": 1, "UpAxisSign": 1, "FrontAxis": 2, "FrontAxisSign": 1, "CoordAxis": 0, "CoordAxisSign": 1}
    settings = [Record("P", (name, "int", "Integer", "", value)) for name, value in axes.items()]
    settings.append(Record("P", ("UnitScaleFactor", "double", "Number", "", 1.0)))
    kinds = ("GlobalSettings", "Model", "Geometry", "Material")
    types = [Record("ObjectType", (kind,), [Record("Count", (1,))]) for kind in kinds]
    links = ((_MODEL, _SCENE), (_GEOMETRY, _MODEL), (_MATERIAL, _MODEL))
    return [
        Record("FBXHeaderExtension", (), [Record("FBXHeaderVersion", (1003,)), Record("FBXVersion", (VERSION,))]),
        Record("GlobalSettings", (), [Record("Version", (1000,)), Record("Properties70", (), settings)]),
        Record("Definitions", (), [Record("Version", (100,)), Record("Count", (len(kinds),)), *types]),
        Record("Objects", (), [_model(), _geometry(prompt, faces), _material(prompt)]),
        Record("Connections", (), [Record("C", ("OO", *link)) for link in links]),
    ]


def _model() -> Record:
    return Record("Model", (_MODEL, "sculpture\0\1Model", "Mesh"), [Record("Version", (232,))])


def _material(prompt: str) -> Record:
    color = [part / 255 for part in palette(prompt).hills[0]]
    diffuse = Record("P", ("DiffuseColor", "Color", "", "A", *color))
    children = [Record("Version", (102,)), Record("ShadingModel", ("phong",)), Record("Properties70", (), [diffuse])]
    return Record("Material", (_MATERIAL, "sculpture\0\1Material", ""), children)


def _geometry(prompt: str, faces: int | None) -> Record:
    mesh = sculpture(prompt, faces=faces, textured=False)
    corners = mesh.faces.astype(np.int32)
    marked = corners.copy()
    marked[:, 2] = -marked[:, 2] - 1  # the last corner of each polygon is written so
    normals = _layer("Normal", "ByVertice", "Direct", [Record("Normals", (mesh.vertex_normals.ravel(),))])
    assert isinstance(mesh.visual, TextureVisuals)
    places = [Record("UV", (np.asarray(mesh.visual.uv, np.float64).ravel(),)), Record("UVIndex", (corners.ravel(),))]
    layers = [normals, _layer("UV", "ByPolygonVertex", "IndexToDirect", places)]
    layers.append(_layer("Material", "AllSame", "IndexToDirect", [Record("Materials", (np.zeros(1, np.int32),))]))
    used = [Record("LayerElement", (), [Record("Type", (layer.name,)), Record("TypedIndex", (0,))]) for layer in layers]
    children = [
        Record("GeometryVersion", (124,)),
        Record("Vertices", (mesh.vertices.ravel() * _CENTIMETRES,)),
        Record("PolygonVertexIndex", (marked.ravel(),)),
        *layers,
        Record("Layer", (0,), [Record("Version", (100,)), *used]),
    ]
    return Record("Geometry", (_GEOMETRY, "sculpture\0\1Geometry", "Mesh"), children)


def _layer(kind: str, mapping: str, reference: str, children: Sequence[Record]) -> Record:
    head = [Record("Version", (101,)), Record("Name", ("",)), Record("MappingInformationType", (mapping,))]
    return Record(f"LayerElement{kind}", (0,), [*head, Record("ReferenceInformationType", (reference,)), *children])


def _encode(record: Record, start: int) -> bytes:
    name = record.name.encode()
    values = b"".join(_value(value) for value in record.values)
    body = bytearray(struct.pack("<B", len(name)) + name + values)
    for child in record.children:
        body += _encode(child, start + 12 + len(body))
    if record.children:
        body += _END
    return struct.pack("<III", start + 12 + len(body), len(record.values), len(values)) + bytes(body)


def _value(value: str | int | float | Array) -> bytes:
    if isinstance(value, str):
        return b"S" + struct.pack("<I", len(value.encode())) + value.encode()
    if isinstance(value, Id):
        return b"L" + struct.pack("<q", value)
    if isinstance(value, int):
        return b"I" + struct.pack("<i", value)
    if isinstance(value, float):
        return b"D" + struct.pack("<d", value)
    packed = zlib.compress(value.tobytes(), 1)
    return (b"d" if value.dtype == np.float64 else b"i") + struct.pack("<III", value.size, 1, len(packed)) + packed
