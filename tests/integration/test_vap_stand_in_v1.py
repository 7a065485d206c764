"""The media API v1 at VAP's stand-in: generations by kind, beside V3 and over the same tasks."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import Any

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


def generate(vap: Vap, kind: str, prompt: str = "a fox", **params: Any) -> httpx.Response:
    """Ask for a generation."""
    body = {"kind": kind, "prompt": prompt, **({"params": params} if params else {})}
    return vap.client.post("/api/v1/generations", json=body)


def generated(vap: Vap, kind: str, prompt: str = "a fox", **params: Any) -> Any:
    """Ask for a generation, let it end and show it."""
    generation_id = generate(vap, kind, prompt, **params).json()["generation_id"]
    vap.clock.now += 1000
    return vap.client.get(f"/api/v1/generations/{generation_id}").json()


@pytest.mark.parametrize(("kind", "field"), [("image", "image_url"), ("video", "video_url"), ("music", "audio_url")])
def test_a_generation_is_shown_by_its_kind(vap: Vap, kind: str, field: str) -> None:
    """Both ids, the kind, and its URL at the top."""
    shown = generated(vap, kind)

    assert (shown["status"], shown["kind"], shown["generation_id"]) == ("completed", kind, shown["task_id"])
    assert shown[field] == shown["result_url"]
    assert "type" not in shown


def test_a_create_answers_with_both_ids(vap: Vap) -> None:
    """As SKILL.md shows it, with the estimate of V3."""
    reply = generate(vap, "image").json()

    assert reply == {
        "generation_id": reply["task_id"],
        "task_id": reply["task_id"],
        "kind": "image",
        "status": "pending",
        "estimated_cost": "0.1800",
    }


def test_an_image_has_the_asked_size_format_and_number(vap: Vap) -> None:
    """Each of them is a file, and each is paid for."""
    shown = generated(vap, "image", width=300, height=200, output_format="png", quantity=3)

    urls = [item["image_url"] for item in shown["result"]["items"]]
    drawn = [Image.open(BytesIO(httpx.get(url, timeout=30).content)) for url in urls]
    assert [(picture.format, picture.size) for picture in drawn] == [("PNG", (300, 200))] * 3
    assert shown["actual_cost"] == "0.5400"


def test_a_token_moves_the_result_away_from_the_top(vap: Vap) -> None:
    """The primary URL inside `result`, as SKILL.md names it."""
    shown = generated(vap, "image", "a fox [[place:output_url]]")

    assert list(shown["result"]) == ["output_url"]
    assert "result_url" not in shown


def test_both_generations_know_the_same_tasks(vap: Vap) -> None:
    """An id of one is an id of the other."""
    v1_id = generate(vap, "image").json()["generation_id"]
    v3_id = vap.created("a fox")

    assert vap.read(v1_id)["type"] == "image"
    assert vap.client.get(f"/api/v1/generations/{v3_id}").json()["kind"] == "image"


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"kind": "hologram", "prompt": "a fox"}, 400, "invalid_task_type"),
        ({"kind": "image"}, 400, "invalid_description"),
        ({"kind": "image", "prompt": "a fox", "params": {"width": 1}}, 422, "invalid_parameters"),
        ({"kind": "image", "prompt": "a fox", "params": {"quantity": 5}}, 422, "invalid_parameters"),
        ({"kind": "video", "prompt": "a fox", "params": {"source_image": "fox.png"}}, 422, "invalid_parameters"),
    ],
)
def test_a_wrong_generation_is_refused(vap: Vap, body: dict[str, Any], status: int, code: str) -> None:
    """With the errors of V3, as v1 documents none."""
    reply = vap.client.post("/api/v1/generations", json=body)

    assert (reply.status_code, reply.json()["error"]["code"]) == (status, code)


def test_a_generation_that_is_none_is_not_found(vap: Vap) -> None:
    """An edit is no generation."""
    body = {"operation": "upscale", "media_url": "https://example.com/fox.png"}
    operation_id = vap.client.post("/api/v1/operations", json=body).json()["operation_id"]

    replies = [vap.client.get(f"/api/v1/generations/{each}") for each in (operation_id, "nothing")]

    assert [reply.status_code for reply in replies] == [404, 404]


@pytest.mark.parametrize(("gone", "left"), [("^/v3/", "/api/v1/generations"), ("^/api/v1/", "/v3/tasks")])
def test_a_generation_can_be_shut(vap: Vap, gone: str, left: str) -> None:
    """A posted fault without an end takes one away and leaves the other."""
    vap.client.post("/_sandbox/faults", json={"fault": "http:404", "count": None, "path": gone})

    body = {"type": "image", "kind": "image", "prompt": "a fox"}
    statuses = {path: vap.client.post(path, json=body).status_code for path in ("/v3/tasks", "/api/v1/generations")}

    assert statuses == {"/v3/tasks": 404, "/api/v1/generations": 404} | {left: 200}
