"""What a look through a card costs beside the same adapter written by hand, in one run."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable
from typing import Any

from taskferry import (
    JSON,
    Accepted,
    Adapter,
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
)
from taskferry.cards import card_adapter, read_card

GOAL = 1.5
LOOKS = 400
ROUNDS = 11
STATUS = {
    "waiting": Status.QUEUED,
    "working": Status.RUNNING,
    "done": Status.SUCCEEDED,
    "error": Status.FAILED,
    "nsfw": Status.MODERATED,
}
CARD = """
[provider]
name = "acme"
title = "Acme"
base_url = "https://api.acme.example"
auth = { bearer = "ACME_API_KEY" }
source = "docs.acme.example, read 2026-11-01"

[status]
queued = ["waiting"]
running = ["working"]
succeeded = ["done"]
failed = ["error"]
moderated = ["nsfw"]

[operations.image]
title = "Image"
kind = "image"
typical = "20 s, 95 % under 60 s"
parameters.prompt = { type = "string", required = true, description = "What to show." }
submit = { post = "/v1/jobs", remote = { id = "id" } }

[fetch]
get = "/v1/jobs/{id}"
status = "state"
progress = "percent"
progress_scale = 100
artifacts = [{ name = "image", url = "images" }]

[errors]
message = "error.message"
code = "error.code"

[[examples]]
of = "submit"
body = '{"id": "7f3a"}'
[[examples]]
of = "fetch"
body = '{"state": "done", "percent": 100, "images": ["https://cdn.acme.example/1.png"]}'
[[examples]]
of = "error"
http = 400
body = '{"error": {"message": "no", "code": 7}}'
"""
REPLIES = {
    "running": {"id": "7f3a", "state": "working", "percent": 40, "images": []},
    "done": {"id": "7f3a", "state": "done", "percent": 100, "images": ["https://cdn.acme.example/1.png"]},
}


class AcmeAdapter:
    """The adapter of the sketches, as a person writes it."""

    service = Service(base_url="https://api.acme.example")
    operations = (
        Operation(
            name="acme/image",
            title="Image",
            description="An image.",
            kind="image",
            parameters={"type": "object", "properties": {"prompt": {"type": "string"}}},
            typical=Typical(median=20, slow=60),
        ),
    )

    def submit(self, request: Request) -> Exchange[Accepted]:
        reply = yield Call.create("/v1/jobs", json=request.parameters)
        return Accepted(remote={"id": reply.at("id", str)})

    def fetch(self, remote: JSON) -> Exchange[Observation]:
        reply = yield Call.get("/v1/jobs/{id}", **remote)
        return Observation(
            provider_status=reply.at("state", str),
            status=STATUS.get(reply.at("state", str)),
            progress=reply.at("percent", float, default=None, scale=100),
            artifacts=[
                Artifact(name=f"image-{place}", kind="image", url=url)
                for place, url in enumerate(reply.at("images", list, default=[]), 1)
            ],
        )

    def failure(self, reply: Reply) -> Failure | None:
        return failure_from_status(reply, message="error.message", code="error.code")


def test_a_look_through_a_card_costs_at_most_half_as_much_again() -> None:
    """Generator, call, failure check, decoding and observation; the lowest of many rounds, taken in turn."""
    by_hand, by_card = AcmeAdapter(), card_adapter(read_card(CARD, "acme.toml"))
    remote = {"id": "7f3a"}

    ratios = {}
    for name, body in REPLIES.items():
        content = json.dumps(body).encode()
        assert plain(look(by_card, remote, content)) == plain(look(by_hand, remote, content))
        hand, card = together(lambda: look(by_hand, remote, content), lambda: look(by_card, remote, content))  # noqa: B023 -- called at once
        ratios[name] = card / hand
        print(f"{name}: by hand {hand * 1e6:.2f} µs, by card {card * 1e6:.2f} µs, ratio {card / hand:.2f}")

    assert max(ratios.values()) <= GOAL, ratios


def look(adapter: Adapter, remote: dict[str, str], content: bytes) -> Observation:
    """Look once, without a wire."""
    exchange = adapter.fetch(remote)
    next(exchange)
    reply = Reply(200, content, {})
    assert adapter.failure(reply) is None
    try:
        exchange.send(reply)
    except StopIteration as stop:
        return stop.value
    raise AssertionError("the look did not end")


def plain(seen: Observation) -> tuple[Any, ...]:
    """Give an observation with its artifacts in a tuple."""
    return seen.provider_status, seen.status, seen.progress, tuple(seen.artifacts)


def together(*sides: Callable[[], Any]) -> list[float]:
    """Give seconds for one call of each side, measured in turn so that a slow moment of the machine hits all alike."""
    times: list[list[float]] = [[] for _ in sides]
    for _ in range(ROUNDS):
        for side, found in zip(sides, times, strict=True):
            begun = time.perf_counter()
            for _ in range(LOOKS):
                side()
            found.append((time.perf_counter() - begun) / LOOKS)
    return [statistics.median(sorted(found)[:5]) for found in times]
