"""Films made from a prompt, opened again by PyAV."""

from __future__ import annotations

from io import BytesIO

import av
import numpy as np
import pytest

from taskferry.sandbox.media.video import FRAMES_PER_SECOND, video


@pytest.fixture(scope="module")
def film() -> bytes:
    """Two seconds with sound."""
    return video("waves at dusk", 2, 320, 180)


def test_a_film_has_pictures_and_sound_of_the_length_asked_for(film: bytes) -> None:
    """H.264 and AAC in MP4, two seconds each."""
    with av.open(BytesIO(film)) as container:
        pictures, sound = container.streams.video[0], container.streams.audio[0]

        assert "mp4" in container.format.name
        assert (pictures.codec_context.name, pictures.width, pictures.height) == ("h264", 320, 180)
        assert (sound.codec_context.name, sound.rate) == ("aac", 24_000)
        assert [float(stream.duration * stream.time_base) for stream in container.streams] == [2.0, 2.0]


def test_every_frame_can_be_shown_and_the_picture_moves(film: bytes) -> None:
    """The first, the middle and the last frame are three pictures."""
    with av.open(BytesIO(film)) as container:
        frames = [frame.to_ndarray(format="rgb24").astype(int) for frame in container.decode(video=0)]

    assert len(frames) == 2 * FRAMES_PER_SECOND
    assert np.abs(frames[0] - frames[FRAMES_PER_SECOND]).mean() > 1
    assert np.abs(frames[FRAMES_PER_SECOND] - frames[-1]).mean() > 1


def test_the_sound_can_be_heard(film: bytes) -> None:
    """It is not silence."""
    with av.open(BytesIO(film)) as container:
        samples = np.concatenate([frame.to_ndarray()[0] for frame in container.decode(audio=0)])

    assert np.abs(samples).max() > 0.2


def test_a_film_may_be_silent() -> None:
    """Then it has no sound track at all."""
    with av.open(BytesIO(video("waves", 1, 128, 72, sound=False))) as container:
        assert [stream.type for stream in container.streams] == ["video"]


@pytest.mark.parametrize(("asked", "made"), [((161, 91), (160, 90)), ((90, 162), (90, 162))])
def test_any_size_gives_a_film(asked: tuple[int, int], made: tuple[int, int]) -> None:
    """Odd sizes lose a line, upright ones are fine."""
    with av.open(BytesIO(video("waves", 0.4, *asked))) as container:
        frames = [(frame.width, frame.height) for frame in container.decode(video=0)]

    assert frames == [made] * 6


def test_the_same_prompt_gives_the_same_film() -> None:
    """To the byte."""
    assert video("waves", 0.4, 64, 64) == video("waves", 0.4, 64, 64)
