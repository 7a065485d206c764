"""Adapters made from cards: what they look at, list, cancel and tell, and which abilities they have."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve

from card_driving import answer, card, drive, request, small
from taskferry import (
    AdapterError,
    Amount,
    CancelOutcome,
    Cancels,
    Estimates,
    FailureKind,
    HasBalance,
    ListsRecent,
    MalformedReply,
    Observation,
    PluginError,
    ProviderError,
    ReadsIds,
    Reply,
    Status,
    UnknownName,
    UsageError,
    VerifiesWebhooks,
)
from taskferry.call import Purpose
from taskferry.cards import card_adapter

ACME = card_adapter(card("acme"))
VIDEO = {"id": "j-1", "model": "fast", "operation": "video"}
MODEL = {"id": "j-2", "status_url": "https://eu1.jobs.acme.example/j-2", "operation": "model"}
SPEECH = {"id": "j-3", "operation": "speech"}


def seen(remote: dict[str, Any], *replies: Reply) -> Observation:
    return drive(ACME, ACME.fetch(remote), *replies)[1]


def test_service_and_operations_are_what_the_card_says() -> None:
    """The first region is the default; prices that are flat are the operation's own."""
    speech = next(one for one in ACME.operations if one.name == "acme/speech")

    assert ACME.service.base_url == "https://api.acme.example/v1"
    assert (ACME.service.hosts, ACME.service.not_accepted) == (("*.jobs.acme.example",), (429, 503))
    assert (speech.price, speech.needs_key, speech.kind) == (Amount.parse("0.02 USD"), True, "audio")


def test_a_region_is_another_base_url() -> None:
    """One that the card lacks is named, with those that it has."""
    assert card_adapter(card("acme"), "eu").service.base_url == "https://api.eu.acme.example/v1"
    with pytest.raises(UnknownName, match="global, eu"):
        card_adapter(card("acme"), "mars")


def test_an_adapter_has_just_the_abilities_that_its_card_has() -> None:
    """They are told by structure, as of any adapter."""
    abilities = (Cancels, ListsRecent, HasBalance, Estimates, VerifiesWebhooks, ReadsIds)

    assert [isinstance(ACME, one) for one in abilities] == [True, True, True, True, True, False]
    assert [isinstance(small(), one) for one in abilities] == [False, False, False, False, False, True]


def test_a_look_reads_all_that_the_reply_tells() -> None:
    """Word, status, progress, places in the queue, times, trace id, cost and results."""
    body = {
        "state": "DONE",
        "percent": 40,
        "queue": {"ahead": 3},
        "seconds_left": 36,
        "ask_again_in": 7,
        "usage": {"cents": 125},
        "outputs": [{"url": "https://c.example/a.mp4", "expires": 1795226400}, {"url": None}, {"url": "/b.mp4"}],
        "preview": {"url": "https://c.example/p.png"},
    }

    calls, found = drive(ACME, ACME.fetch(VIDEO), answer({"code": 0, "data": body}, headers={"X-Acme-Trace": "t-17"}))

    assert [(call.method, call.path, call.purpose, call.headers) for call in calls] == [
        ("GET", "/jobs/j-1", Purpose.READ, {"X-Version": "2026-11-01"})
    ]
    assert (found.provider_status, found.status, found.progress) == ("DONE", Status.SUCCEEDED, 0.4)
    assert (found.queue_position, found.eta, found.retry_after, found.trace_id) == (3, 36, 7, "t-17")
    assert (found.cost.actual, found.cost.unit) == (Decimal("1.25"), "USD")
    assert [(one.name, one.kind, one.url, one.expires_at) for one in found.artifacts] == [
        ("video-1", "video", "https://c.example/a.mp4", 1795226400),
        ("video-3", "video", "/b.mp4", None),
        ("preview", "image", "https://c.example/p.png", None),
    ]


@pytest.mark.parametrize(
    "data",
    [
        {"percent": "40", "queue": [3], "seconds_left": {}, "ask_again_in": "soon", "usage": 5, "outputs": None},
        {"percent": True, "queue": {"ahead": 2.5}, "seconds_left": -1, "ask_again_in": True, "usage": {"cents": -5}},
        {"percent": None, "queue": {"ahead": -1}, "seconds_left": "x", "preview": [], "outputs": []},
    ],
)
def test_details_of_wrong_types_are_dropped(data: dict[str, Any]) -> None:
    """The status alone is needed."""
    found = seen(VIDEO, answer({"data": {"state": "working", **data}}))

    assert (found.status, found.progress, found.queue_position, found.eta) == (Status.RUNNING, None, None, None)
    assert (found.retry_after, found.cost, list(found.artifacts)) == (None, None, [])


@pytest.mark.parametrize(
    "body", [{}, [], None, {"data": {"state": None}}, {"data": {"state": ["done"]}}, {"data": {"state": ""}}, b"<html>"]
)
def test_a_reply_without_a_status_is_malformed(body: Any) -> None:
    """It shows nothing, and says what is missing."""
    with pytest.raises(MalformedReply):
        seen(VIDEO, answer(body))


@pytest.mark.parametrize("wrong", [5, {"url": "x"}, True, "words", "files/1.png", "javascript:1"])
def test_a_result_that_is_no_address_is_malformed(wrong: object) -> None:
    """A wrong type is never taken for a file."""
    with pytest.raises(MalformedReply, match="not an address"):
        seen(VIDEO, answer({"data": {"state": "done", "preview": {"url": wrong}}}))


@pytest.mark.parametrize(
    ("told", "at"),
    [
        (1795226400, 1795226400),
        (1795226400500, 1795226400.5),
        ("2026-11-21T02:00:00Z", 1795226400),
        ("2026-11-21T02:00:00", 1795226400),
        ("2026-11-21T04:00:00+02:00", 1795226400),
        (7, None),
        (3600, None),
        (1e300, None),
        ("tomorrow", None),
        ("0001-01-01T00:00:00+14:00", None),
        (True, None),
        ([], None),
    ],
)
def test_the_end_of_an_address_is_a_time_or_nothing(told: object, at: float | None) -> None:
    """Seconds, milliseconds or ISO 8601; a length of time is no time."""
    found = seen(VIDEO, answer({"data": {"state": "done", "outputs": [{"url": "/a", "expires": told}]}}))

    assert found.artifacts[0].expires_at == at


@pytest.mark.parametrize(
    ("url", "needed"),
    [
        ("/files/1", True),
        ("https://api.fable.example/files/1", True),
        ("https://eu.fable.example/files/1", True),
        ("http://127.0.0.1:80/files/1", True),
        ("https://cdn.elsewhere.example/1", False),
        ("//elsewhere.example/1", False),
        ("https://[broken/1", False),
    ],
)
def test_a_result_needs_the_key_on_the_providers_own_hosts_alone(url: str, needed: bool) -> None:
    """Or at its stand-in on this machine."""
    adapter = small('url = "output.url" }', 'url = "output.url", needs_key = true }')
    adapter = card_adapter(evolve(adapter.card, hosts=("eu.fable.example",)))

    found = drive(adapter, adapter.fetch({"id": "1"}), answer({"state": "completed", "output": {"url": url}}))[1]

    assert found.artifacts[0].needs_key is needed


def test_results_that_are_no_list_are_malformed() -> None:
    """Where the card says that there is one."""
    with pytest.raises(MalformedReply, match="not a list"):
        seen(VIDEO, answer({"data": {"state": "done", "outputs": "none"}}))


@pytest.mark.parametrize(
    ("adapter", "word", "status"),
    [
        (ACME, "never heard of", Status.RUNNING),
        (small(), "never heard of", None),
        (small('running = ["dreaming"]', 'running = ["dreaming"]\nunknown = "queued"'), "x", Status.QUEUED),
        (small('running = ["dreaming"]', 'running = ["true", "202"]'), True, Status.RUNNING),
        (small('running = ["dreaming"]', 'running = ["true", "202"]'), 202, Status.RUNNING),
        (small(), "DREAMING", None),
    ],
)
def test_a_word_counts_as_the_card_says(adapter: Any, word: object, status: Status | None) -> None:
    """An unknown one changes nothing unless the card has a rule; numbers and booleans are compared as text."""
    remote = {**VIDEO} if adapter is ACME else {"id": "f-1"}

    found = drive(adapter, adapter.fetch(remote), answer({"state": word, "data": {"state": word}}))[1]

    assert found.status is status
    assert found.provider_status == {True: "true", 202: "202"}.get(word, word)


def test_a_second_read_brings_the_results() -> None:
    """Its places come from the first reply and from `remote`."""
    files = [
        {"type": "zip", "link": "no"},
        {"type": "glb", "link": "https://c.example/m.glb", "mime": "model/gltf-binary"},
    ]

    calls, found = drive(
        ACME,
        ACME.fetch(MODEL),
        answer({"data": {"state": "done", "file_id": "f 9"}}),
        answer({"data": {"files": files}}),
    )

    assert [(call.path, call.params) for call in calls] == [
        ("https://eu1.jobs.acme.example/j-2", None),
        ("/files/f%209", {"of": "j-2"}),
    ]
    assert [(one.name, one.kind, one.media_type) for one in found.artifacts] == [
        ("model-1", "model", "model/gltf-binary")
    ]


def test_a_second_read_without_its_place_is_malformed() -> None:
    """The first reply has to name the file."""
    with pytest.raises(MalformedReply, match="file_id"):
        seen(MODEL, answer({"data": {"state": "done"}}))


def test_a_refusal_of_the_second_read_ends_the_job_where_the_card_says_so() -> None:
    """A moderated result is its own end."""
    done = answer({"data": {"state": "done", "file_id": "f-9"}})

    failed = seen(MODEL, done, answer({"error": {"message": "lost"}}, 410))
    moderated = seen(MODEL, done, answer({"code": 1026, "error": {"message": "no"}}))

    assert (failed.status, failed.failure.message) == (Status.FAILED, "lost")
    assert (moderated.status, moderated.failure.kind) == (Status.MODERATED, FailureKind.MODERATED)


@pytest.mark.parametrize("status", [401, 429, 503])
def test_a_refusal_that_says_nothing_of_the_job_ends_nothing(status: int) -> None:
    """A key, a limit or an outage passes."""
    with pytest.raises(ProviderError):
        seen(MODEL, answer({"data": {"state": "done", "file_id": "f-9"}}), answer({}, status))


def test_the_http_status_can_be_the_status_and_the_body_is_then_left_alone() -> None:
    """The result is a path at the provider, and only when it is there."""
    calls, running = drive(ACME, ACME.fetch(SPEECH), answer(None, 202, {"X-Wait": "3"}))
    done = seen(SPEECH, answer(b"\xff\xfb mp3"))

    assert not calls[0].want_body
    assert (running.status, running.retry_after, list(running.artifacts)) == (Status.RUNNING, 3, [])
    assert [(one.name, one.url, one.media_type, one.needs_key) for one in done.artifacts] == [
        ("speech", "/speech/j-3", "audio/mpeg", True)
    ]


@pytest.mark.parametrize("remote", ["j-1", None, {}, {"operation": "video"}, {"id": None, "operation": "video"}])
def test_a_remote_that_is_not_the_cards_is_told_of(remote: Any) -> None:
    """Nothing is asked for it."""
    with pytest.raises(AdapterError):
        next(ACME.fetch(remote))


@pytest.mark.parametrize(
    ("status", "outcome"), [(200, CancelOutcome.ACCEPTED), (404, CancelOutcome.TOO_LATE), (409, CancelOutcome.TOO_LATE)]
)
def test_a_cancel_is_taken_or_too_late(status: int, outcome: CancelOutcome) -> None:
    """It costs nothing."""
    calls, found = drive(ACME, ACME.cancel(VIDEO), answer({}, status))

    assert (calls[0].method, calls[0].path, calls[0].purpose) == ("POST", "/jobs/j-1/cancel", Purpose.WRITE)
    assert calls[0].json == {"reason": "the caller wished it"}
    assert found is outcome


def test_a_cancel_that_is_refused_for_another_reason_fails() -> None:
    """Nobody is told that it was too late."""
    with pytest.raises(ProviderError):
        drive(ACME, ACME.cancel(VIDEO), answer({}, 503))


def test_the_latest_jobs_are_listed_as_a_submit_would_have_kept_them() -> None:
    """With the members that the operation's `remote` has, so that nothing is adopted twice."""
    item = {"id": "j-1", "model": "best", "state": "working", "kind": "video", "created": "2026-11-21T09:00:00Z"}

    calls, found = drive(ACME, ACME.recent(request(ACME, "video", prompt="x")), answer({"data": {"items": [item]}}))

    assert calls[0].params == {"limit": "50", "newest": "true"}
    assert ACME.recent_is_complete
    assert found[0].remote == {"id": "j-1", "model": "best", "operation": "video"}
    assert (found[0].created_at, found[0].provider_type, found[0].provider_status) == (1795251600, "video", "working")


@pytest.mark.parametrize("body", [{}, {"data": {"items": {}}}, {"data": {"items": [{"state": "working"}]}}, []])
def test_a_listing_that_is_none_proves_nothing(body: Any) -> None:
    """An item without an id neither: leaving it out would make absence proven."""
    with pytest.raises(MalformedReply):
        drive(ACME, ACME.recent(request(ACME, "video", prompt="x")), answer(body))


def test_the_balance_is_exact() -> None:
    """Cents become dollars."""
    found = drive(ACME, ACME.balance(), answer({"data": {"cents": 1250}}))[1]

    assert (found.available, found.unit) == (Decimal("12.5"), "USD")


@pytest.mark.parametrize("cents", [None, "much", True, {}, -1])
def test_a_balance_that_is_no_amount_is_malformed(cents: object) -> None:
    """Rather than nothing left."""
    with pytest.raises(MalformedReply, match=r"data\.cents"):
        drive(ACME, ACME.balance(), answer({"data": {"cents": cents}}))


def test_a_job_can_be_named_by_its_one_id() -> None:
    """Where nothing else finds it again."""
    adapter = small()

    assert adapter.remote_from_id("f-9", request(adapter, "image")) == {"id": "f-9"}


def observation_of(reply: Reply, remote: dict[str, Any]) -> Observation:
    """Read a look by a card's own step."""
    return Observation(provider_status=f"{reply.at('state', str)} {remote['id']}", status=Status.RUNNING)


def body_of(parameters: dict[str, Any]) -> dict[str, Any]:
    """Make a create's body by a card's own step."""
    return {"text": parameters["prompt"].upper()}


def test_an_installed_card_may_have_steps_in_python() -> None:
    """One makes the body from the parameters, one the observation from the reply."""
    adapter = small('status = "state"', f'status = "state"\npython = "{__name__}:observation_of"')
    sending = small("submit = { post", f'submit = {{ python = "{__name__}:body_of", post')

    found = drive(adapter, adapter.fetch({"id": "f-1"}), answer({"state": "x"}))[1]
    call = next(sending.submit(request(sending, "image", prompt="fox")))

    assert found.provider_status == "x f-1"
    assert call.json == {"text": "FOX"}


def test_a_card_that_is_not_installed_runs_no_python() -> None:
    """It is refused before anything of it is loaded."""
    plain = card("small")
    changed = evolve(plain, fetch=evolve(plain.fetch, python="os:abort"))

    with pytest.raises(UsageError, match="runs Python"):
        card_adapter(changed)
    with pytest.raises(PluginError, match="nothing"):
        card_adapter(evolve(plain, fetch=evolve(plain.fetch, python="os:nothing")), installed=True)
