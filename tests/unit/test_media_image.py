"""Pictures made from a prompt, opened again by Pillow."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image, ImageChops

from taskferry.sandbox.media.image import image
from taskferry.sandbox.media.scene import scene


def opened(content: bytes) -> Image.Image:
    picture = Image.open(BytesIO(content))
    picture.load()
    return picture


@pytest.mark.parametrize("encoding", ["png", "webp", "jpeg"])
def test_a_picture_is_of_the_format_and_size_asked_for(encoding: str) -> None:
    """Pillow reads it as what it was asked to be."""
    picture = opened(image("a small red fox", 320, 200, encoding))

    assert (picture.format, picture.size, picture.mode) == (encoding.upper(), (320, 200), "RGB")


def test_the_same_prompt_gives_the_same_picture() -> None:
    """To the byte, so that checksums can be compared."""
    assert image("a fox", 128, 128) == image("a fox", 128, 128)


def test_another_prompt_gives_another_picture() -> None:
    """Not only its title differs."""
    assert scene("a fox", 128, 128).tobytes() != scene("a hare", 128, 128).tobytes()


def test_the_prompt_is_written_on_the_picture() -> None:
    """The title covers a part of the lower half and nothing of the top."""
    bare, titled = scene("a fox", 256, 256), opened(image("a fox", 256, 256))

    changed = ImageChops.difference(bare, titled).getbbox()

    assert changed is not None
    assert changed[1] > 128


@pytest.mark.parametrize("prompt", ["", "word " * 400, "x" * 2000, "狐 🦊 élan\nnew line", "\ud800 alone"])
def test_any_prompt_can_be_drawn(prompt: str) -> None:
    """None, a long one, one long word, other scripts, even broken text."""
    assert opened(image(prompt, 96, 64)).size == (96, 64)


def test_a_grey_picture_has_one_channel() -> None:
    """As a depth map has."""
    assert opened(image("a fox", 64, 64, grey=True)).mode == "L"


def test_a_format_it_does_not_know_is_refused() -> None:
    """The error says which ones there are."""
    with pytest.raises(ValueError, match="png, webp, jpeg"):
        image("a fox", 64, 64, "tiff")
