"""Films: made from a caption, trimmed, and put one after the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from io import BytesIO

import av
import av.container
import numpy as np
import numpy.typing as npt
from attrs import frozen

from taskferry.sandbox.media.melody import RATE
from taskferry.sandbox.media.video import CODECS, FRAMES_PER_SECOND, OPTIONS, video
from taskferry_vap.sandbox.sources import UNREAD_SECONDS, Source

Samples = npt.NDArray[np.float32]


@frozen(kw_only=True)
class Piece:
    """A part of a film, from one second to another."""

    content: bytes
    start: float
    end: float


def film(caption: str, *, size: tuple[int, int], seconds: float, sound: bool) -> bytes:
    """Make a film."""
    return video(caption, seconds, *size, sound=sound)


def trimmed(_caption: str, *, source: Source, start: float, end: float) -> bytes:
    """Cut a part out of a film; one that is not read is made as long as the part."""
    if source.read is None:
        return video(source.caption, end - start, *source.size)
    return joined([Piece(content=source.read(), start=start, end=end)], source.size)


def merged(_caption: str, *, sources: Sequence[Source]) -> bytes:
    """Put films one after the other, in the size of the first."""
    return joined([_whole(source) for source in sources], sources[0].size)


def joined(pieces: Sequence[Piece], size: tuple[int, int]) -> bytes:
    """Encode pieces of this stand-in's films anew, as one film; it has sound if one of them has."""
    sound = np.concatenate([_samples(piece) for piece in pieces])
    file = BytesIO()
    with av.open(file, "w", format="mp4") as container:
        codec = next(name for name in CODECS if name in av.codecs_available)
        pictures = container.add_stream(codec, rate=FRAMES_PER_SECOND, options=OPTIONS[codec])
        assert isinstance(pictures, av.VideoStream)
        pictures.width, pictures.height, pictures.pix_fmt = *size, "yuv420p"
        if sound.any():
            _write_sound(container, sound)
        for number, frame in enumerate(frame for piece in pieces for frame in _frames(piece)):
            shaped = frame.reformat(*size, "yuv420p")
            shaped.pts, shaped.time_base = number, Fraction(1, FRAMES_PER_SECOND)
            container.mux(pictures.encode(shaped))
        container.mux(pictures.encode(None))
    return file.getvalue()


def _whole(source: Source) -> Piece:
    if source.read is None:
        return Piece(content=video(source.caption, UNREAD_SECONDS, *source.size), start=0.0, end=UNREAD_SECONDS)
    return Piece(content=source.read(), start=0.0, end=source.seconds or 0.0)


def _frames(piece: Piece) -> Iterator[av.VideoFrame]:
    first, last = round(piece.start * FRAMES_PER_SECOND), round(piece.end * FRAMES_PER_SECOND)
    with av.open(BytesIO(piece.content), "r") as container:
        for number, frame in enumerate(container.decode(video=0)):
            if first <= number < last:
                yield frame


def _samples(piece: Piece) -> Samples:
    length = round((piece.end - piece.start) * RATE)
    samples = np.zeros(length, np.float32)
    with av.open(BytesIO(piece.content), "r") as container:
        if container.streams.audio:
            heard = np.concatenate([frame.to_ndarray().mean(axis=0) for frame in container.decode(audio=0)])
            part = heard[round(piece.start * RATE) :][:length]
            samples[: len(part)] = part
    return samples


def _write_sound(container: av.container.OutputContainer, samples: Samples) -> None:
    stream = container.add_stream("aac", rate=RATE, layout="mono")
    assert isinstance(stream, av.AudioStream)
    frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="fltp", layout="mono")
    frame.sample_rate, frame.pts = RATE, 0
    container.mux(stream.encode(frame))
    container.mux(stream.encode(None))
