"""The adapter contract, kept by Tripo's API v3."""

from __future__ import annotations

from taskferry.testing import AdapterContract
from taskferry_tripo.adapter import TripoAdapter

TASK_ID = "6ffdb041-55c6-4a16-8985-7cc3268a545b"
CDN = "https://tripo-data.rg1.data.tripo3d.example"


def replies(kind: str, **output: object) -> dict[str, dict[str, object]]:
    """Give a status reply for each word, of a task of one type."""

    def reply(word: str, **more: object) -> dict[str, object]:
        task = {"task_id": TASK_ID, "type": kind, "status": word, "input": {"prompt": "a fox"}, "output": {}, **more}
        return {"code": 0, "data": task}

    return {
        "queued": reply("queued", progress=0),
        "running": reply("running", progress=31),
        "success": reply("success", progress=100, consumed_credit=30, output=output),
        "failed": reply("failed", error_code=2018, error_msg="The model is too complex to remesh."),
        "banned": reply("banned", error_code=2008, error_msg="Input violates content policy."),
        "expired": reply("expired", error_code=2018, error_msg="The task waited too long in the queue."),
        "cancelled": reply("cancelled"),
    }


CREATED = {"code": 0, "data": {"task_id": TASK_ID}}
REPLIES = {
    "text-to-model": replies(
        "text_to_model", pbr_model=f"{CDN}/model.glb?Expires=1795226400", rendered_image=f"{CDN}/preview.webp"
    ),
    "image-to-model": replies("image_to_model", model_url=f"{CDN}/model.glb"),
    "text-to-image": replies("text_to_image", image_urls=[f"{CDN}/1.png", f"{CDN}/2.png"]),
}
REFUSED = [
    (403, {"code": 2010, "message": "You need more credits.", "suggestion": "Please buy more credits."}),
    (429, {"code": 1007, "message": "You have exceeded the limit."}),
    (200, {"code": 2008, "message": "Input violates content policy."}),
]
STATUSES = {"banned": "moderated"}
UPLOADED = {"code": 0, "data": {"file_token": "file_1"}}
BALANCE = {"code": 0, "data": {"balance": 12.5, "frozen": 3}}
RECENT = [
    {"code": 0, "data": [{"task_id": TASK_ID, "type": "text_to_model", "created_at": "2026-11-20T10:00:00Z"}]},
    {"code": 0, "data": {"tasks": {TASK_ID: {"input": {"prompt": "a fox"}}}}},
]


class TestTripo(AdapterContract):
    """v3."""

    adapter = TripoAdapter
    created = CREATED
    replies = REPLIES
    refused = REFUSED
    statuses = STATUSES
    uploaded = UPLOADED
    balance = BALANCE
    recent = RECENT
