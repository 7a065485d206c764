"""Stability: the HTTP code is the status, and the result is the body."""

from __future__ import annotations

from taskferry import (
    JSON,
    Accepted,
    Artifact,
    Call,
    Exchange,
    Failure,
    FilePart,
    Observation,
    Operation,
    Reply,
    Request,
    Service,
    Status,
    Typical,
    failure_from_status,
    local_file,
)  # fmt: skip

STATUS = {200: Status.SUCCEEDED, 202: Status.RUNNING}


class StabilityAdapter:
    """Uploads with the create call itself; reads the status without the body that may come with it."""

    service = Service(base_url="https://api.stability.example")
    operations = (
        Operation(
            name="stability/upscale",
            title="Creative upscale",
            description="A larger image.",
            kind="image",
            parameters={
                "type": "object",
                "properties": {"image": {"type": "string", "format": "media"}, "prompt": {"type": "string"}},
                "required": ["image", "prompt"],
            },
            typical=Typical(median=60, slow=200),
        ),
    )

    def submit(self, request: Request) -> Exchange[Accepted]:
        image = FilePart(path=local_file(request.parameters["image"]), name="image")
        reply = yield Call.create(
            "/v2beta/upscale/creative", files=[image], json={"prompt": request.parameters["prompt"]}
        )
        return Accepted(remote={"id": reply.at("id", str)})

    def fetch(self, remote: JSON) -> Exchange[Observation]:
        reply = yield Call.get("/v2beta/results/{id}", want_body=False, **remote)
        return Observation(
            provider_status=str(reply.status),
            status=STATUS.get(reply.status),
            artifacts=[Artifact(name="image", kind="image", url=f"/v2beta/results/{remote['id']}", needs_key=True)]
            if reply.status == 200
            else [],
        )

    def failure(self, reply: Reply) -> Failure | None:
        return failure_from_status(reply, message="errors.0", code="name")
