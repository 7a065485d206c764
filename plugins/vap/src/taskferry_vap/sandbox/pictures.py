"""Pictures: drawn from a caption, enlarged, cut out of their background, painted over."""

from __future__ import annotations

from io import BytesIO

from PIL import Image, ImageDraw, ImageFilter

from taskferry.sandbox.media.image import OPTIONS, image
from taskferry.sandbox.media.scene import scene, write_title
from taskferry_vap.sandbox.sources import Source


def still(caption: str, *, size: tuple[int, int], encoding: str) -> bytes:
    """Draw a picture."""
    return image(caption, *size, format=encoding)


def enlarged(_caption: str, *, source: Source, size: tuple[int, int]) -> bytes:
    """Make a picture larger, to the size given."""
    return _encoded(_opened(source).resize(size, Image.Resampling.BICUBIC), "webp")


def cut_out(_caption: str, *, source: Source) -> bytes:
    """Make all of a picture transparent but what stands in its middle."""
    picture = _opened(source)
    width, height = picture.size
    mask = Image.new("L", picture.size)
    ImageDraw.Draw(mask).ellipse((width * 0.15, height * 0.1, width * 0.85, height * 0.95), fill=255)
    picture.putalpha(mask.filter(ImageFilter.GaussianBlur(max(1, width // 200))))
    return _encoded(picture, "png")


def painted_over(_caption: str, *, source: Source, prompt: str, mask: Source | None) -> bytes:
    """Paint what a prompt says where the mask is white; without a mask in the middle."""
    picture = _opened(source)
    width, height = picture.size
    if mask is not None and mask.read is not None:
        place = _opened(mask).convert("L").resize(picture.size)
    else:
        place = Image.new("L", picture.size)
        place.paste(255, (width // 4, height // 4, width * 3 // 4, height * 3 // 4))
    picture.paste(scene(prompt, width, height), mask=place)
    return _encoded(picture, "webp")


def edited(_caption: str, *, source: Source, prompt: str, others: list[Source]) -> bytes:
    """Blend a picture with what a prompt says, and with the other pictures."""
    picture = _opened(source)
    for other in others:
        picture = Image.blend(picture, _opened(other).resize(picture.size), 0.3)
    picture = Image.blend(picture, scene(prompt, *picture.size), 0.5)
    write_title(picture, prompt)
    return _encoded(picture, "webp")


def _opened(source: Source) -> Image.Image:
    if source.read is None:
        return scene(source.caption, *source.size)
    with Image.open(BytesIO(source.read())) as picture:
        return picture.convert("RGB")


def _encoded(picture: Image.Image, encoding: str) -> bytes:
    file = BytesIO()
    picture.save(file, encoding.upper(), **OPTIONS[encoding])
    return file.getvalue()
