"""Stand-ins of small cards, each with one thing that providers do differently, through a real ferry."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path

import pytest

from integration.card_stand_ins import DrawnOnce, ferry_for
from taskferry import CardError, Snapshot, Status
from taskferry.cards import read_card
from taskferry.sandbox import CardStandIn, Running, Settings, running
from taskferry.sandbox.media.image import image

SPEED = 100.0
HEAD = """
[provider]
name = "bolt"
title = "Bolt"
base_url = "https://api.bolt.example/v1"
hosts = ["*.bolt.example"]
source = "docs.bolt.example, read 2026-11-21"
"""
STATUS = """
[status]
queued = ["waiting"]
running = ["working"]
succeeded = ["ready"]
failed = ["error"]
"""
IMAGE = """
[operations.image]
title = "Text to image"
kind = "image"
typical = "10 s, 95 % under 30 s"
parameters.prompt = { type = "string", required = true, description = "What to show." }
"""
BEARER = 'auth = { bearer = "BOLT_API_KEY" }'
PLAIN = """
[fetch]
get = "/jobs/{id}"
status = "state"
artifacts = [{ name = "image", url = "url" }]
[[examples]]
of = "submit"
body = '{"id": "b-1"}'
[[examples]]
of = "fetch"
body = '{"id": "b-1", "state": "ready", "url": "https://cdn.bolt.example/b-1.png"}'
"""
SUBMIT = """
[operations.image.submit]
post = "/jobs"
remote = { id = "id" }
"""
GIVEN = """
[operations.image.submit]
post = "/jobs"
remote = { id = "id", poll = "polling_url", answer = "answer_url" }
[fetch]
get = "{poll}"
status = "state"
message = "detail"
[[fetch.then]]
when = "succeeded"
get = "{answer}"
refusal_ends = true
artifacts = [{ name = "image", url = "images[*].url" }]
[errors]
message = "detail"
[[examples]]
of = "submit"
body = '{"id": "b-1", "polling_url": "https://eu1.bolt.example/v1/poll?id=b-1", "answer_url": "https://api.bolt.example/v1/answers/b-1"}'
[[examples]]
of = "fetch"
body = '{"state": "ready"}'
[[examples]]
of = "then"
body = '{"images": [{"url": "https://cdn.bolt.example/b-1.png"}]}'
"""
BINARY = """
[fetch]
get = "/jobs/{id}"
status = "state"
artifacts = [{ name = "image", path = "/jobs/{id}/content", needs_key = true }]
[[examples]]
of = "submit"
body = '{"id": "b-1"}'
[[examples]]
of = "fetch"
body = '{"id": "b-1", "state": "ready"}'
"""
FORM = """
[operations.edit]
title = "Edit an image"
kind = "image"
typical = "10 s, 95 % under 30 s"
parameters.image = { type = "string", format = "media", required = true, description = "What.", send = "upload" }
submit = { post = "/edits", remote = { id = "id" } }
[upload]
post = "/files"
field = "picture"
result = "data.url"
"""


def card(*parts: str) -> str:
    return "\n".join((HEAD, *parts))


async def made(text: str, home: Path, operation: str, /, **parameters: object) -> tuple[Snapshot, Running]:
    """Run one job of a card against its stand-in."""
    read = read_card(text, "bolt.toml")
    with running({"bolt": partial(DrawnOnce, read)}, speed=SPEED) as servers:
        async with ferry_for(servers, home, read, speed=SPEED) as ferry:
            task = await ferry.submit(operation, parameters)
            return (await task.wait(timeout=60)).snapshot, servers["bolt"]


@pytest.mark.parametrize(
    "auth",
    [
        BEARER,
        'auth = { query = "key", key = "BOLT_API_KEY" }',
        'auth = { jwt = "BOLT_API_KEY", lifetime = 600 }',
        "auth = { none = true }",
    ],
    ids=["bearer", "query", "jwt", "none"],
)
async def test_every_scheme_of_keys_is_let_in(auth: str, tmp_path: Path) -> None:
    """With the key that the stand-in hands out."""
    snapshot, _ = await made(card(auth, STATUS, IMAGE, SUBMIT, PLAIN), tmp_path, "bolt/image", prompt="a fox")

    assert (snapshot.status, snapshot.kept) == (Status.SUCCEEDED, True)


async def test_addresses_that_the_create_reply_gives_lead_back_to_the_stand_in(tmp_path: Path) -> None:
    """With the id in their path or in their query; the answer lies behind another one."""
    text = card(BEARER, STATUS, IMAGE, GIVEN)

    snapshot, server = await made(text, tmp_path, "bolt/image", prompt="a fox")

    asked = [entry["path"] for entry in server.stand_in.requests.document() if entry["kind"] == "read"]
    assert [artifact.name for artifact in snapshot.artifacts] == ["image-1", "image-2"]
    assert set(asked) == {"/v1/poll", f"/v1/answers/{next(iter(server.stand_in.jobs)).id}"}


async def test_a_job_may_fail_at_the_further_read_alone(tmp_path: Path) -> None:
    """Where the provider has no word for it, and the answer is an error."""
    status = STATUS.replace('failed = ["error"]\n', "")

    snapshot, _ = await made(card(BEARER, status, IMAGE, GIVEN), tmp_path, "bolt/image", prompt="a fox [[fail]]")

    assert snapshot.status is Status.FAILED
    assert snapshot.failure is not None
    assert snapshot.failure.message == "The job could not be made."


@pytest.mark.parametrize(("words", "kept"), [("", True), ("[[truncated-file*1]]", True), ("[[expired-url]]", False)])
async def test_a_file_below_the_base_url_is_served_to_who_has_the_key(words: str, kept: bool, tmp_path: Path) -> None:
    """With the faults of downloads."""
    text = card(BEARER, STATUS, IMAGE, SUBMIT, BINARY)

    snapshot, server = await made(text, tmp_path, "bolt/image", prompt=f"a fox {words}")

    path = f"/v1/jobs/{next(iter(server.stand_in.jobs)).id}/content"
    assert (snapshot.status, snapshot.kept) == (Status.SUCCEEDED, kept)
    assert path in [entry["path"] for entry in server.stand_in.requests.document() if entry["kind"] == "file"]


async def test_a_file_comes_in_a_form_and_is_named_by_its_address(tmp_path: Path) -> None:
    """An operation without a prompt is known by the file's name."""
    picture = tmp_path / "fox.png"
    picture.write_bytes(image("a fox", 64, 64))
    text = card(BEARER, STATUS, IMAGE, SUBMIT, FORM, PLAIN)

    snapshot, server = await made(text, tmp_path / "home", "bolt/edit", image=picture)

    (job,) = server.stand_in.jobs
    assert snapshot.status is Status.SUCCEEDED
    assert (job.type, job.prompt) == ("edit", "fox.png")
    assert str(job.input["image"]).startswith(server.base_url)


async def test_operations_at_one_address_are_told_apart_by_their_constants(tmp_path: Path) -> None:
    """The body says which one is meant."""
    both = (
        SUBMIT
        + 'body = { task = "draw" }\n'
        + IMAGE.replace("operations.image", "operations.sketch")
        + SUBMIT.replace("operations.image", "operations.sketch")
        + 'body = { task = "sketch" }\n'
    )

    _, server = await made(card(BEARER, STATUS, IMAGE, both, PLAIN), tmp_path, "bolt/sketch", prompt="a fox")

    assert [job.type for job in server.stand_in.jobs] == ["sketch"]


def test_an_expression_without_an_example_of_its_shape_is_named() -> None:
    """Before anything is served, with what to add."""
    told = PLAIN.replace('status = "state"', "status = \"done && 'ready' || 'working'\"").replace(
        '"state": "ready"', '"done": true'
    )

    with pytest.raises(CardError, match=re.escape("done && 'ready' || 'working'")) as caught:
        CardStandIn(read_card(card(BEARER, STATUS, IMAGE, SUBMIT, told), "bolt.toml"), Settings())

    assert "example" in str(caught.value)


def test_an_address_without_the_job_s_id_is_named() -> None:
    """Nobody could tell whose it is."""
    text = card(BEARER, STATUS, IMAGE, GIVEN.replace("poll?id=b-1", "poll"))

    with pytest.raises(CardError, match=r"\{poll\} as the address of a call") as caught:
        CardStandIn(read_card(text, "bolt.toml"), Settings())

    assert "add an example of submit" in str(caught.value)
