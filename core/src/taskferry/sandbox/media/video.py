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

FRAMES_PER_SECOND = 15
CODECS = ("libx264", "mpeg4")
OPTIONS = {"libx264": {"preset": "ultrafast", "crf": "26"}, "mpeg4": {}}

Plane = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]
Planes = tuple[Plane, Plane, Plane]


def video(prompt: str, seconds: float, width: int, height: int, sound: bool = True) -> bytes:
    """Return a film of the length asked for; odd sizes are rounded down to even ones, as H.264 needs."""
    width, height = width // 2 * 2, height // 2 * 2
    file = BytesIO()
    with av.open(file, "w", format="mp4") as container:
        pictures = _add_pictures(container, width, height)
        if sound:
            _write_sound(container, prompt, seconds)
        for number, planes in enumerate(_pan(prompt, round(seconds * FRAMES_PER_SECOND), width, height)):
            container.mux(pictures.encode(_frame(planes, number)))
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


def _pan(prompt: str, count: int, width: int, height: int) -> Iterator[Planes]:
    """Move a window over a wider landscape, with the title resting on it."""
    title = Image.new("RGB", (width, height))
    write_title(title, prompt)
    written: Mask = np.asarray(title).max(axis=2) > 0
    masks = (written, written[::2, ::2], written[::2, ::2])
    titles = _planes(title)
    wide = _planes(scene(prompt, width * 3 // 4 * 2, height))
    room = wide[0].shape[1] - width
    for number in range(count):
        left = round(room * (1 - math.cos(math.pi * number / max(count - 1, 1))) / 4) * 2
        window = [
            np.where(mask, letters, plane[:, left // part : (left + width) // part])
            for plane, letters, mask, part in zip(wide, titles, masks, (1, 2, 2), strict=True)
        ]
        yield window[0], window[1], window[2]


def _planes(picture: Image.Image) -> Planes:
    """Split a picture into brightness and two colour planes of half the size, once for all frames."""
    frame = av.VideoFrame.from_ndarray(np.asarray(picture), format="rgb24")
    stacked = frame.to_ndarray(format="yuv420p").astype(np.uint8, copy=False)
    width, height = picture.size
    brightness, blue, red = np.split(stacked.ravel(), [width * height, width * height * 5 // 4])
    half = (height // 2, width // 2)
    return brightness.reshape(height, width), blue.reshape(half), red.reshape(half)


def _frame(planes: Planes, number: int) -> av.VideoFrame:
    height, width = planes[0].shape
    stacked = np.concatenate([plane.ravel() for plane in planes]).reshape(height * 3 // 2, width)
    frame = av.VideoFrame.from_ndarray(stacked, format="yuv420p")
    frame.pts = number
    return frame
