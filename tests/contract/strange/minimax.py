"""MiniMax: the result is a second hop away, and errors come under HTTP 200."""

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
    Status,
    Typical,
    failure,
    failure_from_status,
)  # fmt: skip

STATUS = {
    "Preparing": Status.QUEUED,
    "Queueing": Status.QUEUED,
    "Processing": Status.RUNNING,
    "Success": Status.SUCCEEDED,
    "Fail": Status.FAILED,
}
KINDS = {
    1002: FailureKind.RATE_LIMITED,
    1008: FailureKind.FUNDS,
    1026: FailureKind.MODERATED,
    1027: FailureKind.MODERATED,
}


class MiniMaxAdapter:
    """Fetches the file's address once the job is done."""

    service = Service(base_url="https://api.minimax.example")
    operations = (
        Operation(
            name="minimax/video",
            title="Hailuo",
            description="A video.",
            kind="video",
            parameters={"type": "object", "properties": {"prompt": {"type": "string"}}, "required": ["prompt"]},
            typical=Typical(median=120, slow=400),
        ),
    )

    def submit(self, request: Request) -> Exchange[Accepted]:
        reply = yield Call.create("/v1/video_generation", json={"prompt": request.parameters["prompt"]})
        return Accepted(remote=reply.at("task_id", str))

    def fetch(self, remote: JSON) -> Exchange[Observation]:
        reply = yield Call.get("/v1/query/video_generation", params={"task_id": remote})
        word = reply.at("status", str)
        artifacts = []
        if word == "Success":
            file = yield Call.get("/v1/files/retrieve", params={"file_id": reply.at("file_id", str)})
            artifacts = [Artifact(name="video", kind="video", url=file.at("file.download_url", str))]
        return Observation(provider_status=word, status=STATUS.get(word), artifacts=artifacts)

    def failure(self, reply: Reply) -> Failure | None:
        if not reply.ok:
            return failure_from_status(reply, message="base_resp.status_msg", code="base_resp.status_code")
        code = reply.at("base_resp.status_code", int, default=0)
        if not code:
            return None
        message = reply.at("base_resp.status_msg", str, default="no reason given")
        return failure(reply, KINDS.get(code, FailureKind.PROVIDER), message=message, code=code)
