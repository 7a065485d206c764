"""Video made from a prompt: MP4 with H.264 pictures that move and AAC sound, through PyAV."""

from __future__ import annotations

import math
from collections.abc import Iterator
from io import BytesIO

import av
import av.container
import numpy as np
import numpy.typing as npt
from PIL import Image

from taskferry.sandbox.media.melody import RATE, melody
from taskferry.sandbox.media.scene import scene, write_title

FRAMES_PER_SECOND = 24
CODECS = ("libx264", "mpeg4")
OPTIONS = {"libx264": {"preset": "ultrafast", "crf": "26"}, "mpeg4": {}}

Pixels = npt.NDArray[np.uint8]


def video(prompt: str, seconds: float, width: int, height: int, sound: bool = True) -> bytes:
    """Return a film of the length asked for; odd sizes are rounded down to even ones, as H.264 needs."""
    width, height = width // 2 * 2, height // 2 * 2
    file = BytesIO()
    with av.open(file, "w", format="mp4") as container:
        pictures = _add_pictures(container, width, height)
        if sound:
            _write_sound(container, prompt, seconds)
        for number, pixels in enumerate(_pan(prompt, round(seconds * FRAMES_PER_SECOND), width, height)):
            frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
            frame.pts = number
            container.mux(pictures.encode(frame))
        container.mux(pictures.encode(None))
    return file.getvalue()


def _add_pictures(container: av.container.OutputContainer, width: int, height: int) -> av.VideoStream:
    codec = next(name for name in CODECS if name in av.codecs_available)
    stream = container.add_stream(codec, rate=FRAMES_PER_SECOND, options=OPTIONS[codec])
    assert isinstance(stream, av.VideoStream)
    stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
    return stream


def _write_sound(container: av.container.OutputContainer, prompt: str, seconds: float) -> None:
    stream = container.add_stream("aac", rate=RATE, layout="mono")
    assert isinstance(stream, av.AudioStream)
    samples = melody(prompt, seconds).astype(np.float32) / 32768
    frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="fltp", layout="mono")
    frame.sample_rate = RATE
    frame.pts = 0
    container.mux(stream.encode(frame))
    container.mux(stream.encode(None))


def _pan(prompt: str, count: int, width: int, height: int) -> Iterator[Pixels]:
    """Move a window over a wider landscape, with the title resting on it."""
    wide = np.asarray(scene(prompt, width * 3 // 2, height))
    blank = Image.new("RGB", (width, height))
    write_title(blank, prompt)
    title = np.asarray(blank)
    written = title.any(axis=2)
    room = wide.shape[1] - width
    for number in range(count):
        left = round(room * (1 - math.cos(math.pi * number / max(count - 1, 1))) / 2)
        pixels = wide[:, left : left + width].copy()
        pixels[written] = title[written]
        yield pixels
