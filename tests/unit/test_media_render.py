"""Pictures of the 3D model that a prompt makes, opened again by Pillow."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from taskferry.sandbox.media.render import render
from taskferry.sandbox.media.scene import palette


def opened(content: bytes) -> Image.Image:
    picture = Image.open(BytesIO(content))
    picture.load()
    return picture


@pytest.mark.parametrize("encoding", ["webp", "png", "jpeg"])
def test_a_preview_is_of_the_format_and_size_asked_for(encoding: str) -> None:
    """Pillow reads it as what it was asked to be."""
    picture = opened(render("a fox", 200, 120, encoding))

    assert (picture.format, picture.size) == (encoding.upper(), (200, 120))


def test_the_model_stands_in_the_middle_and_leaves_the_corners_free() -> None:
    """Nothing of it is cut off."""
    pixels = np.asarray(opened(render("a fox", 160, 160, "png"))).astype(int)

    model = (np.abs(pixels - np.array(palette("a fox").zenith)) > 4).any(axis=2)
    edge = np.concatenate([model[0], model[-1], model[:, 0], model[:, -1]])
    assert model[80, 80]
    assert not edge.any()


def test_the_model_is_lit_from_one_side() -> None:
    """It has bright and dark parts, as a body has."""
    pixels = np.asarray(opened(render("a fox", 160, 160, "png")).convert("L")).astype(int)

    assert np.ptp(pixels[40:120, 60:100]) > 60


def test_another_side_is_another_picture() -> None:
    """The same side is the same picture."""
    front, side, again = (render("a fox", 96, 96, "png", turn=turn) for turn in (0, 90, 0))

    assert front == again
    assert front != side


def test_a_format_it_does_not_know_is_refused() -> None:
    """The error says which ones there are."""
    with pytest.raises(ValueError, match="png, webp, jpeg"):
        render("a fox", 64, 64, "gif")
