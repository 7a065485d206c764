"""Music made from a prompt, opened again by wave and by PyAV."""

from __future__ import annotations

import wave
from io import BytesIO

import av
import numpy as np
import pytest

from taskferry.sandbox.media.audio import audio
from taskferry.sandbox.media.melody import RATE, melody, tune


def decoded(content: bytes) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    with av.open(BytesIO(content)) as container:
        return np.concatenate([frame.to_ndarray()[0] for frame in container.decode(audio=0)])


def test_a_wav_file_has_exactly_the_length_asked_for() -> None:
    """Mono, 16 bits."""
    with wave.open(BytesIO(audio("slow piano", 5.5, "wav"))) as reader:
        shape = (reader.getnchannels(), reader.getsampwidth(), reader.getnframes() / reader.getframerate())

    assert shape == (1, 2, 5.5)


@pytest.mark.parametrize("seconds", [3, 30, 480])
def test_an_mp3_file_lasts_as_long_as_asked(seconds: int) -> None:
    """To one frame of 24 ms, also where the tune is repeated."""
    content = audio("slow piano", seconds)

    with av.open(BytesIO(content)) as container:
        stream = container.streams.audio[0]
        assert (container.format.name, stream.codec_context.name, stream.rate) == ("mp3", "mp3float", RATE)
    assert len(decoded(content)) / RATE == pytest.approx(seconds, abs=0.024)


def test_repeated_mp3_frames_sound_as_the_melody_does() -> None:
    """Without a gap or a click where the tune begins again."""
    once = len(tune("slow piano")) / RATE
    heard = decoded(audio("slow piano", once * 3))
    written = melody("slow piano", once * 3) / 32768
    delay = int(np.argmax(np.correlate(heard[: RATE + 4000], written[:RATE], "valid")))

    same = min(len(heard) - delay, len(written))
    error = heard[delay : delay + same] - written[:same]

    assert 0 < delay < 4000
    assert np.abs(error).max() < 0.1


def test_the_melody_is_loud_enough_and_never_too_loud() -> None:
    """It can be heard, and does not clip."""
    samples = melody("slow piano", 10)

    assert 0.5 < np.abs(samples).max() / 32768 < 0.8


def test_a_prompt_decides_the_melody() -> None:
    """The same words play the same, others do not."""
    assert np.array_equal(melody("a", 4), melody("a", 4))
    assert not np.array_equal(melody("a", 4), melody("b", 4))


def test_a_format_it_does_not_know_is_refused() -> None:
    """The error says which ones there are."""
    with pytest.raises(ValueError, match="mp3 or wav"):
        audio("slow piano", 1, "flac")
