"""Music made from a prompt: MP3 through PyAV, WAV through the standard library."""

from __future__ import annotations

import math
import wave
from io import BytesIO
from itertools import chain, cycle, islice

import av
import numpy as np

from taskferry.sandbox.media.melody import BEAT_UNIT, RATE, Samples, melody, tune

BIT_RATE = 64_000


def audio(prompt: str, seconds: float, format: str = "mp3") -> bytes:  # noqa: A002 - the field's word
    """Return a melody of the length asked for, mono; `format` is mp3 or wav."""
    encode = {"mp3": _mp3, "wav": _wav}.get(format)
    if encode is None:
        raise ValueError(f"No audio format {format!r}; use mp3 or wav.")
    return encode(prompt, seconds)


def _wav(prompt: str, seconds: float) -> bytes:
    file = BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(RATE)
        writer.writeframes(melody(prompt, seconds).astype("<i2").tobytes())
    return file.getvalue()


def _mp3(prompt: str, seconds: float) -> bytes:
    once = tune(prompt)
    frames_in_tune = len(once) // BEAT_UNIT
    frames = _mp3_frames(np.tile(once, 2))
    first, again = frames[:frames_in_tune], frames[frames_in_tune : 2 * frames_in_tune]
    count = math.ceil(seconds * RATE / BEAT_UNIT)
    return b"".join(islice(chain(first, cycle(again)), count))


def _mp3_frames(samples: Samples) -> list[bytes]:
    """Encode at a constant rate and without the bit reservoir, so that every frame stands for itself."""
    encoder = av.CodecContext.create("libmp3lame", "w")
    assert isinstance(encoder, av.AudioCodecContext)
    encoder.sample_rate, encoder.layout, encoder.format = RATE, "mono", "s16p"
    encoder.bit_rate = BIT_RATE
    encoder.options = {"reservoir": "0", "compression_level": "7"}
    frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16p", layout="mono")
    frame.sample_rate = RATE
    frame.pts = 0
    return [bytes(packet) for packet in (*encoder.encode(frame), *encoder.encode(None))]
