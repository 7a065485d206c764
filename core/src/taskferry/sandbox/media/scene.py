"""A landscape painted from a prompt: sky, sun and hills in colours of its own, with the prompt as its title."""

from __future__ import annotations

import colorsys
import math

import numpy as np
from attrs import frozen
from PIL import Image, ImageDraw, ImageFont

from taskferry.sandbox.media.seed import generator

HILLS = 4
FINENESS = 2
TITLE_LINES = 6
TITLE_LENGTH = 240

Color = tuple[int, int, int]


@frozen(kw_only=True)
class Palette:
    """The colours of one scene."""

    zenith: Color
    horizon: Color
    sun: Color
    hills: tuple[Color, ...]
    """From the farthest to the nearest."""


def palette(prompt: str) -> Palette:
    """Choose colours that go together."""
    random = generator(prompt, "palette")
    hue = float(random.uniform())
    warm = hue + float(random.uniform(0.35, 0.6))
    hills = tuple(_color(hue + 0.03 * depth, 0.35 + 0.1 * depth, 0.62 - 0.13 * depth) for depth in range(HILLS))
    return Palette(
        zenith=_color(hue, 0.65, 0.55),
        horizon=_color(warm, 0.4, 0.98),
        sun=_color(warm + 0.05, 0.2, 1.0),
        hills=hills,
    )


def scene(prompt: str, width: int, height: int) -> Image.Image:
    """Paint the landscape without its title, width by height pixels."""
    random = generator(prompt, "scene")
    colors = palette(prompt)
    wide, high = width * FINENESS, height * FINENESS
    picture = _sky(colors, wide, high)
    draw = ImageDraw.Draw(picture)
    radius = min(wide, high) * float(random.uniform(0.08, 0.14))
    x, y = wide * float(random.uniform(0.2, 0.8)), high * float(random.uniform(0.2, 0.4))
    draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colors.sun)
    for depth, color in enumerate(colors.hills):
        draw.polygon(_ridge(random, wide, high, depth), fill=color)
    return picture.reduce(FINENESS)


def write_title(picture: Image.Image, prompt: str) -> None:
    """Write the prompt's words over the lower part of the picture, as large as they fit."""
    width, height = picture.size
    words = " ".join(prompt.split())[:TITLE_LENGTH]
    draw = ImageDraw.Draw(picture)
    size = max(9.0, min(width, height) / 15)
    while True:
        font = ImageFont.load_default(size)
        lines = _wrap(draw, words, font, width * 0.9)
        step = size * 1.25
        fits = len(lines) <= TITLE_LINES and step * len(lines) <= height * 0.5
        if fits or size <= 9:
            break
        size *= 0.85
    top = height * 0.95 - step * len(lines)
    shadow = max(1, round(size / 16))
    for number, line in enumerate(lines):
        place = (width / 2, top + step * number)
        draw.text((place[0] + shadow, place[1] + shadow), line, font=font, anchor="ma", fill=(20, 20, 30))
        draw.text(place, line, font=font, anchor="ma", fill=(255, 255, 255))


def _wrap(
    draw: ImageDraw.ImageDraw, words: str, font: ImageFont.ImageFont | ImageFont.FreeTypeFont, room: float
) -> list[str]:
    lines: list[str] = []
    for word in words.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and draw.textlength(longer, font=font) <= room:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def _sky(colors: Palette, width: int, height: int) -> Image.Image:
    share = np.linspace(0, 1, 64)[:, None]
    column = np.array(colors.zenith) * (1 - share) + np.array(colors.horizon) * share
    small = Image.fromarray(column.astype(np.uint8)[:, None, :].repeat(2, axis=1))
    return small.resize((width, height), Image.Resampling.BICUBIC)


def _ridge(random: np.random.Generator, width: int, height: int, depth: int) -> list[tuple[float, float]]:
    across = np.linspace(0, 1, 160)
    level = 0.45 + 0.13 * depth
    outline = np.full_like(across, level)
    for waves, tall in ((1.5, 0.07), (4.0, 0.03), (11.0, 0.008)):
        waves = waves * float(random.uniform(0.7, 1.3))
        outline += tall * np.sin(2 * math.pi * (waves * across + float(random.uniform())))
    top = [(float(x) * width, float(y) * height) for x, y in zip(across, outline, strict=True)]
    return [(0.0, float(height)), *top, (float(width), float(height))]


def _color(hue: float, saturation: float, value: float) -> Color:
    red, green, blue = colorsys.hsv_to_rgb(hue % 1, min(saturation, 1), max(value, 0.05))
    return round(red * 255), round(green * 255), round(blue * 255)
