"""What pages show of the ledger: the grid and its filters, a task, spend and speed."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from attrs import evolve

from acme import PNG
from ledger_records import a_job, a_record, moved
from taskferry import Cost, Failure, FailureKind, Kind, Status
from taskferry.ledger import open_ledger
from taskferry.ledger.history import Seen
from web_desk import Desk, a_file, desk, filled, kept

EVIL = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
_CARD = re.compile(r'<li class="card" id="task-([0-9a-z]{26})"')


def shown(page: str) -> list[str]:
    """List the tasks of a grid."""
    return _CARD.findall(page)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with seven tasks of different kinds."""
    folder = tmp_path_factory.mktemp("home")
    image = a_file(folder / "files", "image.png", PNG, "image/png")
    film = a_file(folder / "files", "film.mp4", b"film", "video/mp4", Kind.VIDEO)
    song = a_file(folder / "files", "song.mp3", b"song", "audio/mpeg", Kind.AUDIO)
    boat = a_file(folder / "files", "boat.glb", b"glTF", "model/gltf-binary", Kind.MODEL)
    failure = Failure.of(FailureKind.PROVIDER, EVIL, suggestion=EVIL)
    parked = {"status": Status.RUNNING, "finished_at": None, "progress": 0.25, "parked": "no news for 2 h"}
    filled(
        folder,
        {"prompt": "a small red fox", "artifacts": (image,)},
        {"prompt": "waves", "artifacts": (film, image)},
        {"prompt": "a waltz", "artifacts": (song,)},
        {"prompt": "a boat", "artifacts": (boat,)},
        {"prompt": EVIL, "status": Status.FAILED, "provider_status": EVIL, "failure": failure},
        {"prompt": "parked", **parked},
        {"prompt": "a hare", "cost": Cost(actual=Decimal("0.18"), unit="USD")},
    )
    return folder


@pytest.fixture(scope="module")
def pages(home: Path) -> Iterator[Desk]:
    """One gallery for all; no test changes what it shows."""
    with desk(home) as found:
        yield found


def test_the_grid_shows_previews_of_every_kind(pages: Desk) -> None:
    """With the browser's own elements, or what scripts draw from."""
    page = pages.page("/")

    assert len(shown(page)) == 7
    assert re.search(r'<img src="/files/\w+/image\?v=[0-9a-f]{12}" alt="a small red fox" loading="lazy"', page)
    assert re.search(r'<video src="/files/\w+/film\?v=[0-9a-f]{12}" poster="/files/\w+/image', page)
    assert re.search(r'<canvas class="waveform" data-audio="/files/\w+/song', page)
    assert re.search(r'class="model" data-model="/files/\w+/boat', page)
    assert re.search(r"<progress[^>]* value=\"0.2500\"", page)
    assert "$0.18" in page


def test_markup_of_others_is_shown_as_text(pages: Desk) -> None:
    """In the grid, on the page and in the fragments."""
    [task_id] = shown(pages.page("/?text=alert"))

    for path in ("/", f"/tasks/{task_id}", f"/tasks/{task_id}/card", f"/tasks/{task_id}/part"):
        page = pages.page(path)
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert "alert(1)" in page


@pytest.mark.parametrize(
    ("query", "prompts"),
    [
        ("text=FOX", ["a small red fox"]),
        ("kind=video", ["waves"]),
        ("status=running", ["parked"]),
        ("status=running&status=failed&text=park", ["parked"]),
        ("provider=acme&text=hare", ["a hare"]),
        ("provider=none", []),
        ("since=1h", []),
        ("since=nonsense&status=nonsense&kind=nonsense&text=waltz", ["a waltz"]),
    ],
)
def test_filters_narrow_the_grid(pages: Desk, query: str, prompts: list[str]) -> None:
    """One that is none of ours is left out."""
    page = pages.page(f"/?{query}")

    assert re.findall(r'<p class="prompt">([^<]*)</p>', page) == prompts
    assert ("No task fits" in page) is not bool(prompts)


def test_older_tasks_are_on_the_next_page(tmp_path: Path) -> None:
    """Each task on one page, in order, the filters kept."""
    with open_ledger(tmp_path) as ledger:
        ids = [kept(ledger, 1000.0 + number, prompt=f"fox {number}").id for number in range(60)]

    with desk(tmp_path) as found:
        first = found.page("/?text=fox")
        older = re.search(r'href="([^"]+)"[^>]*>Older|rel="next" href="([^"]+)"', first)
        assert older is not None
        second = found.page((older[1] or older[2]).replace("&amp;", "&"))

    assert shown(first) + shown(second) == ids[::-1]
    assert 'data-page-first="true"' in first
    assert 'data-page-first="false"' in second
    assert "Older" not in second


def test_a_page_that_begins_after_no_task_is_not_found(pages: Desk) -> None:
    """As after an import was undone."""
    assert "There is no task" in pages.page("/?before=nothing", status=404)


def test_a_task_shows_all_that_is_known(tmp_path: Path) -> None:
    """Steps, parameters, cost, polls, and replies without what opens files."""
    raw = json.dumps({"url": "https://cdn.example/1.png?X-Sig=very-secret", "state": "done"}).encode()
    image = a_file(tmp_path / "files", "image.png", PNG, "image/png")
    with open_ledger(tmp_path) as ledger:
        record = ledger.add(a_record(1000.0, job=a_job(max_cost="1 USD")))
        record = ledger.save(moved(record, Status.RUNNING, provider_status="working", started_at=1002.0), note="noted")
        done = moved(
            record,
            Status.SUCCEEDED,
            submitted_at=1001.0,
            finished_at=1032.0,
            raw=raw,
            artifacts=(image,),
            cost=Cost(estimated=Decimal("0.20"), actual=Decimal("0.18"), unit="USD"),
        )
        ledger.save(done, seen=Seen(looks=7, late=2.5))

    with desk(tmp_path) as found:
        page = found.page(f"/tasks/{record.id}")

    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))
    for words in ("a small red fox", "working", "noted", "$0.18", "0.20 USD", "1 USD", "at most 2.5 s late", "30 s"):
        assert words in text, words
    assert re.search(r"Polls\s+7", text)
    assert "https://cdn.example/1.png?…" in page
    assert "very-secret" not in page
    assert str(tmp_path) not in page
    assert f'href="/new/acme/image?from={record.id}"' in page


def test_a_failure_comes_with_what_to_do(tmp_path: Path) -> None:
    """In the provider's words, and ours."""
    failure = Failure.of(FailureKind.MODERATED, "Too much blood.", suggestion="Paint it green.")
    [record] = filled(tmp_path, {"status": Status.MODERATED, "failure": failure})

    with desk(tmp_path) as found:
        page = found.page(f"/tasks/{record.id}")

    assert "Too much blood." in page
    assert "Paint it green." in page
    assert 'id="cancel"' not in page


def test_an_unconfirmed_task_shows_its_evidence_and_offers_nothing(tmp_path: Path) -> None:
    """Deciding is left to `taskferry reconcile`; the rivals for a job that is found are named."""
    lost = {"status": Status.UNCONFIRMED, "finished_at": None, "submitted_at": None}
    one, other = filled(tmp_path, lost, {**lost, "prompt": "its rival"})

    with desk(tmp_path) as found:
        page = found.page(f"/tasks/{one.id}")

    assert f"taskferry reconcile {one.id}" in page
    assert f'href="/tasks/{other.id}"' in page
    assert 'id="cancel"' not in page
    assert 'id="resume"' not in page


def test_a_task_of_another_live_process_is_only_shown(tmp_path: Path) -> None:
    """With its last state; what can be done is done there."""
    with open_ledger(tmp_path) as other:
        record = other.save(moved(other.add(a_record(1000.0)), Status.RUNNING, progress=0.5, submitted_at=1000.0))

        with desk(tmp_path) as found:
            page = found.page(f"/tasks/{record.id}")
            refused = found.post(f"/tasks/{record.id}/cancel", headers={"accept": "application/json"})

    assert 'value="0.5000"' in page
    assert "has this task in hand" in page
    assert 'id="cancel"' not in page
    assert refused.status_code == 409
    assert "Another process" in refused.json()["error"]


def test_what_is_not_there_is_said_so(pages: Desk) -> None:
    """As a page, and as JSON for a program."""
    assert "There is no task" in pages.page("/tasks/nothing", status=404)
    assert "There is no such page" in pages.page("/nothing", status=404)
    assert "Did you mean" in pages.page("/new/acme/imag", status=404)
    assert "There is no task" in pages.get("/tasks/nothing", accept="application/json").json()["error"]


def test_spend_is_drawn_and_listed_beside_the_caps(tmp_path: Path) -> None:
    """In each unit; the same as JSON, with every digit."""
    now = time.time()
    cost = Cost(estimated=Decimal("0.1800"), unit="USD")
    with open_ledger(tmp_path) as ledger:
        record = ledger.add(a_record(now, cost=cost))
        paid = evolve(cost, actual=Decimal("0.1800"))
        ledger.save(moved(record, Status.SUCCEEDED, cost=paid, finished_at=now))

    with desk(tmp_path, caps={"day": "20 USD"}) as found:
        page, lines = found.page("/spend"), found.get("/spend.json").json()["lines"]

    assert "20 USD a day" in page
    assert "acme: 0.18 USD" in page
    assert [(line["actual"], line["made"]) for line in lines] == [("0.1800", {})]


def test_speed_shows_durations_and_lateness(tmp_path: Path) -> None:
    """By provider and operation, drawn and as figures."""
    with open_ledger(tmp_path) as ledger:
        for seconds in (10.0, 20.0, 30.0):
            record = ledger.add(a_record(1000.0 + seconds))
            done = moved(record, Status.SUCCEEDED, submitted_at=1000.0, started_at=1002.0, finished_at=1000.0 + seconds)
            ledger.save(done, seen=Seen(looks=4, late=seconds / 10))

    with desk(tmp_path) as found:
        page, speed = found.page("/speed"), found.get("/speed.json").json()

    [operation] = speed["operations"]
    assert operation == {
        "name": "acme/image", "tasks": 3, "queued": 2.0, "median": 20.0, "slow": 30.0, "late": 2.0, "late_slow": 3.0,
        "looks": 4.0,
    }  # fmt: skip
    assert page.count("<svg") == 2
    assert "20.0 s" in page


def test_an_empty_home_says_what_to_do(tmp_path: Path) -> None:
    """On every page."""
    with desk(tmp_path) as found:
        assert "taskferry demo" in found.page("/")
        assert "Nothing was spent" in found.page("/spend")
        assert "No task has succeeded" in found.page("/speed")
        assert "acme/image" in found.page("/providers")
