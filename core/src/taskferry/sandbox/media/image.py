"""Images made from a prompt, encoded by Pillow."""

from __future__ import annotations

from io import BytesIO

from taskferry.sandbox.media.scene import scene, write_title

OPTIONS: dict[str, dict[str, int]] = {
    "png": {"compress_level": 4},
    "webp": {"quality": 82, "method": 1},
    "jpeg": {"quality": 88},
}


def image(prompt: str, width: int, height: int, format: str = "png", *, grey: bool = False) -> bytes:  # noqa: A002 - the field's word
    """Return a picture of width by height pixels with the prompt written on it; `format` is png, webp or jpeg."""
    options = OPTIONS.get(format)
    if options is None:
        raise ValueError(f"No image format {format!r}; use one of {', '.join(OPTIONS)}.")
    picture = scene(prompt, width, height)
    write_title(picture, prompt)
    if grey:
        picture = picture.convert("L")
    file = BytesIO()
    picture.save(file, format.upper(), **options)
    return file.getvalue()
