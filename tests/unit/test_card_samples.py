"""Samples: replies made the other way round, which the card's own adapter reads as they were meant."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from card_driving import FOLDER, SMALL, card, drive, request
from taskferry import Adapter, CancelOutcome, FailureKind, Observation, Reply, Status
from taskferry.cards import Card, card_adapter, read_card
from taskferry.cards.samples import NoSample, SampleReply, Samples
from taskferry.cards.sheet import Sheet

BASE = "http://127.0.0.1:8080"
NAMES = ["acme", "small", *(f"strange/{path.stem}" for path in sorted((FOLDER / "strange").glob("*.toml")))]
CARDS = {name: card(name) for name in NAMES}
JOB = "01jd3job"
EVERY = [(name, operation) for name, made in CARDS.items() for operation in made.operations]


def sayable(made: Card, operation: str) -> set[Status]:
    """Name the statuses that a card has words for; where the HTTP status is the word, only numbers are."""
    by_http = (made.operations[operation].fetch or made.fetch).status == "$http"
    return {status for word, status in made.status.words.items() if word.isdecimal() or not by_http}


SAID = [(name, operation, status) for name, operation in EVERY for status in sorted(sayable(CARDS[name], operation))]
SAID = [(name, operation, status) for name, operation, status in SAID if status is not Status.SUCCEEDED]


def reply(made: SampleReply) -> Reply:
    return Reply(made.http, made.content, made.headers)


def look(adapter: Adapter, remote: Any, *made: SampleReply) -> Observation:
    return drive(adapter, adapter.fetch(remote), *map(reply, made))[1]


def addresses(made: Card, operation: str) -> dict[str, list[str]]:
    fetch = made.operations[operation].fetch or made.fetch
    specs = [*fetch.artifacts, *(one for hop in fetch.then for one in hop.artifacts)]
    return {one.name: [f"{BASE}/files/{one.name}-{place}" for place in (1, 2)] for one in specs}


@pytest.mark.parametrize(("name", "operation"), EVERY)
def test_a_created_job_is_found_again_by_its_own_id(name: str, operation: str) -> None:
    """What the adapter keeps of the reply holds the id, and leads to the stand-in."""
    adapter, samples = card_adapter(CARDS[name]), Samples(CARDS[name], BASE)
    asked = request(adapter, operation, **CARDS[name].operations[operation].example)

    accepted = drive(adapter, adapter.submit(asked), reply(samples.created(operation, JOB)))[1]

    assert accepted.remote == samples.remote(operation, JOB)
    assert JOB in str(accepted.remote)
    assert "https://" not in str(accepted.remote)


@pytest.mark.parametrize(("name", "operation", "status"), SAID)
def test_a_sample_of_a_status_is_read_as_that_status(name: str, operation: str, status: Status) -> None:
    """Without results, which come at the end."""
    adapter, samples = card_adapter(CARDS[name]), Samples(CARDS[name], BASE)
    made = samples.status(operation, status, job_id=JOB, urls={}, message="why", code="7")

    seen = look(adapter, samples.remote(operation, JOB), made)

    assert (seen.status, list(seen.artifacts)) == (status, [])


@pytest.mark.parametrize(("name", "operation"), EVERY)
def test_a_sample_of_success_has_the_results_that_were_given(name: str, operation: str) -> None:
    """In the status reply, or in a further read; where the card takes one address, the first."""
    adapter, samples = card_adapter(CARDS[name]), Samples(CARDS[name], BASE)
    urls = addresses(CARDS[name], operation)
    made = [samples.status(operation, Status.SUCCEEDED, job_id=JOB, urls=urls)]
    hops = (CARDS[name].operations[operation].fetch or CARDS[name].fetch).then
    made += [samples.then(operation, place, job_id=JOB, urls=urls) for place, _ in enumerate(hops)]

    seen = look(adapter, samples.remote(operation, JOB), *made)

    paths = samples.file_paths(operation, JOB)
    assert seen.status is Status.SUCCEEDED
    assert seen.artifacts
    assert {one.url for one in seen.artifacts} <= {*(url for some in urls.values() for url in some), *paths.values()}
    assert all(one.name in paths or one.name.partition("-")[0] in urls for one in seen.artifacts)


def test_details_are_written_where_the_card_reads_them() -> None:
    """In the wire's units; what is left out is not in the reply, whatever the example shows."""
    adapter, samples = card_adapter(CARDS["acme"]), Samples(CARDS["acme"])
    remote = samples.remote("video", JOB)
    urls = {"video": ["https://c.example/a.mp4"]}

    running = look(
        adapter,
        remote,
        samples.status("video", Status.RUNNING, job_id=JOB, progress=0.25, queue_position=2, eta=9, retry_after=4),
    )
    plain = look(adapter, remote, samples.status("video", Status.RUNNING, job_id=JOB))
    done = look(
        adapter,
        remote,
        samples.status("video", Status.SUCCEEDED, job_id=JOB, urls=urls, expires_at=1e9, cost=Decimal("0.4")),
    )

    assert (running.progress, running.queue_position, running.eta, running.retry_after) == (0.25, 2, 9, 4)
    assert (plain.progress, plain.queue_position, plain.eta, plain.retry_after) == (None, None, None, None)
    assert (done.cost.actual, done.artifacts[0].expires_at, len(done.artifacts)) == (Decimal("0.4"), 1e9, 1)


def test_a_create_reply_may_say_how_the_job_stands() -> None:
    """Where the card reads it like a status reply."""
    text = SMALL.replace('submit = { post = "/generations",', 'submit = { done = true, post = "/generations",')
    made = read_card(text, "small.toml")
    adapter, samples = card_adapter(made), Samples(made)
    asked = request(adapter, "image", prompt="x")
    created = samples.created("image", JOB, status=Status.SUCCEEDED, urls={"image": ["https://c.example/1.png"]})

    accepted = drive(adapter, adapter.submit(asked), reply(created))[1]

    assert accepted.observation.status is Status.SUCCEEDED
    assert accepted.observation.artifacts[0].url == "https://c.example/1.png"


def test_an_upload_names_its_file_where_nothing_came_before() -> None:
    """By the path of its result."""
    text = f"{SMALL[: SMALL.index('[[examples]]')]}[upload]\npost = '/files'\nresult = 'file.id'\n"
    samples = Samples(read_card(text + SMALL[SMALL.index("[[examples]]") :], "small.toml"))

    assert samples.uploaded("u-1").body == {"file": {"id": "u-1"}}


def test_a_word_of_the_providers_own_is_written_as_it_is() -> None:
    """For words that no card knows."""
    samples = Samples(CARDS["small"])

    seen = look(card_adapter(CARDS["small"]), {"id": JOB}, samples.status("image", "brooding", job_id=JOB))

    assert (seen.provider_status, seen.status) == ("brooding", None)


def test_a_status_that_the_card_has_no_word_for_has_no_sample() -> None:
    """The stand-in then leaves such an end out."""
    with pytest.raises(NoSample, match="no word for moderated"):
        Samples(CARDS["small"]).status("image", Status.MODERATED, job_id=JOB)
    with pytest.raises(NoSample, match="http"):
        Samples(CARDS["acme"]).status("speech", Status.FAILED, job_id=JOB)


def test_a_status_that_is_no_plain_path_is_taken_from_an_example_or_not_at_all() -> None:
    """A sample never says something else than it was asked for."""
    text = SMALL.replace('status = "state"', "status = \"done && 'completed' || 'dreaming'\"").replace(
        '"state": "completed"', '"done": true'
    )
    samples = Samples(read_card(text, "small.toml"))
    adapter = card_adapter(read_card(text, "small.toml"))

    done = look(adapter, {"id": JOB}, samples.status("image", Status.SUCCEEDED, job_id=JOB))

    assert (done.status, len(done.artifacts)) == (Status.SUCCEEDED, 1)
    with pytest.raises(NoSample, match="not a plain path"):
        samples.status("image", "brooding", job_id=JOB)


@pytest.mark.parametrize(("name", "http"), [(name, http) for name in NAMES for http in (400, 401, 402, 404, 429, 500)])
def test_a_refusal_is_read_as_one(name: str, http: int) -> None:
    """With the message where the card reads it."""
    failed = card_adapter(CARDS[name]).failure(reply(Samples(CARDS[name]).error(http, message="not today")))

    assert failed is not None
    assert (failed.http_status, failed.message) == (http, "not today")


def test_an_error_under_success_is_made_where_the_card_knows_one() -> None:
    """Others say that they cannot."""
    made = Samples(CARDS["acme"]).error(200, code="1008", message="empty")

    failed = card_adapter(CARDS["acme"]).failure(reply(made))

    assert failed is not None
    assert (failed.kind, failed.code, failed.message) == (FailureKind.FUNDS, "1008", "empty")
    with pytest.raises(NoSample):
        Samples(CARDS["small"]).error(200)


def test_lists_balances_cancels_and_uploads_are_made_too() -> None:
    """Each is read by the adapter as it was meant."""
    adapter, samples = card_adapter(CARDS["acme"]), Samples(CARDS["acme"], BASE)
    items = [{"job_id": "k-1", "created_at": 1e9, "prompt": "a fox", "status": Status.FAILED}, {"job_id": "k-2"}]

    listed = drive(adapter, adapter.recent(request(adapter, "model")), reply(samples.recent("model", items)))[1]
    balance = drive(adapter, adapter.balance(), reply(samples.balance(Decimal("3.21"))))[1]
    cancelled = drive(adapter, adapter.cancel(samples.remote("video", JOB)), reply(samples.cancelled(JOB)))[1]

    assert [one.remote["id"] for one in listed] == ["k-1", "k-2"]
    assert listed[0].remote["status_url"] == f"{BASE}/k-1"
    assert (listed[0].created_at, listed[0].prompt, listed[0].provider_status) == (1e9, "a fox", "broken")
    assert (balance.available, cancelled) == (Decimal("3.21"), CancelOutcome.ACCEPTED)
    assert samples.prepared(f"{BASE}/put", "as-1").body == {"data": {"upload_url": f"{BASE}/put", "asset": "as-1"}}
    assert samples.uploaded("as-1") == SampleReply()


@pytest.mark.parametrize("ask", ["balance", "recent", "prepared", "uploaded"])
def test_what_the_card_has_not_got_has_no_sample(ask: str) -> None:
    """The error says so."""
    given: dict[str, tuple[Any, ...]] = {
        "balance": (Decimal(1),),
        "recent": ("image", []),
        "prepared": ("u", "a"),
        "uploaded": ("a",),
    }

    with pytest.raises(NoSample, match="The card has no"):
        getattr(Samples(CARDS["small"]), ask)(*given[ask])


@pytest.mark.parametrize(
    ("body", "text", "value", "after"),
    [
        (None, "a.b", 1, {"a": {"b": 1}}),
        ({"a": []}, "a[1].b", 1, {"a": [None, {"b": 1}]}),
        ({"a": [1, 2]}, "a[-1]", 3, {"a": [1, 3]}),
        ({"a": [{"u": "x", "k": 1}]}, "a[*].u", ["y", "z"], {"a": [{"u": "y", "k": 1}, {"u": "z", "k": 1}]}),
        ({"a": "7"}, "a", 8, {"a": "8"}),
        ({"a": 7}, "a", "8", {"a": 8}),
        ({"a": True}, "a", "false", {"a": False}),
        ({"a": "x", "b": "x"}, "a || b", "y", {"a": "y", "b": "y"}),
    ],
)
def test_a_value_is_written_where_it_is_read(body: Any, text: str, value: Any, after: Any) -> None:
    """In the type of what was there."""
    sheet = Sheet(200, {}, body)

    assert sheet.set(text, value)
    assert sheet.body == after


@pytest.mark.parametrize(
    ("body", "text", "after"),
    [
        ({"a": {"b": 1, "c": 2}}, "a.b", {"a": {"c": 2}}),
        ({"a": [1, 2]}, "a[0]", {"a": [2]}),
        ({"a": [1, 2]}, "a[-1]", {"a": [1]}),
        ({"a": [{"u": 1, "k": 1}]}, "a[*].u", {"a": [{"k": 1}]}),
        ({"a": [1]}, "a[*]", {"a": []}),
        ({"a": 1}, "b.c", {"a": 1}),
    ],
)
def test_a_value_is_taken_out_where_it_is_read(body: Any, text: str, after: Any) -> None:
    """And nothing else."""
    sheet = Sheet(200, {}, body)

    sheet.drop(text)

    assert sheet.body == after
