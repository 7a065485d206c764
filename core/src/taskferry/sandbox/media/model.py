"""A 3D model made from a prompt: a textured sculpture with a PBR material, through trimesh."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import trimesh
from PIL import Image
from trimesh.visual.material import PBRMaterial

from taskferry.sandbox.media.scene import palette, scene
from taskferry.sandbox.media.seed import generator

RINGS = 64
TEXTURE_SIDE = 512
FORMATS = ("glb", "obj", "stl", "ply")

Floats = npt.NDArray[np.float64]


def model(prompt: str, format: str = "glb", *, faces: int | None = None, textured: bool = True) -> bytes:  # noqa: A002 - the field's word
    """Return a closed mesh, Y up and about 1 m tall, of at most `faces` triangles; only glb carries the texture."""
    if format not in FORMATS:
        raise ValueError(f"No model format {format!r}; use one of {', '.join(FORMATS)}.")
    exported = sculpture(prompt, faces=faces, textured=textured).export(file_type=format)
    return exported.encode() if isinstance(exported, str) else bytes(exported)


def sculpture(prompt: str, *, faces: int | None = None, textured: bool = True) -> trimesh.Trimesh:
    """Build the mesh: a vase-like body turned around its axis, with folds that the prompt decides."""
    rings = RINGS if faces is None else max(3, min(RINGS, math.isqrt(faces // 4)))
    vertices, triangles, places = _body(prompt, rings, 2 * rings)
    normals = _normals(vertices, triangles, rings, 2 * rings)
    visual = trimesh.visual.TextureVisuals(  # type: ignore[no-untyped-call]  # trimesh annotates a part of itself
        uv=places, material=_material(prompt, textured)
    )
    return trimesh.Trimesh(vertices=vertices, faces=triangles, visual=visual, vertex_normals=normals, process=False)


def _material(prompt: str, textured: bool) -> PBRMaterial:
    random = generator(prompt, "material")
    picture: Image.Image | None = scene(prompt, TEXTURE_SIDE, TEXTURE_SIDE) if textured else None
    return PBRMaterial(  # type: ignore[no-untyped-call]  # trimesh annotates a part of itself
        name="sculpture",
        baseColorFactor=(255, 255, 255, 255) if textured else (*palette(prompt).hills[0], 255),
        baseColorTexture=picture,
        metallicFactor=float(random.uniform(0, 0.4)),
        roughnessFactor=float(random.uniform(0.4, 0.9)),
    )


def _body(prompt: str, rings: int, sides: int) -> tuple[Floats, npt.NDArray[np.int64], Floats]:
    random = generator(prompt, "model")
    up = np.linspace(0, 1, rings + 1)
    around = np.linspace(0, 2 * math.pi, sides + 1)
    outline = np.sin(math.pi * up) ** 0.5 * (
        0.32 + 0.1 * np.sin(2 * math.pi * (random.uniform(0.6, 1.6) * up + random.uniform()))
    )
    folds = 1 + random.uniform(0.03, 0.12) * np.sin(
        int(random.integers(3, 9)) * around[None, :] + random.uniform(0, 6) * up[:, None]
    )
    radius = outline[:, None] * folds
    x, z = radius * np.cos(around), radius * np.sin(around)
    y = np.broadcast_to(up[:, None], radius.shape)
    vertices = np.stack([x, y, z], axis=-1).reshape(-1, 3)
    places = np.stack(np.broadcast_arrays(around / (2 * math.pi), up[:, None]), axis=-1).reshape(-1, 2)
    return vertices, _triangles(rings, sides), places


def _normals(vertices: Floats, triangles: npt.NDArray[np.int64], rings: int, sides: int) -> Floats:
    """Point outwards, smoothly also over the seam, where vertices lie twice, and at the poles, where they lie often."""
    corners = vertices[triangles]
    across = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    sums = np.zeros_like(vertices)
    for corner in range(3):
        np.add.at(sums, triangles[:, corner], across)
    grid = sums.reshape(rings + 1, sides + 1, 3)
    grid[:, 0] = grid[:, -1] = grid[:, 0] + grid[:, -1]
    grid[[0, -1]] = grid[[0, -1]].sum(axis=1, keepdims=True)
    unit: Floats = (grid / np.linalg.norm(grid, axis=2, keepdims=True)).reshape(-1, 3)
    return unit


def _triangles(rings: int, sides: int) -> npt.NDArray[np.int64]:
    """Connect neighbours on the grid; at the two poles one of each pair of triangles has no area and is left out."""
    ring, side = np.meshgrid(np.arange(rings), np.arange(sides), indexing="ij")
    corner = ring * (sides + 1) + side
    above = corner + sides + 1
    lower = np.stack([corner, above + 1, corner + 1], axis=-1)[1:]
    upper = np.stack([corner, above, above + 1], axis=-1)[:-1]
    return np.concatenate([lower.reshape(-1, 3), upper.reshape(-1, 3)])
