"""Kling: a token minted for each call, and the endpoint is part of the handle."""

from __future__ import annotations

from taskferry import (
    JSON,
    Accepted,
    Artifact,
    Call,
    Exchange,
    Failure,
    FailureKind,
    Observation,
    Operation,
    Reply,
    Request,
    Service,
    SignedToken,
    Status,
    Typical,
    failure,
    failure_from_status,
)  # fmt: skip

STATUS = {
    "submitted": Status.QUEUED,
    "processing": Status.RUNNING,
    "succeed": Status.SUCCEEDED,
    "failed": Status.FAILED,
}


class KlingAdapter:
    """Signs with HS256 from `ID:SECRET`; errors come in the body as `code`."""

    service = Service(base_url="https://api.kling.example", scheme=SignedToken(lifetime=1800))
    operations = (
        Operation(
            name="kling/video",
            title="Kling",
            description="A video.",
            kind="video",
            parameters={"type": "object", "properties": {"prompt": {"type": "string"}}, "required": ["prompt"]},
            typical=Typical(median=120, slow=400),
        ),
    )

    def submit(self, request: Request) -> Exchange[Accepted]:
        path = "/v1/videos/text2video"
        reply = yield Call.create(path, json={"prompt": request.parameters["prompt"]})
        return Accepted(remote={"path": path, "task_id": reply.at("data.task_id", str)})

    def fetch(self, remote: JSON) -> Exchange[Observation]:
        reply = yield Call.get(f"{remote['path']}/{{task_id}}", task_id=remote["task_id"])
        word = reply.at("data.task_status", str)
        videos = reply.at("data.task_result.videos", list, default=[])
        return Observation(
            provider_status=word,
            status=STATUS.get(word),
            artifacts=[
                Artifact(name=f"video-{place}", kind="video", url=video["url"]) for place, video in enumerate(videos, 1)
            ],
        )

    def failure(self, reply: Reply) -> Failure | None:
        if reply.ok and reply.at("code", int, default=0):
            return failure(reply, FailureKind.PROVIDER, message=reply.at("message", str), code=reply.at("code", int))
        return failure_from_status(reply)
