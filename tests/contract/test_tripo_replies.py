"""What the Tripo plugin makes of states, outputs and errors."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from taskferry import Artifact, Cost, FailureKind, Kind, Reply, Status
from taskferry_tripo.decode import observation
from taskferry_tripo.errors import reply_failure
from taskferry_tripo.expiry import expires_at
from taskferry_tripo.outputs import artifacts


@pytest.mark.parametrize(
    ("task", "status", "kind"),
    [
        ({"status": "queued"}, Status.QUEUED, None),
        ({"status": "running"}, Status.RUNNING, None),
        ({"status": "success"}, Status.SUCCEEDED, None),
        ({"status": "SUCCESS"}, Status.SUCCEEDED, None),
        ({"status": "BANNED"}, Status.MODERATED, None),
        ({"status": "UNKNOWN"}, None, None),
        ({"status": "cancelled", "error_code": 1}, Status.CANCELLED, None),
        ({"status": "banned"}, Status.MODERATED, None),
        ({"status": "banned", "error_msg": "nsfw"}, Status.MODERATED, FailureKind.MODERATED),
        ({"status": "expired", "error_message": "late"}, Status.EXPIRED, FailureKind.TIMEOUT),
        ({"status": "failed"}, Status.FAILED, None),
        ({"status": "failed", "error_code": 1001}, Status.FAILED, FailureKind.PROVIDER),
        ({"status": "failed", "error_code": 2008}, Status.MODERATED, FailureKind.MODERATED),
        (
            {"status": "failed", "error_code": 2018, "error_message": "Queue timeout"},
            Status.EXPIRED,
            FailureKind.TIMEOUT,
        ),
        (
            {"status": "failed", "error_code": 2018, "error_message": "Task expired"},
            Status.EXPIRED,
            FailureKind.TIMEOUT,
        ),
        (
            {"status": "failed", "error_code": 2018, "error_message": "Too complex to remesh"},
            Status.FAILED,
            FailureKind.VALIDATION,
        ),
        ({"status": "unknown"}, None, None),
        ({"status": "pondering"}, None, None),
        ({"status": 7}, None, None),
    ],
)
def test_a_state_and_its_failure(task: Mapping[str, Any], status: Status | None, kind: FailureKind | None) -> None:
    """Code 2008 is moderation, 2018 is told apart by its message, and a new word changes nothing."""
    seen = observation(task)

    assert seen.status is status
    assert (seen.failure.kind if seen.failure else None) is kind


def test_a_failure_carries_what_tripo_said() -> None:
    """The message is cleaned, the code kept, and a moderated task says what to do."""
    seen = observation({"status": "failed", "error_code": 2008, "error_message": "Content\nmoderation"})

    assert seen.failure is not None
    assert (seen.failure.message, seen.failure.code) == ("Content moderation", "2008")
    assert seen.failure.suggestion == "Rephrase before trying again."
    assert not seen.failure.retryable


@pytest.mark.parametrize(
    ("task", "progress"),
    [
        ({"status": "running", "progress": 57}, 0.57),
        ({"status": "running", "progress": None}, None),
        ({"status": "running", "progress": "57"}, None),
        ({"status": "running", "progress": True}, None),
        ({"status": "running", "progress": float("inf")}, None),
        ({"status": "queued", "progress": 0}, None),
        ({"status": "failed", "progress": 100}, None),
    ],
)
def test_progress_counts_only_while_it_runs(task: Mapping[str, Any], progress: float | None) -> None:
    """Tripo calls it meaningless in any other state, where it has shown 100 for a failed task."""
    assert observation(task).progress == progress


def test_queue_and_time_left_are_read_where_a_reply_still_has_them() -> None:
    """v3 dropped them, v2 writes -1 for none."""
    waiting = observation({"status": "queued", "queuing_num": 3, "running_left_time": 40})
    done = observation({"status": "success", "queuing_num": -1, "running_left_time": -1})

    assert (waiting.queue_position, waiting.eta) == (3, 40)
    assert (done.queue_position, done.eta) == (None, None)


@pytest.mark.parametrize(
    ("task", "cost"),
    [
        ({"status": "success", "credits_consumed": 30.25}, Cost(actual=Decimal("30.25"), unit="credits")),
        ({"status": "success", "consumed_credit": 60}, Cost(actual=Decimal(60), unit="credits")),
        ({"status": "failed", "credits_consumed": 0}, Cost(actual=Decimal(0), unit="credits")),
        ({"status": "running", "consumed_credit": 60}, None),
        ({"status": "success", "credits_consumed": None}, None),
    ],
)
def test_the_cost_is_known_at_the_end(task: Mapping[str, Any], cost: Cost | None) -> None:
    """What a running task shows is held, not spent."""
    assert observation(task).cost == cost


def test_every_output_of_v3_becomes_an_artifact() -> None:
    """Names say what a file is, the media type follows from the URL's ending."""
    found = artifacts(
        {
            "model_url": "https://cdn.example/a/fox.GLB?sig=1",
            "rendered_image_url": "https://cdn.example/fox.webp?sig=1",
            "generated_image_url": "https://cdn.example/fox.png",
            "rendered_video_url": "https://cdn.example/fox.mp4",
            "model_urls": ["https://cdn.example/1.fbx", None, "https://cdn.example/3.fbx"],
            "printable": True,
        }
    )

    assert [(one.name, one.kind, one.media_type) for one in found] == [
        ("model", Kind.MODEL, "model/gltf-binary"),
        ("model-1", Kind.MODEL, None),
        ("model-3", Kind.MODEL, None),
        ("preview", Kind.IMAGE, "image/webp"),
        ("image", Kind.IMAGE, "image/png"),
        ("turntable", Kind.VIDEO, "video/mp4"),
    ]


def test_v2_has_up_to_three_models() -> None:
    """The one with materials comes first."""
    found = artifacts({"base_model": "https://c/b.glb", "model": "https://c/m.glb", "pbr_model": "https://c/p.glb"})

    assert [one.name for one in found] == ["pbr-model", "model", "base-model"]


@pytest.mark.parametrize("place", ["nested", "flat", "both"])
def test_the_four_views_are_found_in_either_place(place: str) -> None:
    """Sources disagree whether they are nested."""
    views = {f"{side}_view_url": f"https://cdn.example/{side}.png" for side in ("front", "left", "back", "right")}
    output = {"flat": views, "nested": {"generate_multiview_image": views}}
    output["both"] = {**output["flat"], **output["nested"]}

    assert [one.name for one in artifacts(output[place])] == ["front-view", "left-view", "back-view", "right-view"]


@pytest.mark.parametrize("output", [None, [], "x", {}, {"model_url": None}, {"model_url": ""}])
def test_an_output_without_files_gives_none(output: object) -> None:
    """The state machine makes a failure of a success without output."""
    assert artifacts(output) == ()


def test_a_file_that_stands_under_two_keys_comes_once() -> None:
    """v3's list of models may repeat the main one."""
    found = artifacts({"model_url": "https://c/m.glb", "model_urls": ["https://c/m.glb", "https://c/n.glb"]})

    assert [one.name for one in found] == ["model", "model-2"]


def policy(text: str) -> str:
    return base64.b64encode(text.encode()).decode().translate(str.maketrans("+=/", "-_~"))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("Expires=1795172400&Signature=x", 1795172400.0),
        ("exp=1795172400&sig=x", 1795172400.0),
        (
            "Policy=" + policy('{"Statement":[{"Condition":{"DateLessThan":{"AWS:EpochTime":1795172400}}}]}'),
            1795172400.0,
        ),
        ("Policy=" + policy('{"Statement":[]}'), None),
        ("Policy=%%%", None),
        ("exp=300", None),
        ("exp=soon", None),
        ("sig=1", None),
        ("", None),
    ],
)
def test_the_end_of_a_url_is_read_only_from_the_url(query: str, expected: float | None) -> None:
    """Tripo's documents disagree about it, so nothing is assumed."""
    assert expires_at(f"https://cdn.example/fox.glb?{query}") == expected


def error(status: int, code: int | None, **more: Any) -> Reply:
    body = {"code": code, "status": "error", "message": "No.", **more}
    return Reply(status, json.dumps(body).encode(), {"retry-after": "3"}, trace_id="trace-1")


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (401, 2, FailureKind.AUTH),
        (401, 1000, FailureKind.AUTH),
        (500, 1000, FailureKind.UNAVAILABLE),
        (400, 1004, FailureKind.VALIDATION),
        (403, 1005, FailureKind.FORBIDDEN),
        (403, 2010, FailureKind.FUNDS),
        (403, 2013, FailureKind.FORBIDDEN),
        (403, 9001, FailureKind.FORBIDDEN),
        (429, 1007, FailureKind.RATE_LIMITED),
        (429, 2000, FailureKind.RATE_LIMITED),
        (404, 2001, FailureKind.NOT_FOUND),
        (404, 4001, FailureKind.NOT_FOUND),
        (400, 2008, FailureKind.MODERATED),
        (400, 2009, FailureKind.VALIDATION),
        (200, 2010, FailureKind.FUNDS),
        (200, None, FailureKind.PROVIDER),
    ],
)
def test_the_code_says_more_than_the_http_status(status: int, code: int | None, kind: FailureKind) -> None:
    """403 alone is ambiguous, and an error may come under HTTP 200."""
    failed = reply_failure(error(status, code))

    assert failed is not None
    assert (failed.kind, failed.http_status) == (kind, status)


def test_a_failure_passes_on_the_vendors_suggestion() -> None:
    """With the code, the time to wait and the trace id."""
    failed = reply_failure(error(429, 2000, suggestion="Wait for a task to end."))

    assert failed is not None
    assert (failed.suggestion, failed.code, failed.retry_after, failed.trace_id) == (
        "Wait for a task to end.",
        "2000",
        3.0,
        "trace-1",
    )
    assert failed.retryable


@pytest.mark.parametrize(
    "reply",
    [
        Reply(502, b"<html>Bad gateway</html>", {"content-type": "text/html"}),
        Reply(503, b""),
        Reply(500, b"[]"),
        Reply(500, b'{"code":0}'),
    ],
)
def test_a_gateways_page_is_a_failure_by_its_http_status(reply: Reply) -> None:
    """There is no code to read."""
    failed = reply_failure(reply)

    assert failed is not None
    assert failed.kind is FailureKind.UNAVAILABLE


@pytest.mark.parametrize("content", [b'{"code":0,"data":{"status":"failed"}}', b'{"data":{}}', b"[]", b"null"])
def test_a_reply_of_success_is_no_failure(content: bytes) -> None:
    """A task that failed is told by a reply that succeeded."""
    assert reply_failure(Reply(200, content)) is None


def document(found: Artifact) -> tuple[str, Kind, str | None, object]:
    """Read an artifact that holds its own content."""
    assert found.url is not None
    declared, _, packed = found.url.partition(";base64,")
    assert declared == f"data:{found.media_type}"
    return found.name, found.kind, found.media_type, json.loads(base64.b64decode(packed))


@pytest.mark.parametrize(
    ("output", "said"),
    [
        ({"riggable": True, "rig_type": "avian"}, {"riggable": True, "rig_type": "avian"}),
        ({"riggable": True, "topology": "quad"}, {"riggable": True, "rig_type": "quad"}),
        ({"riggable": True, "rig_type": "", "topology": "bip"}, {"riggable": True, "rig_type": "bip"}),
        ({"riggable": False, "rig_type": None}, {"riggable": False}),
    ],
)
def test_a_rig_check_is_a_document(output: Mapping[str, Any], said: Mapping[str, Any]) -> None:
    """It succeeds without a file, which would else pass for a success without output."""
    (found,) = artifacts(output)

    assert document(found) == ("rig-check", Kind.DOCUMENT, "application/json", said)


def test_what_a_smart_segmentation_says_beside_its_files_is_a_document() -> None:
    """The id of the parts is needed to go on from them."""
    ids = {"seg_task_id": "s", "model_task_id": "m", "prompt": "wheels"}

    mask, found = artifacts({"mask_url": "https://c/mask.png", **ids})[-2:]

    assert mask.name == "mask"
    assert document(found) == ("segmentation", Kind.DOCUMENT, "application/json", ids)
