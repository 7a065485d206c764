"""A sound adapter with every ability, and the replies that its provider documents."""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping, Sequence
from typing import Any

from taskferry import (
    JSON,
    Accepted,
    Amount,
    Artifact,
    Balance,
    Call,
    CancelOutcome,
    Candidate,
    Cost,
    Exchange,
    Failure,
    FailureKind,
    MalformedReply,
    Observation,
    Operation,
    ProviderError,
    Reply,
    Request,
    Service,
    Status,
    Typical,
    UsageError,
    decimal,
    dig,
    failure,
    failure_from_status,
    local_file,
)

STATUS = {
    "waiting": Status.QUEUED,
    "working": Status.RUNNING,
    "done": Status.SUCCEEDED,
    "error": Status.FAILED,
    "nsfw": Status.MODERATED,
    "stopped": Status.CANCELLED,
}
KINDS = {"no_credits": FailureKind.FUNDS, "nsfw": FailureKind.MODERATED}
IMAGE = Operation(
    name="sound/image",
    title="Image",
    description="Make images from a text.",
    kind="image",
    parameters={
        "type": "object",
        "additionalProperties": False,
        "required": ["prompt"],
        "properties": {
            "prompt": {"type": "string", "minLength": 1, "maxLength": 500, "description": "What to show."},
            "count": {"type": "integer", "minimum": 1, "maximum": 4, "default": 1, "description": "How many images."},
            "style": {
                "enum": ["photo", "drawing"],
                "type": "string",
                "default": "photo",
                "description": "What it is like.",
            },
            "references": {
                "type": "array",
                "items": {"type": "string", "format": "media"},
                "maxItems": 3,
                "description": "Images to be inspired by.",
            },
        },
    },
    typical=Typical(median=20, slow=60, queue=2),
    price=Amount.parse("0.18 USD"),
    example={"prompt": "a red fox", "count": 2},
)


class Sound:
    """Keeps every rule of the contract."""

    service = Service(
        base_url="https://api.sound.example/v1",
        hosts=("*.jobs.sound.example",),
        key_variables=("SOUND_API_KEY",),
    )
    operations: Sequence[Operation] = (IMAGE,)
    recent_is_complete = False
    fetch_many_limit = 50

    def submit(self, request: Request) -> Exchange[Accepted]:
        for image in request.parameters.get("references", ()):
            if local_file(image) is not None:
                raise UsageError(f"{image} is a local file; sound/image takes addresses only.")
        return (yield from self.create(request))

    def create(self, request: Request) -> Exchange[Accepted]:
        reply = yield Call.create("/jobs", json=dict(request.parameters), headers={"idempotency-key": request.task_id})
        job_id = reply.at("id", str)
        if not job_id:
            raise MalformedReply("The create reply has an empty id.")
        return Accepted(remote={"id": job_id}, cost=cost(reply.json, "estimate", "estimated"))

    def fetch(self, remote: Any) -> Exchange[Observation]:
        reply = yield Call.get("/jobs/{id}", **remote)
        return observation(reply)

    def fetch_many(self, remotes: Sequence[Any]) -> Exchange[Sequence[Observation | None]]:
        reply = yield Call.query("/jobs/list", json={"ids": [remote["id"] for remote in remotes]})
        found = reply.at("jobs", dict)
        return [None if remote["id"] not in found else observation(reply) for remote in remotes]

    def failure(self, reply: Reply) -> Failure | None:
        try:
            body = reply.json
        except MalformedReply:
            return failure_from_status(reply)
        code = dig(body, "error.code")
        if reply.ok and isinstance(code, str) and dig(body, "state") is None:
            kind = KINDS.get(code, FailureKind.PROVIDER)
            return failure(reply, kind, message=dig(body, "error.message") or "No reason was given.", code=code)
        return failure_from_status(reply, message="error.message", code="error.code", kinds=KINDS)

    def cancel(self, remote: Any) -> Exchange[CancelOutcome]:
        yield Call.post("/jobs/{id}/stop", free=True, **remote)
        return CancelOutcome.ACCEPTED

    def recent(self, request: Request) -> Exchange[Sequence[Candidate]]:
        reply = yield Call.get("/jobs")
        return [
            Candidate(remote={"id": job["id"]}, prompt=dig(job, "prompt"), created_at=number(dig(job, "at")))
            for job in reply.at("jobs", list)
            if isinstance(dig(job, "id"), str)
        ]

    def estimate(self, request: Request) -> Amount | None:
        count = request.parameters.get("count", 1)
        return Amount(value=count * decimal("0.18"), unit="USD")

    def balance(self) -> Exchange[Balance]:
        reply = yield Call.get("/balance")
        left = decimal(dig(reply.json, "left"))
        if left is None:
            raise MalformedReply("The balance has no amount.")
        return Balance(available=left, unit="USD")

    def remote_from_id(self, text: str, request: Request) -> JSON:
        return {"id": text}

    def verify_webhook(self, headers: Mapping[str, str], body: bytes, secret: str, now: float) -> JSON:
        signed = hmac.digest(secret.encode(), body, "sha256").hex()
        if not hmac.compare_digest(signed, headers.get("x-signature", "")):
            raise ProviderError(Failure.of(FailureKind.AUTH, "The webhook's signature is wrong."))
        return {"id": json.loads(body)["id"]}


def observation(reply: Reply) -> Observation:
    """Read a status reply."""
    word = reply.at("state", str)
    status = STATUS.get(word)
    images = reply.at("images", list, default=[])
    return Observation(
        provider_status=word,
        status=status,
        progress=share(dig(reply.json, "percent")),
        artifacts=artifacts(images) if status is Status.SUCCEEDED else (),
        cost=cost(reply.json, "cost", "actual"),
        failure=reason(reply) if status in (Status.FAILED, Status.MODERATED) else None,
    )


def artifacts(images: Sequence[Any]) -> list[Artifact]:
    """Number the images."""
    urls = [url for url in images if isinstance(url, str) and url.startswith("https://")]
    return [Artifact(name=f"image-{number}", kind="image", url=url) for number, url in enumerate(urls, start=1)]


def cost(body: Any, name: str, sort: str) -> Cost | None:
    """Read an amount in USD."""
    amount = decimal(dig(body, name))
    return None if amount is None else Cost(**{sort: amount}, unit="USD")


def reason(reply: Reply) -> Failure | None:
    """Say why a job ended without success."""
    code = dig(reply.json, "error.code")
    kind = KINDS.get(code) if isinstance(code, str) else None
    message = dig(reply.json, "error.message")
    return Failure.of(kind or FailureKind.PROVIDER, str(message)) if message else None


def share(percent: Any) -> float | None:
    """Make 0..1 of per cent."""
    number_of = number(percent)
    return None if number_of is None or not 0 <= number_of <= 100 else number_of / 100


def number(value: Any) -> float | None:
    """Give a number as it is, and nothing else."""
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


CREATED = {"id": "7", "estimate": "0.36"}
REPLIES = {
    "waiting": {"id": "7", "state": "waiting", "ahead": 3},
    "working": {"id": "7", "state": "working", "percent": 40},
    "done": {
        "id": "7",
        "state": "done",
        "percent": 100,
        "cost": "0.36",
        "images": ["https://cdn.sound.example/7/1.png?sig=1", "https://cdn.sound.example/7/2.png?sig=2"],
    },
    "error": {"id": "7", "state": "error", "error": {"code": "broken", "message": "The machine broke."}},
    "nsfw": {"id": "7", "state": "nsfw", "error": {"code": "nsfw", "message": "That is not allowed."}},
    "stopped": {"id": "7", "state": "stopped"},
}
REFUSED = [
    (402, {"error": {"code": "no_credits", "message": "Your account is empty."}}),
    (200, {"error": {"code": "nsfw", "message": "The prompt is not allowed."}}),
]
EXTRAS = {
    "refused": REFUSED,
    "statuses": {"nsfw": "moderated", "stopped": "cancelled"},
    "cancelled": {"stopped": True},
    "balance": {"left": "12.50"},
    "recent": {"jobs": [{"id": "7", "prompt": "a red fox", "at": 1_700_000_000}]},
}
