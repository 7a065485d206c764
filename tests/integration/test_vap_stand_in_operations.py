"""Edits at VAP's stand-in: both endpoints, what they refuse, and files that are really edited."""

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


FOX = "https://example.com/red%20fox.png"


def operate(vap: Vap, operation: str, path: str = "/v3/operations", **body: Any) -> httpx.Response:
    """Ask for an edit."""
    return vap.client.post(path, json={"operation": operation, **body})


def edited(vap: Vap, operation: str, **body: Any) -> bytes:
    """Ask for an edit, let it end and download its file."""
    operation_id = operate(vap, operation, **body).json()["operation_id"]
    vap.clock.now += 1000
    result = vap.client.get(f"/v3/operations/{operation_id}").json()["result"]
    return httpx.get(result["output_url"], timeout=30).content


def opened(content: bytes) -> Image.Image:
    return Image.open(BytesIO(content))


def made(vap: Vap, type: str, **params: Any) -> str:  # noqa: A002  # as on the wire
    """Make something and give its URL."""
    result = vap.finished("a red fox", type, **params)["result"]
    return str(result["output_url"])


@pytest.mark.parametrize("path", ["/v3/operations", "/api/v1/operations"])
@pytest.mark.parametrize(
    ("operation", "body", "price"),
    [
        ("upscale", {"media_url": FOX}, "0.1500"),
        ("upscale", {"media_url": FOX, "options": {"scale": 4}}, "0.1500"),
        ("background_remove", {"media_url": FOX}, "0.1500"),
        ("inpaint", {"media_url": FOX, "prompt": "a scarf", "mask_url": FOX}, "0.1500"),
        ("ai_edit", {"media_url": FOX, "prompt": "autumn", "additional_images": [FOX]}, "0.1500"),
        ("video_trim", {"media_url": FOX, "start_time": 1, "end_time": 2.5}, "0.0500"),
        ("video_trim", {"media_url": FOX, "options": {"start_time": 1, "end_time": 2.5}}, "0.0500"),
        ("video_merge", {"media_urls": [FOX, FOX]}, "0.0500"),
    ],
)
def test_every_edit_is_taken_by_both_generations(
    vap: Vap, path: str, operation: str, body: dict[str, Any], price: str
) -> None:
    """The reply has the id under both of its names, and the price of the list."""
    reply = operate(vap, operation, path, **body).json()

    assert reply == {
        "operation_id": reply["operation_id"],
        "task_id": reply["operation_id"],
        "operation": operation,
        "status": "pending",
        "estimated_cost": price,
    }


@pytest.mark.parametrize("path", ["/v3/operations/", "/v3/tasks/", "/api/v1/operations/"])
def test_an_edit_is_shown_at_every_place(vap: Vap, path: str) -> None:
    """The endpoint of tasks takes ids of edits too."""
    operation_id = operate(vap, "upscale", media_url=FOX).json()["operation_id"]
    vap.clock.now += 1000

    shown = vap.client.get(path + operation_id).json()

    assert (shown["status"], shown["type"], shown["actual_cost"]) == ("completed", "upscale", "0.1500")
    assert shown["result"]["image_url"].endswith(shown["result"]["output_url"].rpartition("/")[2])


def test_a_task_is_no_edit(vap: Vap) -> None:
    """The endpoint of edits knows edits alone."""
    reply = vap.client.get(f"/v3/operations/{vap.created('a fox')}")

    assert (reply.status_code, reply.json()["error"]["code"]) == (404, "task_not_found")


@pytest.mark.parametrize(
    ("body", "status", "code", "wrong"),
    [
        ({"operation": "melt", "media_url": FOX}, 400, "invalid_operation", None),
        ({"media_url": FOX}, 400, "invalid_operation", None),
        ({"operation": "upscale"}, 422, "invalid_parameters", "media_url"),
        ({"operation": "upscale", "media_url": "file:///etc/passwd"}, 422, "invalid_parameters", "media_url"),
        ({"operation": "upscale", "media_url": "https://[::1"}, 422, "invalid_parameters", "media_url"),
        ({"operation": "upscale", "media_url": FOX, "options": {"scale": 3}}, 422, "invalid_parameters", "scale"),
        ({"operation": "upscale", "media_url": FOX, "options": []}, 422, "invalid_parameters", "options"),
        ({"operation": "inpaint", "media_url": FOX, "prompt": " "}, 422, "invalid_parameters", "prompt"),
        ({"operation": "video_merge", "media_urls": [FOX]}, 422, "invalid_parameters", "media_urls"),
        ({"operation": "video_trim", "media_url": FOX, "end_time": 3}, 422, "invalid_parameters", "start_time"),
        (
            {"operation": "video_trim", "media_url": FOX, "start_time": 3, "end_time": 3},
            422,
            "invalid_parameters",
            "start_time",
        ),
        ({"operation": "upscale", "media_url": FOX, "webhook_url": "x"}, 422, "invalid_parameters", "webhook_url"),
    ],
)
def test_a_wrong_edit_is_refused(vap: Vap, body: dict[str, Any], status: int, code: str, wrong: str | None) -> None:
    """With the code, and the parameter that is wrong; nothing is created."""
    reply = vap.client.post("/v3/operations", json=body)

    error = reply.json()["error"]
    assert (reply.status_code, error["code"]) == (status, code)
    assert wrong is None or wrong in error["details"]["errors"]
    assert vap.client.get("/_sandbox/tasks").json() == {"tasks": []}


def test_a_file_of_its_own_that_expired_cannot_be_edited(vap: Vap) -> None:
    """A URL that no longer downloads is said so, and so is a signature that was made up."""
    url = made(vap, "image")
    vap.clock.now += 7200

    errors = [
        operate(vap, "upscale", media_url=address).json()["error"]["details"]["errors"]["media_url"]
        for address in (url, url.replace("sig=", "sig=0"))
    ]

    assert errors == ["cannot be downloaded: the URL has expired or was never signed"] * 2


def test_a_picture_cannot_be_trimmed(vap: Vap) -> None:
    """A file of its own is of the kind that the edit takes."""
    reply = operate(vap, "video_trim", media_url=made(vap, "image"), start_time=0, end_time=1)

    assert reply.json()["error"]["details"]["errors"] == {"media_url": "must be a file of type video, not 'image.webp'"}


@pytest.mark.parametrize("scale", [2, 4])
def test_an_upscaled_picture_is_larger(vap: Vap, scale: int) -> None:
    """So many times as wide and high as the picture was."""
    url = made(vap, "image", width=300, height=200)

    picture = opened(edited(vap, "upscale", media_url=url, options={"scale": scale}))

    assert picture.size == (300 * scale, 200 * scale)


def test_a_picture_that_is_too_large_is_not_made_larger(vap: Vap) -> None:
    """Four times 1024 pixels are made, four times 4096 are not."""
    operation_id = operate(vap, "upscale", media_url=made(vap, "image"), scale=4).json()["operation_id"]
    vap.clock.now += 1000

    reply = operate(vap, "upscale", media_url=vap.read(operation_id)["result"]["image_url"], scale=4)

    wrong = reply.json()["error"]["details"]["errors"]["media_url"]
    assert wrong == "would be larger than 8192 pixels: 16384 x 16384"


def test_a_removed_background_is_transparent(vap: Vap) -> None:
    """A PNG of the same size, clear at its corners and solid in its middle."""
    picture = opened(edited(vap, "background_remove", media_url=made(vap, "image", width=300, height=200)))

    alpha = picture.getchannel("A")
    assert (picture.format, picture.size) == ("PNG", (300, 200))
    assert (alpha.getpixel((0, 0)), alpha.getpixel((150, 100))) == (0, 255)


def test_inpainting_changes_what_the_mask_marks(vap: Vap) -> None:
    """Without a mask it is the middle that changes, and the border that stays."""
    url = made(vap, "image", width=300, height=200, output_format="png")
    before = opened(httpx.get(url, timeout=30).content).convert("RGB")

    after = opened(edited(vap, "inpaint", media_url=url, prompt="a green scarf")).convert("RGB")

    def change(place: tuple[int, int]) -> int:
        return sum(abs(a - b) for a, b in zip(before.getpixel(place), after.getpixel(place), strict=True))

    assert change((10, 10)) < 30 < max(change((x, 100)) for x in range(80, 220, 10))


def test_a_mask_of_its_own_is_looked_at(vap: Vap) -> None:
    """A picture of the stand-in may be the mask of another, of whatever size."""
    url, mask = made(vap, "image", width=300, height=200), made(vap, "image", width=100, height=100)

    picture = opened(edited(vap, "inpaint", media_url=url, prompt="a scarf", mask_url=mask))

    assert picture.size == (300, 200)


def test_an_edit_takes_further_pictures(vap: Vap) -> None:
    """The result has the size of the first."""
    url, other = made(vap, "image", width=300, height=200), made(vap, "image")

    picture = opened(edited(vap, "ai_edit", media_url=url, prompt="autumn", additional_images=[other, FOX]))

    assert picture.size == (300, 200)


def test_a_trimmed_film_has_the_asked_length(vap: Vap) -> None:
    """Pictures and sound, from one second to another."""
    url = made(vap, "video", duration=4)

    content = edited(vap, "video_trim", media_url=url, options={"start_time": 1, "end_time": 3})

    with av.open(BytesIO(content)) as film:
        assert film.duration / av.time_base == pytest.approx(2, abs=0.1)
        assert (len(film.streams.video), len(film.streams.audio)) == (1, 1)


def test_a_film_is_trimmed_to_its_end_at_most(vap: Vap) -> None:
    """What is asked beyond the end is left out; a start beyond it is wrong."""
    url = made(vap, "video", duration=4)

    content = edited(vap, "video_trim", media_url=url, start_time=3, end_time=60)
    refused = operate(vap, "video_trim", media_url=url, start_time=4, end_time=60)

    with av.open(BytesIO(content)) as film:
        assert film.duration / av.time_base == pytest.approx(1, abs=0.1)
    assert refused.status_code == 422


def test_merged_films_follow_each_other(vap: Vap) -> None:
    """As long as both, in the size of the first, with sound where one of them has any."""
    upright = made(vap, "video", duration=4, aspect_ratio="9:16", generate_audio=False)
    url = made(vap, "video", duration=6)

    content = edited(vap, "video_merge", media_urls=[upright, url])

    with av.open(BytesIO(content)) as film:
        picture = film.streams.video[0]
        assert film.duration / av.time_base == pytest.approx(10, abs=0.1)
        assert (picture.width, picture.height, len(film.streams.audio)) == (360, 640, 1)


@pytest.mark.parametrize(
    ("operation", "body", "seconds"),
    [
        ("video_trim", {"media_url": "https://example.com/w.mp4", "start_time": 1, "end_time": 3}, 2),
        ("video_merge", {"media_urls": ["https://example.com/w.mp4", "https://example.com/b.mp4"]}, 8),
    ],
)
def test_films_of_others_are_never_fetched(vap: Vap, operation: str, body: dict[str, Any], seconds: int) -> None:
    """They are made from the text of their URL, and are as long as they should be."""
    content = edited(vap, operation, **body)

    with av.open(BytesIO(content)) as film:
        assert film.duration / av.time_base == pytest.approx(seconds, abs=0.1)


def test_faults_are_read_from_the_url_of_an_edit(vap: Vap) -> None:
    """An edit without a prompt takes its fault from what it works on."""
    operation_id = operate(vap, "upscale", media_url="https://example.com/%5B%5Bfail:gpu_lost%5D%5D.png").json()[
        "task_id"
    ]
    vap.clock.now += 1000

    assert vap.read(operation_id)["error"]["code"] == "gpu_lost"
