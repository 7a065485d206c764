"""Presets at VAP's stand-in: several outputs by one prompt."""

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


PROMPT = "Launch of a small roastery by the sea"


def execute(vap: Vap, preset: str, prompt: str = PROMPT) -> Any:
    """Execute a preset, let it end and show it."""
    task_id = vap.client.post("/v3/execute", json={"preset": preset, "prompt": prompt}).json()["task_id"]
    vap.clock.now += 1000
    return vap.read(task_id)


@pytest.mark.parametrize(
    ("preset", "price", "outputs"),
    [
        ("image.basic", "0.1800", ["image"]),
        ("video.basic", "1.9600", ["video"]),
        ("music.basic", "0.6800", ["music"]),
        ("streaming_campaign", "5.9000", ["video", "music", "thumbnail"]),
        ("full_production", "7.9000", ["video", "music", "thumbnail", "seo"]),
    ],
)
def test_a_preset_has_its_price_and_its_outputs(vap: Vap, preset: str, price: str, outputs: list[str]) -> None:
    """A map from names to URLs, as SKILL.md shows it."""
    reply = vap.client.post("/v3/execute", json={"preset": preset, "prompt": PROMPT}).json()
    vap.clock.now += 1000

    task = vap.read(reply["task_id"])

    assert (reply["status"], reply["estimated_cost"], reply["execution_id"]) == ("pending", price, reply["task_id"])
    assert (task["status"], task["type"], task["result"]) == ("completed", preset, None)
    assert list(task["outputs"]) == outputs


def test_every_output_of_a_production_opens(vap: Vap) -> None:
    """A film with sound, a piece of music, a picture and a text for search engines."""
    outputs = execute(vap, "full_production")["outputs"]

    files = {name: httpx.get(url, timeout=30).content for name, url in outputs.items()}
    seo = httpx.get(outputs["seo"]).json()

    with av.open(BytesIO(files["video"])) as film, av.open(BytesIO(files["music"])) as sound:
        assert film.duration / av.time_base == pytest.approx(8, abs=0.2)
        assert sound.duration / av.time_base == pytest.approx(30, abs=0.2)
    assert Image.open(BytesIO(files["thumbnail"])).size == (1280, 720)
    assert (seo["title"], seo["keywords"]) == (PROMPT.capitalize(), ["launch", "small", "roastery"])


def test_a_production_may_be_about_anything(vap: Vap) -> None:
    """Also about what has no letters."""
    outputs = execute(vap, "full_production", "🦊🎉 \U0001f1eb\U0001f1f7")["outputs"]

    replies = [httpx.get(url, timeout=30) for url in outputs.values()]

    assert [reply.status_code for reply in replies] == [200] * 4


@pytest.mark.parametrize(
    ("place", "shown"),
    [
        ("outputs", {"outputs": ["video", "music", "thumbnail"]}),
        ("outputs-list", {"outputs": [["type", "url"]] * 3}),
        ("result-outputs", {"result": ["outputs"]}),
        ("typed", {"outputs": ["video", "music", "thumbnail"]}),
    ],
)
def test_outputs_stand_at_every_known_place(vap: Vap, place: str, shown: dict[str, Any]) -> None:
    """A list as in the PyPI client, or inside the result; places of single results mean nothing here."""
    task = execute(vap, "streaming_campaign", f"{PROMPT} [[place:{place}]]")

    for name, expected in shown.items():
        assert [list(part) if isinstance(part, dict) else part for part in task[name]] == expected


def test_a_preset_is_shown_as_an_execution_too(vap: Vap) -> None:
    """At the place that the PyPI client asks; a task that is no preset is not there."""
    task_id = execute(vap, "image.basic")["task_id"]

    shown = vap.client.get(f"/v3/executions/{task_id}").json()
    missing = vap.client.get(f"/v3/executions/{vap.created('a fox')}")

    assert (shown["execution_id"], shown["preset"]) == (task_id, "image.basic")
    assert missing.status_code == 404


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"preset": "everything", "prompt": "x"}, "invalid_preset"),
        ({"prompt": "x"}, "invalid_preset"),
        ({"preset": "streaming_campaign"}, "invalid_description"),
    ],
)
def test_a_wrong_preset_is_refused(vap: Vap, body: dict[str, Any], code: str) -> None:
    """With its code."""
    reply = vap.client.post("/v3/execute", json=body)

    assert (reply.status_code, reply.json()["error"]["code"]) == (400, code)
