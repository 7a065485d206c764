"""VAP's older calls at the stand-in, which answer when the picture is there: generate, upscale, validate."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import httpx
import pytest
from PIL import Image

from integration.acme_stand_in import Clock
from integration.vap_client import Vap, connected, hosted
from taskferry.sandbox import Running
from taskferry.sandbox.media.image import image


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


AT_ONCE = "[[queue:0]] [[run:0]]"


def picture(width: int, height: int) -> str:
    """A picture in Base64."""
    return base64.b64encode(image("a fox", width, height)).decode()


def post(vap: Vap, path: str, **body: Any) -> Any:
    return vap.client.post(path, json=body).json()


@pytest.mark.parametrize("name", ["prompt", "description"])
def test_generate_answers_with_the_picture(vap: Vap, name: str) -> None:
    """In both spellings of the prompt, with every field that the SDK or the OpenAPI document knows."""
    reply = post(vap, "/v3/generate", **{name: f"a fox {AT_ONCE}", "aspect_ratio": "16:9", "metadata": {"mine": 1}})

    drawn = Image.open(BytesIO(httpx.get(reply["image_url"], timeout=30).content))
    assert drawn.size == (1344, 756)
    assert reply == {
        "success": True,
        "task_id": reply["task_id"],
        "request_id": reply["task_id"],
        "image_url": reply["image_url"],
        "image_base64": None,
        "aspect_ratio": "16:9",
        "metadata": {"mine": 1},
        "cost": "0.1800",
        "error": None,
    }


@pytest.mark.parametrize(
    ("token", "error"),
    [
        ("[[fail]]", "The provider failed after all retries"),
        ("[[no-output]]", "The task is completed and has no picture."),
    ],
)
def test_a_generate_without_a_picture_is_no_success(vap: Vap, token: str, error: str) -> None:
    """It answers 200 all the same, and keeps the id."""
    reply = post(vap, "/v3/generate", prompt=f"a fox {AT_ONCE} {token}")

    assert (reply["success"], reply["image_url"], reply["error"]) == (False, None, error)
    assert vap.read(reply["task_id"])["type"] == "image"


@pytest.mark.parametrize("scale", ["2x", "4x"])
def test_upscale_takes_a_picture_in_the_body(vap: Vap, scale: str) -> None:
    """And gives one so many times as large."""
    vap.client.post("/_sandbox/faults", json={"fault": "run:0"})
    vap.client.post("/_sandbox/faults", json={"fault": "queue:0"})

    reply = post(vap, "/v3/upscale", image_base64=picture(60, 40), scale=scale)

    drawn = Image.open(BytesIO(httpx.get(reply["image_url"], timeout=30).content))
    assert drawn.size == (60 * int(scale[0]), 40 * int(scale[0]))
    assert (reply["success"], reply["scale"], reply["cost"]) == (True, scale, "0.1500")


def test_validate_looks_at_the_picture(vap: Vap) -> None:
    """Format, dimensions and size are those of the bytes; it costs nothing and makes no task."""
    content = picture(300, 200)

    reply = post(vap, "/v3/validate", image_base64=content, checks=["format", "size"])

    assert reply["validation"] == {
        "valid": True,
        "issues": [],
        "warnings": ["smaller than 256 pixels"],
        "format": "png",
        "dimensions": {"width": 300, "height": 200},
        "size": len(base64.b64decode(content)),
    }
    assert reply["cost"] == "0.0000"
    assert vap.client.get("/_sandbox/tasks").json() == {"tasks": []}


def test_validate_reads_a_picture_of_its_own(vap: Vap) -> None:
    """A URL of the stand-in's files."""
    url = vap.finished("a fox", width=300, height=260)["result"]["image_url"]

    found = post(vap, "/v3/validate", image_url=url)["validation"]

    assert (found["format"], found["dimensions"], found["warnings"]) == ("webp", {"width": 300, "height": 260}, [])


def test_validate_fetches_nothing(vap: Vap) -> None:
    """Of a picture of others it says what the URL tells, and that it was not read."""
    found = post(vap, "/v3/validate", image_url="https://example.com/fox.png")["validation"]

    assert (found["format"], found["dimensions"], found["size"]) == ("png", None, None)
    assert found["warnings"] == ["fox.png was not read: this stand-in fetches nothing"]


@pytest.mark.parametrize(
    ("path", "body", "wrong"),
    [
        ("/v3/upscale", {}, "image_url"),
        ("/v3/upscale", {"image_url": "fox.png"}, "image_url"),
        ("/v3/upscale", {"image_base64": "Zm94"}, "image_base64"),
        ("/v3/upscale", {"image_url": "https://example.com/fox.png", "scale": 2}, "scale"),
        ("/v3/validate", {"image_base64": 3}, "image_base64"),
        ("/v3/validate", {"image_url": "https://example.com/fox.png", "checks": ["smell"]}, "checks"),
    ],
)
def test_a_wrong_picture_is_refused(vap: Vap, path: str, body: dict[str, Any], wrong: str) -> None:
    """With the parameter that is wrong."""
    reply = vap.client.post(path, json=body)

    assert (reply.status_code, list(reply.json()["error"]["details"]["errors"])) == (422, [wrong])
