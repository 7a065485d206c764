"""Jobs from the browser: priced, sent, sent once, watched and cancelled, at a provider's stand-in."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import httpx
import pytest

from acme import PNG
from taskferry.sandbox import Running, running
from web_desk import Desk, desk

SPEED = 100.0
FOX = {"p.prompt": "a small red fox"}


@pytest.fixture(scope="module")
def provider() -> Iterator[Running]:
    """One stand-in for all."""
    with running({"vap": "taskferry_vap.sandbox:stand_in"}, speed=SPEED) as servers:
        yield servers["vap"]


def at(provider: Running, home: Path, **settings: Any) -> AbstractContextManager[Desk]:
    """Serve a gallery at the stand-in."""
    return desk(home, registry=None, environ=dict(provider.env), speed=SPEED, **settings)


@pytest.fixture(scope="module")
def found(provider: Running, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """One gallery for the tests that do not care what others have sent."""
    with at(provider, tmp_path_factory.mktemp("home")) as served:
        yield served


def creates(provider: Running) -> int:
    """Count the billed calls that reached the provider."""
    requests = httpx.get(f"{provider.base_url}/_sandbox/requests").json()["requests"]
    return sum(request["kind"] == "create" for request in requests)


def comes_to(provider: Running, count: int) -> bool:
    """Tell whether so many billed calls reach the provider: one may wait for its turn after its page is there."""
    end = time.monotonic() + 30
    while creates(provider) < count and time.monotonic() < end:
        time.sleep(0.05)
    return creates(provider) == count


def told(desk: Desk, path: str) -> Iterator[Mapping[str, str]]:
    """Yield the events of a stream as they come."""
    with desk.client.stream("GET", path) as stream:
        name = ""
        for line in stream.iter_lines():
            if line.startswith("event: "):
                name = line[7:]
            elif line.startswith("data: "):
                yield {"event": name, "data": line[6:]}


def until(desk: Desk, path: str, words: str) -> str:
    """Listen until something is told, and give it."""
    return next(one["data"] for one in told(desk, path) if words in one["data"])


def text_of(page: str) -> str:
    """Give a page's words."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def test_a_job_is_sent_and_its_picture_is_served(found: Desk) -> None:
    """From the form to the file; the page follows by events."""
    sent = found.post("/new/vap/image", FOX)
    path = sent.headers["location"]

    until(found, f"/events?task={path.rpartition('/')[2]}", '"kept": true')
    page = found.page(path)

    assert sent.status_code == 303
    address = re.search(r'<img src="(/files/[^"]+)"', page)
    assert address is not None
    assert found.get(address[1]).headers["content-type"].startswith("image/")


def test_changes_of_every_task_are_told(found: Desk) -> None:
    """A new one is called new, once."""
    events = told(found, "/events")
    hello = next(events)

    task_id = found.post("/new/vap/image", {"p.prompt": "a hare [[run:300]]"}).headers["location"][7:]
    first = next(one["data"] for one in events if task_id in one["data"])
    second = next(one["data"] for one in events if task_id in one["data"])

    assert hello["event"] == "hello"
    assert '"new": true' in first
    assert '"prompt": "a hare [[run:300]]"' in first
    assert '"new": false' in second
    events.close()


@pytest.mark.parametrize(
    ("fields", "price", "errors"),
    [
        (FOX, "$0.18", set()),
        ({"p.prompt": ""}, None, {""}),
        ({**FOX, "p.aspect_ratio": '"7:1"'}, None, {"aspect_ratio"}),
    ],
    ids=["priced", "incomplete", "invalid"],
)
def test_the_price_is_told_before(found: Desk, fields: dict[str, str], price: str | None, errors: set[str]) -> None:
    """With what is wrong, by field; nothing is sent."""
    quote = found.post("/quote/vap/image", fields).json()

    assert quote["price"] == price
    assert set(quote["errors"]) == errors


def test_the_price_comes_with_what_is_left_of_the_caps(provider: Running, tmp_path: Path) -> None:
    """Also on the form itself, for those without scripts."""
    with at(provider, tmp_path, caps={"day": "1 USD"}) as found:
        quote, form = found.post("/quote/vap/image", FOX).json(), found.page("/new/vap/image")

    assert quote["text"] == "$0.18 (1 USD a day: $1.00 left)"
    assert "1 USD a day: $1.00 left" in form


def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_lost(found: Desk, provider: Running) -> None:
    """The form comes back as it was filled in."""
    before = creates(provider)

    reply = found.post("/new/vap/image", {**FOX, "p.aspect_ratio": '"7:1"', "max_cost": "1 USD"})

    assert reply.status_code == 422
    assert "a small red fox" in reply.text
    assert 'value="1 USD"' in reply.text
    assert re.search(r'id="error-aspect_ratio"[^>]*>[^<]+<', reply.text)
    assert creates(provider) == before


@pytest.mark.parametrize(
    ("fields", "words"),
    [({"max_cost": "0.01 USD"}, "0.01 USD"), ({"max_cost": "cheap"}, "is not an amount")],
)
def test_a_cap_on_the_job_holds(found: Desk, provider: Running, fields: dict[str, str], words: str) -> None:
    """And what is no amount is said to be none."""
    before = creates(provider)

    reply = found.post("/new/vap/image", {**FOX, **fields})

    assert reply.status_code == 422
    assert words in reply.text
    assert creates(provider) == before


def test_a_form_that_is_sent_twice_makes_one_job(found: Desk, provider: Running) -> None:
    """One that was changed after going back makes another."""
    before = creates(provider)

    first = found.post("/new/vap/image", {**FOX, "once": "a-form"})
    again = found.post("/new/vap/image", {**FOX, "once": "a-form"})
    other = found.post("/new/vap/image", {"p.prompt": "a hare", "once": "a-form"})

    assert again.headers["location"] == f"{first.headers['location']}?said=same"
    assert "sent already" in found.page(again.headers["location"])
    assert other.headers["location"] != first.headers["location"]
    assert comes_to(provider, before + 2)


def test_a_job_is_run_again_with_other_parameters(found: Desk) -> None:
    """The form begins with those of the task."""
    path = found.post("/new/vap/image", {**FOX, "p.aspect_ratio": '"16:9"'}).headers["location"]

    form = found.page(f"/new/vap/image?from={path[7:]}")

    assert ">\na small red fox</textarea>" in form
    assert 'value="&#34;16:9&#34;" selected' in form


def test_a_file_is_given_with_the_form(tmp_path: Path) -> None:
    """It is kept in the home, under its own name, and may be used again; the page shows its name alone."""
    form, files = "/new/tripo/image-to-model", {"f.image": ("../my fox.png", PNG, "image/png")}
    tripo = running({"tripo": "taskferry_tripo.sandbox:stand_in"}, speed=SPEED)
    with tripo as servers, at(servers["tripo"], tmp_path) as found:
        path = found.post(form, files=files).headers["location"]
        page, again = found.page(path), found.page(f"{form}?from={path[7:]}")
        address = re.search(r'value="(file:[^"]+)"', again)
        assert address is not None
        known = found.post(form, {"p.image": address[1], "from": path[7:]})

    [given] = tmp_path.glob("uploads/*/*")
    assert (given.name, given.read_bytes()) == ("my-fox.png", PNG)
    assert "my-fox.png" in text_of(page)
    assert str(tmp_path) not in page
    assert known.status_code == 303


def test_a_file_that_nobody_gave_is_not_sent(found: Desk, provider: Running) -> None:
    """Whoever can fill in a form must not be able to read this machine."""
    before = creates(provider)

    reply = found.post("/new/vap/upscale", {"p.image": "file:///etc/hostname"})

    assert reply.status_code == 422
    assert "choose it with the button" in reply.text
    assert creates(provider) == before


def test_a_price_needs_the_names_of_files_alone(found: Desk) -> None:
    """So that a film is not sent with every letter that is typed."""
    quote = found.post("/quote/vap/upscale", {"n.image": "fox.png"}).json()

    assert quote["price"]
    assert quote["errors"] == {}


def test_what_can_be_done_about_a_task_is_done(found: Desk) -> None:
    """Cancelling tells what became of it; looking looks."""
    path = found.post("/new/vap/video", {"p.prompt": "waves [[stuck]]"}).headers["location"]

    looked = found.post(f"{path}/look")
    cancelled = found.post(f"{path}/cancel")

    assert looked.headers["location"] == f"{path}?said=looked"
    assert re.fullmatch(rf"{path}\?said=cancel-\w+", cancelled.headers["location"])
    assert 'id="said"' in found.page(cancelled.headers["location"])
    assert 'id="said"' not in found.page(f"{path}?said=<b>anything</b>")


def test_a_job_whose_process_is_gone_goes_on(provider: Running, tmp_path: Path) -> None:
    """As soon as a gallery is there, without a click: looks cost nothing."""
    with at(provider, tmp_path) as first:
        path = first.post("/new/vap/image", {"p.prompt": "an owl [[run:200]]"}).headers["location"]

    with at(provider, tmp_path) as second:
        done = until(second, f"/events?task={path[7:]}", '"kept": true')

    assert '"status": "succeeded"' in done


def test_a_job_of_another_account_is_left_as_it_is(provider: Running, tmp_path: Path) -> None:
    """Opening the gallery without the key that a job was made with must not stop others from watching it."""
    with at(provider, tmp_path) as first:
        path = first.post("/new/vap/image", {"p.prompt": "a wren [[stuck]]"}).headers["location"]

    with desk(tmp_path, registry=None, environ={}) as second:
        with second.client.stream("GET", "/events") as events:
            assert next(events.iter_lines()) == "retry: 2000"
        page = second.page(path)

    assert 'id="resume"' in page
    assert 'id="problem"' not in page


def test_a_refusal_is_shown_on_the_page_of_its_task(found: Desk) -> None:
    """Nothing was billed, and the page says why."""
    path = found.post("/new/vap/image", {"p.prompt": "a fox [[refuse:INSUFFICIENT_FUNDS]]"}).headers["location"]

    page = found.page(path)

    assert 'data-status="refused"' in page
    assert 'id="problem"' in page


def test_every_operation_has_a_form(found: Desk) -> None:
    """Also filled with its example; the list leads to each."""
    paths = re.findall(r'href="(/new/[^"]+)"', found.page("/new"))

    for path in paths:
        assert 'id="submit"' in found.page(path)
        assert 'id="submit"' in found.page(f"{path}?example")

    assert len(paths) > 20
