"""The stand-in toolkit at the wire, with a stand-in of a provider that does not exist."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from integration.acme_stand_in import CONTENT, Acme, Clock, Wire, connected, hosted
from taskferry.sandbox import Running, Settings, running


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[Running, Clock]]:
    """One server for the module; each test begins with a reset."""
    with hosted() as acme_and_clock:
        yield acme_and_clock


@pytest.fixture
def wire(server: tuple[Running, Clock]) -> Iterator[Wire]:
    """A client with a key, at a stand-in that has forgotten everything."""
    with connected(server) as wire:
        yield wire


def test_the_variables_point_at_the_stand_in(wire: Wire) -> None:
    """The environment names the origin and a key."""
    assert wire.server.env == {"TASKFERRY_ACME_BASE_URL": wire.server.base_url, "ACME_KEY": "acme-key"}


def test_a_job_lives_by_the_clock(wire: Wire) -> None:
    """A job is queued, then running, then done, without anything running meanwhile."""
    job_id = wire.created("a fox")

    statuses = []
    for _ in range(3):
        statuses.append(wire.read(job_id).json()["status"])
        wire.clock.now += 15

    assert statuses == ["queued", "running", "succeeded"]


def test_a_lost_reply_leaves_a_job_behind(wire: Wire) -> None:
    """The connection drops before any byte of the reply, and the job exists and is paid."""
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        wire.create("a fox [[lost-reply]]")

    assert [task["prompt"] for task in wire.tasks()] == ["a fox [[lost-reply]]"]
    assert wire.client.get("/balance").json()["usable"] == "90"
    assert wire.requests()[0] | {"at": 0} == {
        "at": 0,
        "method": "POST",
        "path": "/jobs",
        "status": None,
        "kind": "create",
        "task_ids": [wire.tasks()[0]["task_id"]],
    }


def test_a_reply_may_be_lost_once(wire: Wire) -> None:
    """With a count of one, the second create with the same prompt is answered, and makes a second job."""
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        wire.create("a fox [[lost-reply*1]]")

    assert wire.create("a fox [[lost-reply*1]]").status_code == 200
    assert len(wire.tasks()) == 2


def test_a_gateway_page_creates_nothing(wire: Wire) -> None:
    """A create answered by a gateway has an HTML body, and no job."""
    reply = wire.create("a fox [[http:502]]")

    assert (reply.status_code, reply.headers["content-type"]) == (502, "text/html; charset=utf-8")
    assert wire.tasks() == []


def test_an_overloaded_gateway_says_when_to_come_back(wire: Wire) -> None:
    """A 503 carries Retry-After."""
    assert wire.create("a fox [[http:503]]").headers["retry-after"] == "1"


def test_a_refusal_is_in_the_providers_words(wire: Wire) -> None:
    """A refused create is answered by the provider's own error, and makes no job."""
    reply = wire.create("a fox [[refuse:no_funds]]")

    assert (reply.status_code, reply.json()) == (409, {"code": "no_funds"})
    assert wire.tasks() == []


def test_reads_fail_as_often_as_told(wire: Wire) -> None:
    """The first reads of the job fail, then it is read."""
    job_id = wire.created("a fox [[read-http:502*2]]")

    statuses = [wire.read(job_id).status_code for _ in range(3)]

    assert statuses == [502, 502, 200]


def test_a_read_that_fails_below_500_is_the_providers_own(wire: Wire) -> None:
    """A 404 of a read comes from the provider, not from a gateway."""
    job_id = wire.created("a fox [[read-http:404]]")

    assert wire.read(job_id).json() == {"code": "404"}


def test_a_token_written_wrong_is_told(wire: Wire) -> None:
    """A create with a token that makes no sense is turned down with the reason."""
    reply = wire.create("a fox [[queue:soon]]")

    assert reply.status_code == 400
    assert "'soon'" in reply.json()["error"]["message"]


def test_another_accounts_job_is_not_seen(wire: Wire) -> None:
    """A job is visible to its own account only."""
    job_id = wire.created("a fox")

    reply = wire.client.get(f"/jobs/{job_id}", headers={"x-key": "two"})

    assert reply.status_code == 404


def test_a_request_without_a_key_is_turned_down(wire: Wire) -> None:
    """The provider says in its own shape that a key is missing."""
    reply = httpx.get(f"{wire.server.base_url}/balance")

    assert reply.json() == {"problem": "unauthorized"}


def test_a_job_beyond_the_balance_is_turned_down(wire: Wire) -> None:
    """What an account cannot pay is not created."""
    reply = wire.create("a fox", price=101)

    assert reply.json() == {"problem": "funds", "required": "101", "available": "100"}


def test_too_many_jobs_at_once_are_turned_down(wire: Wire) -> None:
    """The third job waits until the first of two has ended, and is told for how long."""
    wire.created("one")
    wire.created("two")

    refused = wire.create("three").json()
    wire.clock.now += 30
    taken = wire.create("three").status_code

    assert refused == {"problem": "concurrency", "retry_after": "30", "limit": "2", "group": "jobs"}
    assert taken == 200


def test_too_many_requests_are_turned_down(wire: Wire) -> None:
    """Past the rate, requests are refused until the window is over; the headers tell."""
    replies = [wire.client.get("/balance") for _ in range(31)]
    wire.clock.now += 60

    assert [reply.status_code for reply in replies] == [200] * 30 + [418]
    assert [reply.headers["x-ratelimit-remaining"] for reply in replies[:2]] == ["29", "28"]
    assert wire.client.get("/balance").status_code == 200


def test_a_file_is_served_whole(wire: Wire) -> None:
    """A finished job's URL gives the file without a key."""
    reply = httpx.get(wire.finished("a fox"))

    assert (reply.content, reply.headers["content-type"]) == (CONTENT, "application/octet-stream")


def test_a_file_is_served_in_part(wire: Wire) -> None:
    """A range is answered as one, so that a download can be resumed."""
    reply = httpx.get(wire.finished("a fox"), headers={"Range": "bytes=150-"})

    assert (reply.status_code, reply.content) == (206, CONTENT[150:])
    assert reply.headers["content-range"] == "bytes 150-199/200"


@pytest.mark.parametrize("change", ["sig=0", "exp=9999999999"])
def test_a_url_that_was_not_signed_here_is_refused(wire: Wire, change: str) -> None:
    """Neither the signature nor the expiry can be changed."""
    url = httpx.URL(wire.finished("a fox")).copy_merge_params(dict([change.split("=")]))

    assert httpx.get(url).status_code == 403


def test_a_url_expires_and_is_signed_anew(wire: Wire) -> None:
    """After its life a URL answers 403; the next look gives a fresh one."""
    job_id = wire.created("a fox")
    wire.clock.now += 30
    url = wire.read(job_id).json()["url"]
    wire.clock.now += 61

    old, new = httpx.get(url), httpx.get(wire.read(job_id).json()["url"])

    assert (old.status_code, new.status_code) == (403, 200)


def test_an_expired_url_can_be_ordered(wire: Wire) -> None:
    """The first download is refused as expired, the second is not."""
    url = wire.finished("a fox [[expired-url*1]]")

    assert [httpx.get(url).status_code for _ in range(2)] == [403, 200]


def test_a_truncated_file_breaks_off(wire: Wire) -> None:
    """The connection drops in the middle of a body whose length was announced."""
    url = wire.finished("a fox [[truncated-file*1]]")

    with pytest.raises(httpx.RemoteProtocolError, match=r"100.*200"):
        httpx.get(url)

    assert httpx.get(url).content == CONTENT


def test_a_short_file_looks_complete(wire: Wire) -> None:
    """Half of the file is served as if it were all of it."""
    assert httpx.get(wire.finished("a fox [[short-file]]")).content == CONTENT[:100]


def test_a_job_without_output_has_no_url(wire: Wire) -> None:
    """A job may succeed and name no file."""
    job_id = wire.created("a fox [[no-output]]")
    wire.clock.now += 30

    assert wire.read(job_id).json() == {"status": "succeeded"}


def test_limits_can_be_switched_off() -> None:
    """Without limits neither the rate nor the concurrency holds; the headers are still sent."""
    with running({"acme": lambda settings: Acme(settings)}, limits=False) as servers, httpx.Client() as client:
        url, headers = servers["acme"].base_url, {"x-key": "one"}
        creates = [client.post(f"{url}/jobs", json={"prompt": "a", "price": 1}, headers=headers) for _ in range(40)]

    assert {reply.status_code for reply in creates} == {200}
    assert creates[-1].headers["x-ratelimit-limit"] == "30"


def test_settings_reach_the_stand_in() -> None:
    """A stand-in is made with the speed and limits that were asked for."""
    seen: list[Settings] = []

    def stand_in(settings: Settings) -> Acme:
        seen.append(settings)
        return Acme(settings)

    with running({"acme": stand_in}, speed=7, limits=False):
        pass

    assert [(settings.speed, settings.limits) for settings in seen] == [(7, False)]
