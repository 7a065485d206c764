"""A picture of the 3D model that a prompt makes, seen from any side."""

from __future__ import annotations

import math
from io import BytesIO

import numpy as np
from PIL import Image, ImageDraw

from taskferry.sandbox.media.image import OPTIONS
from taskferry.sandbox.media.model import sculpture
from taskferry.sandbox.media.scene import palette

FACES = 5000
FINENESS = 2
LIGHT = np.array((-0.45, 0.6, 0.66))


def render(prompt: str, width: int, height: int, format: str = "webp", *, turn: float = 0) -> bytes:  # noqa: A002 - the field's word
    """Return a shaded picture of the model, which is turned by `turn` degrees around its own axis."""
    if format not in OPTIONS:
        raise ValueError(f"No image format {format!r}; use one of {', '.join(OPTIONS)}.")
    mesh = sculpture(prompt, faces=FACES, textured=False)
    around, tilt = _turned(1, -math.radians(turn)), _turned(0, math.radians(18))
    corners = ((mesh.vertices - (0, 0.5, 0)) @ around.T @ tilt.T)[mesh.faces]
    across = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    across /= np.linalg.norm(across, axis=1, keepdims=True)
    wide, high = width * FINENESS, height * FINENESS
    scale = min(wide, high) * 0.75
    points = corners[:, :, :2] * (scale, -scale) + (wide / 2, high / 2)
    colors = palette(prompt)
    shades = np.array(colors.sun) * (0.25 + 0.75 * np.clip(across @ LIGHT, 0, 1))[:, None]
    picture = Image.new("RGB", (wide, high), colors.zenith)
    draw = ImageDraw.Draw(picture)
    for number in np.argsort(corners[:, :, 2].mean(axis=1)):
        if across[number, 2] > 0:
            red, green, blue = shades[number].astype(int).tolist()
            draw.polygon([tuple(point) for point in points[number].tolist()], fill=(red, green, blue))
    file = BytesIO()
    picture.reduce(FINENESS).save(file, format.upper(), **OPTIONS[format])
    return file.getvalue()


def _turned(axis: int, angle: float) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    cosine, sine = math.cos(angle), math.sin(angle)
    matrix = np.eye(3)
    first, second = [number for number in range(3) if number != axis]
    matrix[first, first] = matrix[second, second] = cosine
    matrix[first, second], matrix[second, first] = -sine, sine
    return matrix
