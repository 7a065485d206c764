"""The VAP Media API v1 adapter, fed replies by hand, and the free call that chooses between v1 and V3."""

from __future__ import annotations

from typing import Any

import pytest

from taskferry import (
    Adapter,
    Estimates,
    FailureKind,
    HasBalance,
    Kind,
    ListsRecent,
    MalformedReply,
    PicksGeneration,
    ProviderError,
    ReadsIds,
    Registry,
    Reply,
    ReplyLost,
    Request,
    Status,
    VerifiesWebhooks,
)
from taskferry.testing import answered, submitted
from taskferry_vap.adapter import VapAdapter
from taskferry_vap.operations import OPERATIONS, V1_OPERATIONS
from taskferry_vap.v1 import VapV1Adapter

V1 = VapV1Adapter()
V3 = VapAdapter()
BY_NAME = {operation.name.removeprefix("vap/"): operation for operation in V1_OPERATIONS}
FILE = "https://files.example/x"
CREATED = {"generation_id": "g-1", "task_id": "t-1", "status": "pending", "kind": "image"}


def test_both_generations_are_registered_v3_first() -> None:
    """The first one is the default: it alone has presets, a trial and a list to reconcile by."""
    provider = Registry().provider("vap")

    assert list(provider.adapters) == ["v3", "v1"]
    assert isinstance(Registry().adapter("vap", "v1"), VapV1Adapter)


def test_its_abilities_are_those_that_are_documented() -> None:
    """No list, no webhooks; prices and balance are the account's, whatever generation is used."""
    adapter: Adapter = V1
    abilities = (HasBalance, Estimates, ReadsIds, ListsRecent, VerifiesWebhooks, PicksGeneration)

    assert [isinstance(adapter, ability) for ability in abilities] == [True, True, True, False, False, False]


def test_it_offers_what_v1_knows() -> None:
    """Names are those of V3, so that a caller changes generation by a setting alone."""
    missing = {one.name for one in OPERATIONS} - {one.name for one in V1_OPERATIONS}

    assert missing == {"vap/streaming-campaign", "vap/full-production", "vap/trial-image"}


@pytest.mark.parametrize(
    ("name", "given", "body"),
    [
        ("image", {"prompt": "a fox"}, {"kind": "image", "prompt": "a fox"}),
        (
            "image",
            {"prompt": "a fox", "count": 2, "width": 512, "output_format": "png"},
            {"kind": "image", "prompt": "a fox", "params": {"quantity": 2, "width": 512, "output_format": "png"}},
        ),
        (
            "video",
            {"prompt": "sea", "duration": 4, "image": FILE},
            {"kind": "video", "prompt": "sea", "params": {"duration": 4, "source_image": FILE}},
        ),
        (
            "music",
            {"prompt": "piano", "output_format": "wav"},
            {"kind": "music", "prompt": "piano", "params": {"audio_format": "wav"}},
        ),
    ],
)
def test_a_generation_speaks_the_words_of_v1(name: str, given: dict[str, Any], body: dict[str, Any]) -> None:
    """`kind` instead of `type`, the prompt at the top, and params only where there are any."""
    accepted, calls = submitted(V1, BY_NAME[name], CREATED, **given)

    assert [(call.path, call.json) for call in calls] == [("/api/v1/generations", body)]
    assert accepted.remote == {"generation_id": "g-1", "kind": name}
    assert accepted.observation is not None
    assert accepted.observation.status is Status.QUEUED


@pytest.mark.parametrize(
    ("name", "given", "body"),
    [
        ("upscale", {"image": FILE, "scale": 2}, {"media_url": FILE, "options": {"scale": 2}}),
        (
            "video-trim",
            {"video": FILE, "start_time": 0, "end_time": 2},
            {"media_url": FILE, "options": {"start_time": 0, "end_time": 2}},
        ),
        ("inpaint", {"image": FILE, "prompt": "x", "mask": FILE}, {"media_url": FILE, "prompt": "x", "mask_url": FILE}),
        (
            "ai-edit",
            {"image": FILE, "prompt": "x", "images": [FILE]},
            {"media_url": FILE, "prompt": "x", "options": {"additional_images": [FILE]}},
        ),
        ("video-merge", {"videos": [FILE, FILE]}, {"media_urls": [FILE, FILE]}),
    ],
)
def test_an_edit_keeps_in_options_what_v1_has_no_field_for(
    name: str, given: dict[str, Any], body: dict[str, Any]
) -> None:
    """V3 has some of it at the top."""
    operation = name.replace("-", "_")

    accepted, calls = submitted(V1, BY_NAME[name], {"operation_id": "o-1", "status": "pending"}, **given)

    assert [(call.path, call.json) for call in calls] == [("/api/v1/operations", {"operation": operation, **body})]
    assert accepted.remote == {"operation_id": "o-1", "kind": operation}


@pytest.mark.parametrize(
    ("remote", "path"),
    [
        ({"generation_id": "g/1", "kind": "image"}, "/api/v1/generations/g%2F1"),
        ({"operation_id": "o-1", "kind": "upscale"}, "/api/v1/operations/o-1"),
    ],
)
def test_a_job_is_looked_at_where_it_was_begun(remote: dict[str, str], path: str) -> None:
    """What its id is called says where that is."""
    run = answered(V1.fetch(remote), {"status": "processing"})

    assert [call.path for call in run.calls] == [path]


@pytest.mark.parametrize(
    ("kind", "body", "expected"),
    [
        ("image", {"image_url": FILE}, ("image", Kind.IMAGE)),
        ("video", {"result_url": FILE}, ("video", Kind.VIDEO)),
        ("video", {"result": {"video_url": FILE}}, ("video", Kind.VIDEO)),
        ("music", {"audio_url": FILE}, ("music", Kind.AUDIO)),
        ("music", {"result": {"url": FILE}}, ("music", Kind.AUDIO)),
    ],
)
def test_the_result_is_found_in_each_place_that_v1_names(
    kind: str, body: dict[str, Any], expected: tuple[str, Kind]
) -> None:
    """By what was asked for, not by which field is there."""
    run = answered(V1.fetch({"generation_id": "g", "kind": kind}), {"status": "completed", "kind": kind, **body})

    assert [(artifact.name, artifact.kind) for artifact in run.result.artifacts] == [expected]


def test_a_generation_of_another_kind_is_not_taken_for_ours() -> None:
    """Someone may have adopted the wrong id."""
    with pytest.raises(MalformedReply, match="of type video, not image"):
        answered(V1.fetch({"generation_id": "g", "kind": "image"}), {"status": "completed", "kind": "video"})


def test_a_create_reply_without_its_own_id_is_malformed() -> None:
    """An id of V3's is not where v1 looks."""
    with pytest.raises(MalformedReply, match="generation_id"):
        submitted(V1, BY_NAME["image"], {"task_id": "t-1", "status": "pending"}, prompt="a fox")


def test_errors_are_read_as_those_of_v3() -> None:
    """v1 documents none of its own."""
    failed = V1.failure(Reply(402, b'{"error": {"code": "insufficient_balance", "message": "Not enough"}}'))

    assert failed is not None
    assert (failed.kind, failed.code) == (FailureKind.FUNDS, "insufficient_balance")


def test_a_plain_id_is_that_of_a_generation_or_an_operation() -> None:
    """As the create would have answered."""
    remotes = [V1.remote_from_id("x", Request(task_id="", operation=BY_NAME[name], parameters={}))
               for name in ("music", "video-merge")]  # fmt: skip

    assert remotes == [{"generation_id": "x", "kind": "music"}, {"operation_id": "x", "kind": "video_merge"}]


def test_each_picture_has_its_price() -> None:
    """So that a cap on the cost is not passed by asking for four."""
    amount = V1.estimate(Request(task_id="", operation=BY_NAME["image"], parameters={"prompt": "x", "count": 4}))

    assert str(amount) == "0.72 USD"


def test_the_balance_is_asked_for_at_the_accounts_place() -> None:
    """Generations share the account."""
    run = answered(V1.balance(), {"balance": 5.00})

    assert ([call.path for call in run.calls], str(run.result.available)) == (["/v3/agents/me/balance"], "5.0")


def refused(status: int) -> ProviderError:
    failed = V3.failure(Reply(status, b""))
    assert failed is not None
    return ProviderError(failed)


@pytest.mark.parametrize(
    ("reply", "generation"),
    [
        ({"status": "healthy", "version": "1.12.4"}, "v3"),
        (refused(404), "v1"),
        (refused(405), "v1"),
        (refused(410), "v1"),
    ],
)
def test_one_free_call_without_a_key_chooses_the_generation(reply: Any, generation: str) -> None:
    """V3 while it is up; v1 once V3's address is gone."""
    run = answered(V3.pick_generation(), reply)

    assert run.result == generation
    assert [(call.method, call.path, call.signed) for call in run.calls] == [("GET", "/v3/health", False)]


@pytest.mark.parametrize("trouble", [refused(503), refused(429), ReplyLost("The reply was lost.")], ids=repr)
def test_trouble_says_nothing_about_generations(trouble: Exception) -> None:
    """A server that is down for a minute must not move jobs to another generation."""
    with pytest.raises(type(trouble)):
        answered(V3.pick_generation(), trouble)


def test_health_is_what_the_service_says_of_itself() -> None:
    """A version may be missing."""
    run = answered(V3.health(), {"status": "healthy", "version": "1.12.4", "service": "vap", "dependencies": {}})

    assert (run.result.status, run.result.version, run.result.service) == ("healthy", "1.12.4", "vap")
