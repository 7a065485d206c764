"""Music, made from a caption."""

from __future__ import annotations

from taskferry.sandbox.media.audio import audio


def music(caption: str, *, seconds: float, encoding: str) -> bytes:
    """Make a piece of music."""
    return audio(caption, seconds, format=encoding)
