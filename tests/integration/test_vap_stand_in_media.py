"""The files of VAP's stand-in are real: they open, and are as was asked."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import Any

import av
import httpx
import pytest
from PIL import Image

from integration.acme_stand_in import Clock
from integration.vap_client import Vap, connected, hosted
from taskferry.sandbox import Running


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[Running, Clock]]:
    """One server for the module; each test begins with a reset."""
    with hosted() as vap_and_clock:
        yield vap_and_clock


@pytest.fixture
def vap(server: tuple[Running, Clock]) -> Iterator[Vap]:
    """A client with the stand-in's own key, at a stand-in that has forgotten everything."""
    with connected(server) as vap:
        yield vap


def test_music_may_come_as_several_tracks_with_a_cover(vap: Vap) -> None:
    """Each item is a file of its own; the cover is no track."""
    items = vap.finished("a waltz [[items:2]] [[cover]]", "music", duration=30)["result"]["items"]

    tracks = {httpx.get(item["audio_url"], timeout=30).content for item in items}
    covers = {httpx.get(item["image_url"], timeout=30).headers["content-type"] for item in items}

    assert len(tracks) == 2
    assert covers == {"image/jpeg"}


@pytest.mark.parametrize(
    ("params", "encoding", "size"),
    [
        ({}, "WEBP", (1024, 1024)),
        ({"aspect_ratio": "16:9", "output_format": "png"}, "PNG", (1344, 756)),
        ({"aspect_ratio": "9:21", "output_format": "jpeg"}, "JPEG", (658, 1536)),
    ],
)
def test_an_image_is_a_picture_of_the_asked_shape(
    vap: Vap, params: dict[str, Any], encoding: str, size: tuple[int, int]
) -> None:
    """The file opens in an image library, in the asked format and shape."""
    reply = httpx.get(vap.finished("a red fox", **params)["result"]["image_url"], timeout=30)

    picture = Image.open(BytesIO(reply.content))
    assert (picture.format, picture.size) == (encoding, size)
    assert reply.headers["content-type"] == f"image/{encoding.lower()}"


@pytest.mark.parametrize(("sound", "streams"), [(True, 1), (False, 0)])
def test_a_video_is_a_film_of_the_asked_length(vap: Vap, sound: bool, streams: int) -> None:
    """The file plays: asked seconds and shape, with sound or without."""
    task = vap.finished("waves at dusk", "video", duration=4, aspect_ratio="9:16", generate_audio=sound)

    reply = httpx.get(task["result"]["video_url"], timeout=30)

    with av.open(BytesIO(reply.content)) as film:
        picture = film.streams.video[0]
        assert (picture.width, picture.height, len(film.streams.audio)) == (360, 640, streams)
        assert film.duration / av.time_base == pytest.approx(4, abs=0.2)


@pytest.mark.parametrize("encoding", ["mp3", "wav"])
def test_music_is_a_sound_of_the_asked_length(vap: Vap, encoding: str) -> None:
    """The file plays for as long as was asked, in the asked format."""
    task = vap.finished("a slow waltz", "music", duration=45, audio_format=encoding)

    reply = httpx.get(task["result"]["items"][0]["audio_url"], timeout=30)

    with av.open(BytesIO(reply.content)) as sound:
        assert sound.format.name == encoding
        assert sound.duration / av.time_base == pytest.approx(45, abs=0.2)


def test_music_may_come_with_a_cover(vap: Vap) -> None:
    """A picture beside the sound, where it was asked for."""
    task = vap.finished("a slow waltz [[cover]]", "music", duration=30)

    reply = httpx.get(task["result"]["items"][0]["image_url"], timeout=30)

    assert reply.headers["content-type"] == "image/jpeg"
