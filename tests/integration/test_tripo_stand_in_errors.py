"""What Tripo's stand-in refuses, and how: envelopes, codes and validation."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from integration.acme_stand_in import Clock
from integration.tripo_client import IMAGE_TO_MODEL, PNG, TEXT_TO_MODEL, Tripo, connected, hosted
from taskferry.sandbox import Running

MULTIVIEW = "generation/multiview-to-model"
URL = "https://example.com/fox.png"
MISSING = "6ffdb041-55c6-4a16-8985-7cc3268a545b"


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[Running, Clock]]:
    """One server for the module; each test begins with a reset."""
    with hosted() as tripo_and_clock:
        yield tripo_and_clock


@pytest.fixture
def tripo(server: tuple[Running, Clock]) -> Iterator[Tripo]:
    """A client with the stand-in's own key, at a stand-in that has forgotten everything."""
    with connected(server) as tripo:
        yield tripo


def test_an_error_is_v3s_envelope(tripo: Tripo) -> None:
    """Code, message, suggestion, and a request id that the header has too."""
    reply = tripo.create(prompt="a fox [[refuse:2010]]")

    body = reply.json()
    assert reply.status_code == 403
    assert sorted(body) == ["code", "message", "request_id", "status", "suggestion"]
    assert (body["code"], body["status"]) == (2010, "error")
    assert body["request_id"] == reply.headers["X-Request-ID"]


@pytest.mark.parametrize("key", ["", "Bearer", "Bearer tcli_abc", "Basic tsk_abc"])
def test_a_key_begins_with_tsk(tripo: Tripo, key: str) -> None:
    """Anything else is the answer that was seen live, code 2 under 401."""
    reply = tripo.client.get("/v3/account/balance", headers={"Authorization": key})

    assert reply.status_code == 401
    assert (reply.json()["code"], reply.json()["message"]) == (2, "Invalid API key")


def test_a_trace_id_is_kept_or_made_up(tripo: Tripo) -> None:
    """Every answer has one, errors too."""
    sent = "0b9b6e4e-7a0e-4d3c-8f52-9d0f7c3f1a11"

    kept = tripo.client.get("/v3/account/balance", headers={"X-Tripo-Trace-ID": sent})
    made = tripo.client.get("/v3/nothing")

    assert kept.headers["X-Tripo-Trace-ID"] == sent
    assert len(made.headers["X-Tripo-Trace-ID"]) == 36


def test_every_answer_tells_the_rate_limit(tripo: Tripo) -> None:
    """Limit, what is left of it, and when it begins anew."""
    headers = tripo.client.get("/v3/account/balance").headers

    assert {"X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"} <= {
        name.title().replace("Ratelimit", "RateLimit") for name in headers
    }


def test_an_unknown_path_and_a_wrong_method_have_codes(tripo: Tripo) -> None:
    """4001 and 1003."""
    path, method = tripo.client.get("/v3/nothing"), tripo.client.get(f"/v3/{TEXT_TO_MODEL}")

    assert (path.status_code, path.json()["code"]) == (404, 4001)
    assert (method.status_code, method.json()["code"]) == (405, 1003)


def test_a_body_that_is_no_json_object_is_malformed(tripo: Tripo) -> None:
    """400 for bad JSON, 415 for another content type, both with code 1003."""
    path, json_type = f"/v3/{TEXT_TO_MODEL}", {"Content-Type": "application/json"}

    broken = tripo.client.post(path, content=b"{", headers=json_type)
    listed = tripo.client.post(path, json=[])
    form = tripo.client.post(path, data={"prompt": "a fox"})

    assert [(reply.status_code, reply.json()["code"]) for reply in (broken, listed, form)] == [
        (400, 1003),
        (400, 1003),
        (415, 1003),
    ]


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        (TEXT_TO_MODEL, {}, 1004),
        (TEXT_TO_MODEL, {"prompt": ""}, 1004),
        (TEXT_TO_MODEL, {"prompt": "   "}, 1004),
        (TEXT_TO_MODEL, {"prompt": "x" * 1025}, 1004),
        (TEXT_TO_MODEL, {"prompt": 5}, 1004),
        (TEXT_TO_MODEL, {"prompt": "a fox \U0001f98a"}, 2009),
        (TEXT_TO_MODEL, {"prompt": "a fox", "model": None}, 1004),
        (TEXT_TO_MODEL, {"prompt": "a fox", "model": "v2.0-20240919"}, 1004),
        (TEXT_TO_MODEL, {"prompt": "a fox", "negative_prompt": "x" * 256}, 1004),
        (TEXT_TO_MODEL, {"prompt": "a fox", "texture": "yes"}, 1004),
        (TEXT_TO_MODEL, {"prompt": "a fox", "model_seed": 1.5}, 1004),
        (TEXT_TO_MODEL, {"prompt": "a fox", "face_limit": -1}, 1004),
        (TEXT_TO_MODEL, {"prompt": "a fox", "face_limit": 1_500_001}, 1004),
        (TEXT_TO_MODEL, {"prompt": "a fox", "face_limit": 400, "smart_low_poly": True}, 1004),
        (TEXT_TO_MODEL, {"prompt": "a fox", "model": "P1-20260311", "face_limit": 47}, 1004),
        (TEXT_TO_MODEL, {"prompt": "a fox", "model": "P1-20260311", "quad": False}, 1004),
        (TEXT_TO_MODEL, {"prompt": "a fox", "generate_parts": True}, 1004),
        (TEXT_TO_MODEL, {"prompt": "a fox", "texture_quality": "fast"}, 1004),
        (IMAGE_TO_MODEL, {}, 1004),
        (IMAGE_TO_MODEL, {"input": "data:image/png;base64,AAAA"}, 1004),
        (IMAGE_TO_MODEL, {"input": "file_nothing"}, 1004),
        (IMAGE_TO_MODEL, {"input": 5}, 1004),
        (IMAGE_TO_MODEL, {"input": MISSING}, 2001),
        (MULTIVIEW, {"inputs": [URL]}, 1004),
        (MULTIVIEW, {"inputs": [None, URL, URL]}, 1004),
        (MULTIVIEW, {"inputs": [URL] * 5}, 1004),
        (MULTIVIEW, {"inputs": URL}, 1004),
        ("generation/text-to-image", {"prompt": "a fox", "model": "midjourney"}, 1004),
        ("generation/image-to-image", {"prompt": "a fox"}, 1004),
        ("generation/image-to-image", {"input": URL}, 1004),
        ("generation/image-to-depth", {"input": URL, "process_res": 100}, 1004),
        ("models/convert", {"input": MISSING, "format": "GLTF"}, 2001),
        ("models/convert", {"input": MISSING}, 1004),
        ("models/convert", {"input": MISSING, "format": "DOC"}, 1004),
        ("animations/retarget", {"input": MISSING}, 1004),
        ("animations/retarget", {"input": MISSING, "animations": ["preset:walk"] * 6}, 1004),
    ],
)
def test_a_body_that_is_not_allowed_is_refused(tripo: Tripo, path: str, body: dict[str, Any], code: int) -> None:
    """With the documented code, and nothing is created."""
    reply = tripo.create(path, **body)

    assert reply.json()["code"] == code
    assert reply.status_code == (404 if code == 2001 else 400)
    assert tripo.client.get("/_sandbox/tasks").json()["tasks"] == []


@pytest.mark.parametrize(
    "body",
    [
        {"prompt": "a fox", "face_limit": 2_000_000, "geometry_quality": "detailed"},
        {"prompt": "a fox", "model": "P1-20260311", "face_limit": 48},
        {"prompt": "a fox", "model": "v1.4-20240625"},
        {"prompt": "a fox", "generate_parts": True, "texture": False, "pbr": False},
        {"prompt": "a fox", "texture_quality": "fast", "texture_version": "v3.5-20260815"},
        {"prompt": "a fox", "type": "image_to_model", "something_new": {"x": 1}},
        {"prompt": "x" * 1024},
    ],
)
def test_a_body_that_is_allowed_is_taken(tripo: Tripo, body: dict[str, Any]) -> None:
    """Up to every limit; fields that nobody knows are let pass, as is a leftover type."""
    assert tripo.create(**body).json()["data"]["type"] == "text_to_model"


@pytest.mark.parametrize(
    "inputs",
    [
        [URL, None, URL, None],
        [URL, "", URL],
        [{"front": URL}, {"left": URL}],
        [{"url": URL}, {}, {"url": URL}],
    ],
)
def test_views_come_in_every_spelling(tripo: Tripo, inputs: list[Any]) -> None:
    """By place with gaps of three kinds, by name, and as v2's file objects."""
    assert tripo.create(MULTIVIEW, inputs=inputs).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        {"model_version": "v2.5-20250123", "model": None, "input": URL},
        {"file": {"type": "png", "url": URL}},
        {"file": {"type": "png", "file_token": "TOKEN"}},
        {"input": "TOKEN"},
    ],
)
def test_a_picture_comes_in_every_spelling(tripo: Tripo, body: dict[str, Any]) -> None:
    """As a URL, as a token, and in the older names that v3 still reads."""
    token = tripo.uploaded()
    sent = {
        name: {key: inner.replace("TOKEN", token) for key, inner in value.items()}
        if isinstance(value, dict)
        else value and value.replace("TOKEN", token)
        for name, value in body.items()
    }

    assert tripo.create(IMAGE_TO_MODEL, **{name: value for name, value in sent.items() if value}).status_code == 200


def test_a_task_of_the_wrong_kind_is_no_source(tripo: Tripo) -> None:
    """Each chain has its own code."""
    image, model = tripo.source("generation/text-to-image"), tripo.source()

    replies = {
        "model as a picture": tripo.create(IMAGE_TO_MODEL, input=model),
        "picture to convert": tripo.create("models/convert", input=image, format="OBJ"),
        "picture to rig": tripo.create("animations/rig", input=image),
        "model to animate": tripo.create("animations/retarget", input=model, animation="preset:walk"),
        "model to complete": tripo.create("mesh/complete", input=model),
        "model as views": tripo.create(MULTIVIEW, inputs=[{"task_id": model}]),
    }

    assert {what: reply.json()["code"] for what, reply in replies.items()} == {
        "model as a picture": 2006,
        "picture to convert": 2006,
        "picture to rig": 2011,
        "model to animate": 2012,
        "model to complete": 2006,
        "model as views": 2006,
    }


@pytest.mark.parametrize("prompt", ["a fox", "a fox [[fail]]"])
def test_a_source_has_to_have_succeeded(tripo: Tripo, prompt: str) -> None:
    """Neither one under way nor one that failed will do."""
    task_id = tripo.created(prompt=prompt)
    tripo.clock.now += 100 if "fail" in prompt else 0

    reply = tripo.create("models/convert", input=task_id, format="OBJ")

    assert (reply.status_code, reply.json()["code"]) == (400, 2007)


def test_an_error_may_come_under_http_200(tripo: Tripo) -> None:
    """And creates nothing."""
    reply = tripo.create(prompt="a fox [[soft-error:2008]]")

    assert (reply.status_code, reply.json()["code"]) == (200, 2008)
    assert tripo.client.get("/_sandbox/tasks").json()["tasks"] == []


@pytest.mark.parametrize(("word", "status", "code"), [("1004", 400, 1004), ("429", 429, 1007), ("500", 500, 1000)])
def test_a_refusal_names_a_code_or_a_status(tripo: Tripo, word: str, status: int, code: int) -> None:
    """Either finds the other."""
    reply = tripo.create(prompt=f"a fox [[refuse:{word}]]")

    assert (reply.status_code, reply.json()["code"]) == (status, code)


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [(b"", "fox.png", 2003), (b"hello", "fox.txt", 2004), (b"hello", "", 1004)],
)
def test_a_file_that_nobody_can_use_is_refused(tripo: Tripo, content: bytes, name: str, code: int) -> None:
    """Empty, of another type, or not sent as a file."""
    assert tripo.upload(content, name).json()["code"] == code


def test_a_file_is_of_use_only_for_what_it_is(tripo: Tripo) -> None:
    """A model is no picture, nor the other way round; nor does it serve another account."""
    picture, model = tripo.uploaded(), tripo.uploaded(b"glTF", "fox.glb")
    other = {"Authorization": "Bearer tsk_other"}

    as_picture = tripo.create(IMAGE_TO_MODEL, input=model)
    as_model = tripo.create("models/import", input=picture)
    foreign = tripo.client.post("/v3/models/import", json={"input": model}, headers=other)

    assert [reply.json()["code"] for reply in (as_picture, as_model, foreign)] == [2004, 2004, 1004]


def test_ten_files_a_minute_are_taken(tripo: Tripo) -> None:
    """The eleventh has to wait."""
    codes = [tripo.upload(PNG).status_code for _ in range(11)]

    assert codes == [200] * 10 + [429]
