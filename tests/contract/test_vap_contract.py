"""The adapter contract, kept by both generations of VAP's API that new jobs can go to."""

from __future__ import annotations

from taskferry.testing import AdapterContract
from taskferry_vap.adapter import VapAdapter
from taskferry_vap.v1 import VapV1Adapter

TASK_ID = "550e8400-e29b-41d4-a716-446655440000"
CDN = "https://cdn.vapagent.example"


def replies(kind: str, **result: object) -> dict[str, dict[str, object]]:
    """Give a status reply for each word, of a task of one type."""
    told = {"task_id": TASK_ID, "type": kind, "estimated_cost": "0.1800"}
    broken = {"error_message": "The provider gave up.", "result": None}
    done = {"result": result, "actual_cost": "0.1800", "completed_at": "2026-11-21T10:00:42Z"}
    under_way = ("pending", "queued", "reserved", "executing", "processing")
    return {
        **{word: {**told, "status": word, "result": None} for word in under_way},
        "completed": {**told, "status": "completed", **done},
        "failed": {**told, "status": "failed", **broken},
    }


IMAGE = replies("image", image_url=f"{CDN}/a.png", items=[{"image_url": f"{CDN}/a.png"}, {"image_url": f"{CDN}/b.png"}])
VIDEO = replies("video", video_url=f"{CDN}/a.mp4")
MUSIC = replies("music", audio_url=f"{CDN}/a.mp3", image_url=f"{CDN}/cover.png")
REFUSED = [
    (
        402,
        {"error": {"code": "insufficient_balance", "message": "Not enough balance for this task"}, "required": "0.18"},
    ),
    (429, {"error": {"code": "rate_limit_exceeded", "message": "Too many requests"}, "retry_after": 7}),
    (422, {"detail": [{"loc": ["body", "type"], "msg": "field required", "type": "value_error.missing"}]}),
]
STATUSES = {"reserved": "queued", "executing": "running"}
BALANCE = {"balance": "12.5000", "reserved": "0.1800", "usable": "12.3200", "currency": "USD"}


CREATED = {"task_id": TASK_ID, "status": "pending", "estimated_cost": "0.1800"}
CREATED_V1 = {"generation_id": TASK_ID, "status": "queued"}
CAMPAIGN = replies("streaming_campaign", outputs={"video": f"{CDN}/a.mp4", "music": f"{CDN}/a.mp3"})
REPLIES = {"image": IMAGE, "video": VIDEO, "music": MUSIC, "upscale": IMAGE, "streaming-campaign": CAMPAIGN}
REPLIES_V1 = {"image": IMAGE, "video": VIDEO, "music": MUSIC}
LISTED = {
    "task_id": TASK_ID,
    "type": "image",
    "status": "pending",
    "created_at": "2026-11-21T10:00:00Z",
    "params": {"description": "A small red fox"},
}
RECENT = {"tasks": [LISTED]}


class TestVap(AdapterContract):
    """V3."""

    adapter = VapAdapter
    created = CREATED
    replies = REPLIES
    refused = REFUSED
    statuses = STATUSES
    balance = BALANCE
    recent = RECENT


class TestVapV1(AdapterContract):
    """The Media API v1."""

    adapter = VapV1Adapter
    created = CREATED_V1
    replies = REPLIES_V1
    refused = REFUSED
    statuses = STATUSES
    balance = BALANCE
