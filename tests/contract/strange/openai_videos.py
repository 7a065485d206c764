"""OpenAI-shaped videos: the file needs the key, and the server may say when to look again."""

from __future__ import annotations

from taskferry import (
    JSON,
    Accepted,
    Artifact,
    Call,
    Exchange,
    Failure,
    Observation,
    Operation,
    Reply,
    Request,
    Service,
    Status,
    Typical,
    failure_from_status,
)  # fmt: skip

STATUS = {
    "queued": Status.QUEUED,
    "in_progress": Status.RUNNING,
    "completed": Status.SUCCEEDED,
    "failed": Status.FAILED,
    "expired": Status.EXPIRED,
}


class VideosAdapter:
    """Names the file by its path: the store fetches it with the key, from the provider's own host only."""

    service = Service(base_url="https://videos.example")
    operations = (
        Operation(
            name="videos/video",
            title="Videos",
            description="A video.",
            kind="video",
            parameters={"type": "object", "properties": {"prompt": {"type": "string"}}, "required": ["prompt"]},
            typical=Typical(median=60, slow=200),
        ),
    )

    def submit(self, request: Request) -> Exchange[Accepted]:
        reply = yield Call.create("/v1/videos", json={"prompt": request.parameters["prompt"]})
        return Accepted(remote={"id": reply.at("id", str)})

    def fetch(self, remote: JSON) -> Exchange[Observation]:
        reply = yield Call.get("/v1/videos/{id}", **remote)
        word = reply.at("status", str)
        hint = reply.headers.get("openai-poll-after-ms")
        return Observation(
            provider_status=word,
            status=STATUS.get(word),
            progress=reply.at("progress", float, default=None, scale=100),
            retry_after=float(hint) / 1000 if hint else None,
            artifacts=[Artifact(name="video", kind="video", url=f"/v1/videos/{remote['id']}/content", needs_key=True)],
        )

    def failure(self, reply: Reply) -> Failure | None:
        return failure_from_status(reply, message="error.message", code="error.code")
