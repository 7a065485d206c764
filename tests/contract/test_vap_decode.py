"""What the VAP V3 adapter sees in a task body, wherever and however the service says it."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from taskferry import FailureKind, Kind, MalformedReply, Observation, Reply, Status
from taskferry_vap.adapter import VapAdapter

TASK_ID = "550e8400-e29b-41d4-a716-446655440000"
FILE = "https://files.example/"
VAP = VapAdapter()


def reply(body: Any) -> Reply:
    return Reply(200, json.dumps(body).encode())


def look(body: Any, kind: str = "image") -> Observation:
    exchange = VAP.fetch({"task_id": TASK_ID, "kind": kind})
    next(exchange)
    with pytest.raises(StopIteration) as stop:
        exchange.send(reply(body))
    seen: Observation = stop.value.value
    return seen


def completed(**more: Any) -> dict[str, Any]:
    return {"task_id": TASK_ID, "status": "completed", **more}


def urls(seen: Observation) -> dict[str, str | None]:
    return {artifact.name: artifact.url for artifact in seen.artifacts}


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("pending", Status.QUEUED),
        ("queued", Status.QUEUED),
        ("reserved", Status.QUEUED),
        ("executing", Status.RUNNING),
        ("processing", Status.RUNNING),
        ("completed", Status.SUCCEEDED),
        ("failed", Status.FAILED),
        ("levitating", None),
    ],
)
def test_status_words_of_both_vocabularies_are_known(word: str, status: Status | None) -> None:
    """A word that nobody documented is shown and changes nothing."""
    seen = look({"task_id": TASK_ID, "status": word})

    assert (seen.status, seen.provider_status) == (status, word)


DOCUMENTED = {
    "image": (
        "image",
        {"type": "image", "status": "completed", "estimated_cost": "0.1800", "actual_cost": "0.1800",
         "result": {"image_url": FILE + "x.webp", "output_url": FILE + "x.webp"}, "error_message": None},
        Status.SUCCEEDED, {"image": FILE + "x.webp"}, "0.1800",
    ),
    "video": (
        "video",
        {"type": "video", "status": "executing", "estimated_cost": "1.9600", "actual_cost": None, "result": None,
         "error_message": None},
        Status.RUNNING, {}, None,
    ),
    "music": (
        "music",
        {"type": "music", "status": "completed", "estimated_cost": "0.6800", "actual_cost": "0.6800",
         "result": {"items": [{"audio_url": FILE + "x.mp3", "image_url": FILE + "cover.jpg"}]}},
        Status.SUCCEEDED, {"music": FILE + "x.mp3", "cover": FILE + "cover.jpg"}, "0.6800",
    ),
    "failed": (
        "video",
        {"type": "video", "status": "failed", "estimated_cost": "1.9600", "actual_cost": None, "result": None,
         "error_message": "Provider timeout"},
        Status.FAILED, {}, None,
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", DOCUMENTED)
def test_documented_task_bodies_are_read(case: str) -> None:
    """The example bodies that the papers add up to."""
    kind, body, status, files, actual = DOCUMENTED[case]

    seen = look({"task_id": TASK_ID, **body}, kind)

    assert (seen.status, urls(seen)) == (status, files)
    assert seen.cost is not None
    assert seen.cost.actual == (None if actual is None else Decimal(actual))


FIELDS = {"image": ("image_url",), "video": ("video_url",), "music": ("audio_url", "music_url")}
PLACES = {
    "field of the type": lambda field: {"result": {field: FILE}},
    "field of the type before those of any type": lambda field: {
        "result": {"output_url": FILE + "no", "url": FILE + "no", field: FILE}
    },
    "item": lambda field: {"result": {"items": [{field: FILE}]}},
    "output_url": lambda _: {"result": {"output_url": FILE}},
    "url": lambda _: {"result": {"url": FILE}},
    "top level": lambda field: {field: FILE, "result": None},
    "result_url": lambda _: {"result_url": FILE},
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(("kind", "field"), [(kind, field) for kind, fields in FIELDS.items() for field in fields])
def test_a_result_is_found_wherever_it_is(kind: str, field: str, place: str) -> None:
    """Every place that a paper or client names, read by the kind of the task."""
    seen = look(completed(**PLACES[place](field)), kind)

    assert urls(seen) == {kind: FILE}
    assert seen.artifacts[0].kind is {"image": Kind.IMAGE, "video": Kind.VIDEO, "music": Kind.AUDIO}[kind]


def test_all_items_are_collected_and_none_twice() -> None:
    """Further pictures are as paid for as the first one."""
    items = [{"image_url": FILE + "1"}, {"image_url": FILE + "2"}, {"image_url": None}, "noise", {"url": FILE + "3"}]

    seen = look(completed(result={"image_url": FILE + "1", "items": items}))

    assert urls(seen) == {"image": FILE + "1", "image-2": FILE + "2", "image-3": FILE + "3"}


def test_covers_are_artifacts_of_their_own() -> None:
    """Each track may have its cover; one that they share is kept once."""
    items = [{"audio_url": FILE + str(number), "image_url": FILE + "cover"} for number in (1, 2)]

    seen = look(completed(result={"items": items, "image_url": FILE + "front"}), "music")

    assert [(artifact.name, artifact.kind) for artifact in seen.artifacts] == [
        ("music", Kind.AUDIO), ("music-2", Kind.AUDIO), ("cover", Kind.IMAGE), ("cover-2", Kind.IMAGE),
    ]  # fmt: skip


@pytest.mark.parametrize("result", [None, {}, {"items": []}, {"image_url": FILE + "cover"}, {"url": 7}, "noise", []])
def test_a_completed_task_without_output_has_no_artifacts(result: Any) -> None:
    """The state machine makes a failure of it; a cover alone is no music."""
    seen = look(completed(result=result), "music")

    assert (seen.status, tuple(seen.artifacts)) == (Status.SUCCEEDED, ())


@pytest.mark.parametrize("error", [None, "", {}])
def test_an_empty_error_of_a_healthy_task_is_no_failure(error: Any) -> None:
    """The key is there in some replies; what counts is the status."""
    body = {"task_id": TASK_ID, "status": "executing", "error": error}

    failed, seen = VAP.failure(reply(body)), look(body)

    assert failed is None
    assert (seen.status, seen.failure) == (Status.RUNNING, None)


@pytest.mark.parametrize(
    ("said", "status", "kind", "message"),
    [
        ({"error": {"code": "provider_error", "message": "GPU lost"}}, Status.FAILED, FailureKind.PROVIDER, "GPU lost"),
        ({"error": "GPU lost"}, Status.FAILED, FailureKind.PROVIDER, "GPU lost"),
        ({"error_message": "Provider timeout"}, Status.FAILED, FailureKind.TIMEOUT, "Provider timeout"),
        ({}, Status.FAILED, FailureKind.PROVIDER, "gives no reason"),
        ({"error_message": "NSFW content detected"}, Status.MODERATED, FailureKind.MODERATED, "NSFW"),
        ({"error": {"code": "content_policy_violation"}}, Status.MODERATED, FailureKind.MODERATED, "no reason"),
    ],
)
def test_a_failed_task_says_why(said: dict[str, Any], status: Status, kind: FailureKind, message: str) -> None:
    """The failure is the task's, in each spelling; the reply itself is fine."""
    body = {"task_id": TASK_ID, "status": "failed", **said}

    replied, seen = VAP.failure(reply(body)), look(body)

    assert replied is None
    assert seen.status is status
    assert seen.failure is not None
    assert seen.failure.kind is kind
    assert message in seen.failure.message


@pytest.mark.parametrize("key", ["type", "task_type"])
@pytest.mark.parametrize("word", ["music", "music_generation", "something_new"])
def test_both_spellings_of_a_type_are_one(key: str, word: str) -> None:
    """Which of them is echoed is not documented; an unknown one leaves the decision to our own kind."""
    seen = look(completed(**{key: word, "result": {"output_url": FILE}}), "music")

    assert urls(seen) == {"music": FILE}


def test_a_task_of_another_type_is_not_taken_for_ours() -> None:
    """Someone may have adopted the wrong id: its video is no image."""
    with pytest.raises(MalformedReply, match="of type video, not image"):
        look(completed(type="video_generation", video_url=FILE), "image")
