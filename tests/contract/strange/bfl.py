"""BFL FLUX: the create reply names the URL to poll, on another host of theirs."""

from __future__ import annotations

from taskferry import (
    JSON,
    Accepted,
    Artifact,
    Call,
    Cost,
    Exchange,
    Failure,
    HeaderKey,
    Observation,
    Operation,
    Reply,
    Request,
    Service,
    Status,
    Typical,
    decimal,
    failure_from_status,
)  # fmt: skip

STATUS = {
    "Pending": Status.RUNNING,
    "Ready": Status.SUCCEEDED,
    "Error": Status.FAILED,
    "Request Moderated": Status.MODERATED,
    "Content Moderated": Status.MODERATED,
}


class BflAdapter:
    """Polls the URL that the provider gave, if it is one of its hosts."""

    service = Service(base_url="https://api.bfl.ai", hosts=("*.bfl.ai",), scheme=HeaderKey(name="x-key"))
    operations = (
        Operation(
            name="bfl/image",
            title="FLUX",
            description="An image.",
            kind="image",
            parameters={"type": "object", "properties": {"prompt": {"type": "string"}}, "required": ["prompt"]},
            typical=Typical(median=10, slow=30),
        ),
    )

    def submit(self, request: Request) -> Exchange[Accepted]:
        reply = yield Call.create("/v1/flux-pro", json={"prompt": request.parameters["prompt"]})
        remote = {"id": reply.at("id", str), "polling_url": reply.at("polling_url", str)}
        return Accepted(
            remote=remote, cost=Cost(estimated=decimal(reply.at("cost", float, default=None)), unit="credits")
        )

    def fetch(self, remote: JSON) -> Exchange[Observation]:
        reply = yield Call.get(remote["polling_url"])
        word = reply.at("status", str)
        url = reply.at("result.sample", str, default=None)
        return Observation(
            provider_status=word,
            status=STATUS.get(word),
            progress=reply.at("progress", float, default=None),
            artifacts=[Artifact(name="image", kind="image", url=url)] if url else [],
        )

    def failure(self, reply: Reply) -> Failure | None:
        return failure_from_status(reply, message="detail")
