"""What the cards of taskferry-providers send: our words in, the provider's own request out."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from taskferry import Amount, Call, Estimates, ProviderError, Reply, Request, card_adapter, load_card
from taskferry.testing import answered

PICTURE = "https://media.example/fox.png"
SENT: Mapping[str, tuple[str, Mapping[str, Any], str, Mapping[str, Any]]] = {
    "fal's models are paths, and its sizes have names": (
        "fal/image",
        {"prompt": "a fox", "aspect_ratio": "16:9", "count": 2},
        "/fal-ai/flux/dev",
        {"prompt": "a fox", "num_images": 2, "image_size": "landscape_16_9"},
    ),
    "a model's inputs travel under one key at Replicate, a webhook beside it": (
        "replicate/image",
        {"prompt": "a fox", "count": 2, "webhook_url": "https://here.example/hook"},
        "/models/black-forest-labs/flux-schnell/predictions",
        {"input": {"prompt": "a fox", "num_outputs": 2}, "webhook": "https://here.example/hook"},
    ),
    "Veo has instances and parameters": (
        "veo/video",
        {"prompt": "a fox", "duration": 8, "negative_prompt": "rain"},
        "/models/veo-3.1-generate-preview:predictLongRunning",
        {"instances": [{"prompt": "a fox"}], "parameters": {"durationSeconds": 8, "negativePrompt": "rain"}},
    ),
    "Kling counts seconds in text": (
        "kling/image-to-video",
        {"image": PICTURE, "duration": 10},
        "/v1/videos/image2video",
        {"image": PICTURE, "duration": "10", "model_name": "kling-v2-6"},
    ),
    "MiniMax has one endpoint for both": (
        "minimax/image-to-video",
        {"image": PICTURE},
        "/video_generation",
        {"first_frame_image": PICTURE, "model": "MiniMax-Hailuo-2.3"},
    ),
    "Seedance's list holds only what is there": (
        "seedance/video",
        {"prompt": "a fox", "image": PICTURE},
        "/contents/generations/tasks",
        {
            "model": "dreamina-seedance-2-0-fast-260128",
            "content": [
                {"type": "text", "text": "a fox"},
                {"type": "image_url", "role": "first_frame", "image_url": {"url": PICTURE}},
            ],
        },
    ),
    "Runway wants pixels for a ratio": (
        "runway/image-to-video",
        {"image": PICTURE, "aspect_ratio": "9:16"},
        "/image_to_video",
        {"promptImage": PICTURE, "model": "gen4_turbo", "duration": 5, "ratio": "720:1280"},
    ),
    "OpenAI's shape counts seconds in text": (
        "openai-videos/video",
        {"model": "sora-2", "prompt": "a fox", "duration": 4, "resolution": "1280x720"},
        "/videos",
        {"model": "sora-2", "prompt": "a fox", "seconds": "4", "size": "1280x720"},
    ),
    "what a remix is of stands in its path": (
        "openai-videos/remix",
        {"video": "video_123", "prompt": "at night"},
        "/videos/video_123/remix",
        {"prompt": "at night"},
    ),
    "BFL's models are paths": (
        "bfl/edit",
        {"prompt": "at night", "image": PICTURE, "model": "flux-kontext-max"},
        "/flux-kontext-max",
        {"prompt": "at night", "input_image": PICTURE},
    ),
    "Luma's frames are there one by one": (
        "luma/video",
        {"prompt": "a fox", "last_image": PICTURE, "duration": 9},
        "/generations/video",
        {
            "prompt": "a fox",
            "model": "ray-2",
            "duration": "9s",
            "resolution": "720p",
            "keyframes": {"frame1": {"type": "image", "url": PICTURE}},
        },
    ),
    "Meshy's second job names its first": (
        "meshy/texture-model",
        {"preview": "018a210d", "pbr": True},
        "/v2/text-to-3d",
        {"mode": "refine", "target_formats": ["glb"], "preview_task_id": "018a210d", "enable_pbr": True},
    ),
    "Wan takes what is made under one key, and how under another": (
        "wan/video",
        {"prompt": "a fox", "aspect_ratio": "9:16", "seed": 3},
        "/services/aigc/video-generation/video-synthesis",
        {
            "model": "wan2.6-t2v",
            "input": {"prompt": "a fox"},
            "parameters": {"duration": 5, "seed": 3, "size": "720*1280"},
        },
    ),
    "WaveSpeed's models are paths": (
        "wavespeed/image",
        {"prompt": "a fox", "count": 2},
        "/wavespeed-ai/flux-dev",
        {"prompt": "a fox", "num_images": 2},
    ),
}


def request(name: str, parameters: Mapping[str, Any]) -> tuple[Any, Request]:
    """Give a card's adapter, and a job for it."""
    adapter = card_adapter(load_card(f"taskferry_providers:{name.partition('/')[0]}.toml"))
    operation = next(one for one in adapter.operations if one.name == name)
    return adapter, Request(task_id="test", operation=operation, parameters=parameters)


@pytest.mark.parametrize("case", SENT)
def test_a_job_is_sent_in_the_providers_own_words(case: str) -> None:
    """Path and body are those that its documentation shows."""
    name, parameters, path, body = SENT[case]
    adapter, job = request(name, parameters)

    call: Call = next(adapter.submit(job))

    assert (call.method, call.path, call.json) == ("POST", path, body)


def test_runways_price_follows_model_and_length() -> None:
    """Also where the caller names neither: what is sent then is what is priced."""
    adapter, job = request("runway/image-to-video", {"image": PICTURE})
    _, finer = request("runway/image-to-video", {"image": PICTURE, "model": "gen4.5", "duration": 10})

    assert isinstance(adapter, Estimates)
    prices = [adapter.estimate(job), adapter.estimate(finer)]

    assert prices == [Amount(value=Decimal(25), unit="credits"), Amount(value=Decimal(120), unit="credits")]


def test_kling_looks_where_the_job_was_sent() -> None:
    """The endpoint is a part of how it is found."""
    adapter, job = request("kling/image-to-video", {"image": PICTURE})
    created = {"code": 0, "data": {"task_id": "8229", "task_status": "submitted"}}

    accepted = answered(adapter.submit(job), created).result
    look: Call = next(adapter.fetch(accepted.remote))

    assert look.path == "/v1/videos/image2video/8229"


def test_an_error_of_fals_result_ends_the_job() -> None:
    """The queue says completed; what went wrong is told where the result would be."""
    adapter, job = request("fal/image", {"prompt": "a fox"})
    base = "https://queue.fal.run/fal-ai/flux/requests/80e7"
    created = {
        "request_id": "80e7",
        "response_url": base,
        "status_url": f"{base}/status",
        "cancel_url": f"{base}/cancel",
    }
    remote = answered(adapter.submit(job), created).result.remote
    refused = adapter.failure(Reply(422, b'{"detail": [{"msg": "flagged", "type": "content_policy_violation"}]}'))

    looked = answered(adapter.fetch(remote), {"status": "COMPLETED"}, ProviderError(refused))

    assert [call.path for call in looked.calls] == [f"{base}/status", base]
    assert looked.result.failure.kind == "moderated"
