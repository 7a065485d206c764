"""Submits through cards: where parameters go, how files travel, and what the reply names."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from card_driving import answer, card, drive, request, small
from taskferry import Accepted, AdapterError, Call, FilePart, InlineFile, MalformedReply, Reply, Status, UsageError
from taskferry.call import Purpose
from taskferry.cards import card_adapter
from taskferry.cards.wiring import body_steps, put

ACME = card_adapter(card("acme"))
CREATED = answer({"code": 0, "data": {"id": "j-1", "cost": 25}})
MEDIA = "parameters.image = { type = 'string', format = 'media', description = 'A picture.', send = 'SEND' }"
PROMPT = 'parameters.prompt = { type = "string", required = true, maxLength = 2000, description = "What to show." }'


def created(operation: str, **parameters: Any) -> Call:
    """Give the billed call of a submit that needs nothing before it."""
    call = next(ACME.submit(request(ACME, operation, **parameters)))
    assert call.purpose is Purpose.CREATE
    return call


def test_parameters_go_where_the_card_says_and_nowhere_twice() -> None:
    """Path and query take defaults, a body has what was given, and constants stay."""
    call = created("video", prompt="fox", seed=7, duration=9, negative_prompt="dogs", model="best")

    assert (call.method, call.path, call.params) == ("POST", "/jobs/best/video", {"quality": "final"})
    assert call.headers == {"X-Version": "2026-11-01", "Idempotency-Key": "t1"}
    assert call.json == {
        "tag": "taskferry t1",
        "options": {"seed": 7, "note": "seeded with 7"},
        "list": [7, "fixed"],
        "input": {"prompt": "fox", "duration": "9s", "options": {"avoid": "dogs"}, "size": {"ratio": "1280:720"}},
    }


def test_what_was_not_given_is_not_sent_but_for_defaults_that_always_go() -> None:
    """A table of which nothing was given is left out."""
    call = created("video", prompt="fox")

    assert call.path == "/jobs/fast/video"
    assert call.json == {
        "tag": "taskferry t1",
        "list": ["fixed"],
        "input": {"prompt": "fox", "size": {"ratio": "1280:720"}},
    }


def test_two_submits_share_nothing() -> None:
    """The card's own body is never written to."""
    first, second = created("video", prompt="one", seed=1), created("video", prompt="two")

    assert first.json["input"]["prompt"] == "one"
    assert second.json["input"] == {"prompt": "two", "size": {"ratio": "1280:720"}}


def test_the_reply_names_the_job_and_its_cost() -> None:
    """Members of `remote` may be parameters; looks that differ by operation need its name."""
    accepted = drive(ACME, ACME.submit(request(ACME, "video", prompt="fox")), CREATED)[1]

    assert accepted.remote == {"id": "j-1", "model": "fast", "operation": "video"}
    assert (accepted.cost.estimated, accepted.cost.actual, accepted.cost.unit) == (Decimal(25), None, "credits")
    assert accepted.observation is None


@pytest.mark.parametrize(
    "body", [{}, {"data": {"id": None}}, {"data": {"id": ""}}, {"data": {"id": {}}}, [], b"<", None]
)
def test_a_create_reply_without_an_id_is_malformed(body: Any) -> None:
    """The job may exist: it is unconfirmed, not lost."""
    with pytest.raises(MalformedReply):
        drive(ACME, ACME.submit(request(ACME, "video", prompt="fox")), answer(body))


def test_operations_whose_looks_are_alike_keep_a_plain_remote() -> None:
    """Nobody's remote grows without need."""
    adapter = small()

    accepted = drive(adapter, adapter.submit(request(adapter, "image", prompt="fox")), answer({"id": "f-1"}))[1]

    assert accepted == Accepted(remote={"id": "f-1"})


def test_a_create_reply_may_be_read_like_a_status_reply() -> None:
    """Also up to the finished result; what it does not tell the next look shows."""
    adapter = small('submit = { post = "/generations",', 'submit = { done = true, post = "/generations",')
    asked = request(adapter, "image", prompt="fox")
    body = {"id": "f-1", "state": "completed", "output": {"url": "https://c.example/1.png"}}

    done = drive(adapter, adapter.submit(asked), answer(body))[1]
    silent = drive(adapter, adapter.submit(asked), answer({"id": "f-1"}))[1]

    assert (done.observation.status, done.observation.artifacts[0].name) == (Status.SUCCEEDED, "image")
    assert silent == Accepted(remote={"id": "f-1"})


def test_a_file_is_uploaded_before_the_billed_call(tmp_path: Path) -> None:
    """To an address that the provider names, without the key; the create then names what came of it."""
    file = tmp_path / "a fox.png"
    asked = request(ACME, "model", image=file.as_uri())

    calls, accepted = drive(
        ACME,
        ACME.submit(asked),
        answer({"data": {"upload_url": "https://store.example/put?sig=1", "asset": "as-1"}}),
        answer(None),
        answer({"data": {"id": "j-2", "links": {"status": "https://eu1.jobs.acme.example/j-2"}}}),
    )
    prepare, put, create = calls

    assert (prepare.path, prepare.purpose, prepare.json) == (
        "/uploads",
        Purpose.WRITE,
        {"name": "a fox.png", "type": "image/png"},
    )
    assert (put.method, put.path, put.signed) == ("PUT", "https://store.example/put?sig=1", False)
    assert put.headers is None
    assert put.body_file == FilePart(path=file, name="file", media_type="image/png")
    assert create.json == {"image": "acme://as-1"}
    assert accepted.remote["status_url"] == "https://eu1.jobs.acme.example/j-2"


@pytest.mark.parametrize("body", [{}, {"data": {"asset": "x"}}, {"data": {"upload_url": [], "asset": "x"}}, []])
def test_an_upload_that_leads_nowhere_stops_the_submit(body: Any, tmp_path: Path) -> None:
    """Nothing was billed yet."""
    asked = request(ACME, "model", image=(tmp_path / "a.png").as_uri())

    with pytest.raises(MalformedReply):
        drive(ACME, ACME.submit(asked), answer(body))


def test_an_upload_as_a_form_is_signed_and_its_reply_names_the_file(tmp_path: Path) -> None:
    """It goes to the provider itself; the fields of its body go along."""
    upload = "[upload]\npost = '/files'\nfield = 'data'\nbody = { purpose = 'input' }\nresult = 'file.id'"
    adapter = small(PROMPT, f"{PROMPT}\n{MEDIA.replace('SEND', 'upload')}", upload)
    asked = request(adapter, "image", prompt="x", image=(tmp_path / "a.png").as_uri())

    calls, _ = drive(adapter, adapter.submit(asked), answer({"file": {"id": "u-1"}}), answer({"id": "f-1"}))

    assert (calls[0].method, calls[0].signed, calls[0].json) == ("POST", True, {"purpose": "input"})
    assert [part.name for part in calls[0].files] == ["data"]
    assert calls[1].json == {"prompt": "x", "image": "u-1"}


@pytest.mark.parametrize("stored", [answer(b"<Stored/>"), answer(None), answer({"etag": "x"}, 200)])
def test_the_call_before_an_upload_may_name_the_file(stored: Reply, tmp_path: Path) -> None:
    """A store of files answers with nothing, with XML, or with words of its own."""
    upload = "[upload]\nput = '{to}'\nprepare = { post = '/files' }\nplaces = { to = 'put' }\nresult = 'id || etag'"
    adapter = small(PROMPT, f"{PROMPT}\n{MEDIA.replace('SEND', 'upload')}", upload)
    asked = request(adapter, "image", prompt="x", image=(tmp_path / "a.png").as_uri())

    prepared = answer({"id": "x", "put": "https://store.example/1"})
    calls, _ = drive(adapter, adapter.submit(asked), prepared, stored, answer({"id": "f-1"}))

    assert calls[-1].json == {"prompt": "x", "image": "x"}


def test_an_upload_whose_reply_is_no_document_stops_the_submit(tmp_path: Path) -> None:
    """Where nothing before it named the file."""
    upload = "[upload]\npost = '/files'\nresult = 'id'"
    adapter = small(PROMPT, f"{PROMPT}\n{MEDIA.replace('SEND', 'upload')}", upload)
    asked = request(adapter, "image", prompt="x", image=(tmp_path / "a.png").as_uri())

    with pytest.raises(MalformedReply):
        drive(adapter, adapter.submit(asked), answer(b"<html>"))


def test_files_may_travel_inside_of_the_body(tmp_path: Path) -> None:
    """By reference: they are read while the call is sent. Addresses stay addresses."""
    one, two = tmp_path / "1.png", tmp_path / "2.bin"
    call = created("video", prompt="x", references=[one.as_uri(), "https://c.example/3.png"], mask=two.as_uri())

    assert call.json["input"]["references"] == [
        InlineFile(path=one, form="data-uri", media_type="image/png"),
        "https://c.example/3.png",
    ]
    assert call.json["input"]["mask"].form == "base64"


def test_a_file_where_only_addresses_are_taken_is_refused_before_anything_is_sent(tmp_path: Path) -> None:
    """The caller is told what to give instead."""
    asked = request(ACME, "video", prompt="x", audio=(tmp_path / "a.mp3").as_uri())

    with pytest.raises(UsageError, match=r"'audio' only as an address.*http"):
        next(ACME.submit(asked))


def test_a_file_may_go_with_the_create_as_a_form(tmp_path: Path) -> None:
    """The other parameters are then fields of the form."""
    seed = "parameters.seed = { type = 'integer', description = 'x' }"
    tags = "parameters.tags = { type = 'array', description = 'x' }"
    adapter = small(PROMPT, "\n".join([PROMPT, MEDIA.replace("SEND", "multipart"), seed, tags]))
    asked = request(adapter, "image", prompt="x", seed=7, tags=["a", "b"], image=(tmp_path / "a.png").as_uri())

    call = next(adapter.submit(asked))

    assert call.files == [FilePart(path=tmp_path / "a.png", name="image", media_type="image/png")]
    assert call.json == {"prompt": "x", "seed": "7", "tags": ["a", "b"]}


def test_a_form_carries_no_file_among_its_fields(tmp_path: Path) -> None:
    """A card that mixes both ways is told of, before anything is billed."""
    mask = MEDIA.replace("image", "mask").replace("SEND", "base64")
    adapter = small(PROMPT, "\n".join([PROMPT, MEDIA.replace("SEND", "multipart"), mask]))
    file = (tmp_path / "a.png").as_uri()

    with pytest.raises(AdapterError, match="'mask' of a form"):
        next(adapter.submit(request(adapter, "image", prompt="x", image=file, mask=file)))


@pytest.mark.parametrize(
    ("body", "path", "after"),
    [
        ({}, "a.b", {"a": {"b": 1}}),
        ({}, "a[0].b", {"a": [{"b": 1}]}),
        ({"a": [0]}, "a[1]", {"a": [0, 1]}),
        ({"a": [0]}, "a[0]", {"a": [1]}),
        ({"a": {"c": 2}}, "a.b", {"a": {"c": 2, "b": 1}}),
    ],
)
def test_a_value_is_put_at_a_path_of_a_body(body: Any, path: str, after: Any) -> None:
    """Tables and lists on the way are made."""
    put(body, body_steps("", path), 1)

    assert body == after


@pytest.mark.parametrize(("body", "path"), [({"a": "text"}, "a.b"), ({"a": []}, "a[1]"), ({"a": {}}, "a[0]")])
def test_nothing_is_put_where_something_else_is(body: Any, path: str) -> None:
    """The card contradicts itself."""
    with pytest.raises(AdapterError, match="something else"):
        put(body, body_steps("", path), 1)


@pytest.mark.parametrize("path", ["", "a || b", "[0]", "a[*].b"])
def test_a_parameter_goes_to_a_plain_path(path: str) -> None:
    """Not to what only reads."""
    with pytest.raises(AdapterError, match="no path in a body"):
        body_steps("", path)


def test_an_example_of_a_job_is_made_where_the_card_has_none() -> None:
    """The least that the schema takes."""
    assert small().operations[0].example == {"prompt": "a red fox"}


def test_parameters_may_go_into_lists_of_a_body() -> None:
    """As the providers' bodies have them."""
    prompt = PROMPT.replace("description", 'wire = { to = "instances[0].prompt" }, description')
    adapter = small(PROMPT, prompt)

    assert next(adapter.submit(request(adapter, "image", prompt="fox"))).json == {"instances": [{"prompt": "fox"}]}
