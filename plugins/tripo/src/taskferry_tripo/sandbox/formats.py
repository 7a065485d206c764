"""The model in formats that no library of the stand-ins writes: 3MF, USDZ, and a cloud of Gaussians in PLY."""

from __future__ import annotations

import math
import struct
from collections.abc import Iterable
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

import numpy as np
import numpy.typing as npt
from trimesh.visual import TextureVisuals

from taskferry.sandbox.media.model import sculpture
from taskferry.sandbox.media.scene import scene

_TYPES_3MF = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="model" ContentType="application/vnd.ms-package.3dmanufacturing-3dmodel+xml"/></Types>'
)
_LINKS_3MF = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="model" Target="/3D/3dmodel.model"'
    ' Type="http://schemas.microsoft.com/3dmanufacturing/2013/01/3dmodel"/></Relationships>'
)
_ALIGNMENT = 64
"""Bytes; where the data of a file in a USDZ package may begin."""
_PADDING_ID = 0x1986
"""The extra field that USD's own tools pad with."""
_SPLAT_FIELDS = (
    *("x", "y", "z", "nx", "ny", "nz"),
    *("f_dc_0", "f_dc_1", "f_dc_2", "opacity"),
    *("scale_0", "scale_1", "scale_2", "rot_0", "rot_1", "rot_2", "rot_3"),
)
_HARMONIC = 0.28209479177387814
"""The first spherical harmonic, by which a splat's colour is written."""
_TEXTURE_SIDE = 256

Rows = npt.NDArray[np.float64] | npt.NDArray[np.int64]


def three_mf(prompt: str, *, faces: int | None = None) -> bytes:
    """Return the mesh for printing, in metres, Z up."""
    mesh = sculpture(prompt, faces=faces, textured=False)
    upright = mesh.vertices[:, (0, 2, 1)] * (1, -1, 1)
    vertices = _lines('<vertex x="{:.5f}" y="{:.5f}" z="{:.5f}"/>', upright)
    triangles = _lines('<triangle v1="{}" v2="{}" v3="{}"/>', mesh.faces)
    document = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<model unit="meter" xmlns="http://schemas.microsoft.com/3dmanufacturing/core/2015/02"><resources>'
        f'<object id="1" type="model"><mesh><vertices>{vertices}</vertices>'
        f"<triangles>{triangles}</triangles></mesh></object></resources>"
        '<build><item objectid="1"/></build></model>'
    )
    file = BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED) as package:
        package.writestr("[Content_Types].xml", _TYPES_3MF)
        package.writestr("_rels/.rels", _LINKS_3MF)
        package.writestr("3D/3dmodel.model", document)
    return file.getvalue()


def usdz(prompt: str, *, faces: int | None = None) -> bytes:
    """Return the mesh with its normals as a USDZ package, which holds it as text."""
    mesh = sculpture(prompt, faces=faces, textured=False)
    document = (
        '#usda 1.0\n(\n    defaultPrim = "sculpture"\n    metersPerUnit = 1\n    upAxis = "Y"\n)\n\n'
        'def Mesh "sculpture"\n{\n'
        f"    int[] faceVertexCounts = [{', '.join(['3'] * len(mesh.faces))}]\n"
        f"    int[] faceVertexIndices = [{', '.join(map(str, mesh.faces.ravel()))}]\n"
        f"    point3f[] points = [{_tuples(mesh.vertices)}]\n"
        f'    normal3f[] normals = [{_tuples(mesh.vertex_normals)}] (\n        interpolation = "vertex"\n    )\n'
        '    uniform token subdivisionScheme = "none"\n}\n'
    )
    entry = ZipInfo("sculpture.usda")
    pad = -(30 + len(entry.filename) + 4) % _ALIGNMENT
    entry.extra = struct.pack("<HH", _PADDING_ID, pad) + bytes(pad)
    file = BytesIO()
    with ZipFile(file, "w", ZIP_STORED) as package:
        package.writestr(entry, document)
    return file.getvalue()


def splat(prompt: str) -> bytes:
    """Return a cloud of Gaussians on the surface of the model, in the PLY layout that splat viewers read."""
    mesh = sculpture(prompt, textured=False)
    assert isinstance(mesh.visual, TextureVisuals)
    places = np.asarray(mesh.visual.uv, np.float64)
    pixels = np.asarray(scene(prompt, _TEXTURE_SIDE, _TEXTURE_SIDE).convert("RGB"), np.float64) / 255
    across, down = np.rint((places * (1, -1) + (0, 1)).clip(0, 1) * (_TEXTURE_SIDE - 1)).astype(np.int64).T
    count = len(mesh.vertices)
    size = np.full((count, 3), math.log(0.01))
    opacity, turn = np.full((count, 1), 4.0), np.tile((1.0, 0.0, 0.0, 0.0), (count, 1))
    colors = (pixels[down, across] - 0.5) / _HARMONIC
    rows = np.hstack([mesh.vertices, mesh.vertex_normals, colors, opacity, size, turn]).astype("<f4")
    fields = "".join(f"property float {name}\n" for name in _SPLAT_FIELDS)
    header = f"ply\nformat binary_little_endian 1.0\nelement vertex {count}\n{fields}end_header\n"
    return header.encode() + rows.tobytes()


def _lines(template: str, rows: Rows) -> str:
    return "".join(template.format(*row) for row in rows.tolist())


def _tuples(rows: Iterable[npt.NDArray[np.float64]]) -> str:
    return ", ".join("({:.5f}, {:.5f}, {:.5f})".format(*row) for row in rows)
