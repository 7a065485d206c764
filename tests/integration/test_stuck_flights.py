"""No task is ever stuck: what breaks in one task's look or turn is that task's alone, told, and tried again."""

from __future__ import annotations

import asyncio
import itertools
import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
import respx

import broken_acme
from broken_acme import BASE, MISTAKES, MISTAKES_OF_LISTS
from taskferry import Ferry, FerryTask, Finished, StillRunning
from taskferry.errors import LedgerBusy
from taskferry.ledger import Ledger
from taskferry.status import Status
from taskferry.testing import VirtualClock

PROVIDERS = ["lonely", "together"]
MISTAKEN = [
    *((mistake, "lonely") for mistake in MISTAKES if mistake not in MISTAKES_OF_LISTS),
    *((mistake, "together") for mistake in [MISTAKES[0], *MISTAKES_OF_LISTS]),
    *(
        pytest.param(mistake, "together", marks=pytest.mark.slow)
        for mistake in MISTAKES[1:]
        if mistake not in MISTAKES_OF_LISTS
    ),
]
BAD = "bad"
ROW = "its row cannot be used"


@pytest.fixture
async def clock():
    async with VirtualClock(idle=0.01) as made:
        yield made


class Provider:
    """Makes every job at the same moment, and names a mistake in each reply that shows the bad one."""

    def __init__(self, mock: respx.MockRouter) -> None:
        self.mistake: str | None = None
        self.word = "working"
        self.status = 200
        self.on_look: Callable[[], object] = lambda: None
        numbers = itertools.count()

        def created(request: httpx.Request) -> httpx.Response:
            prompt = json.loads(request.content)["prompt"]
            return httpx.Response(200, json={"id": prompt if prompt.startswith((BAD, "no")) else str(next(numbers))})

        self.create = mock.post(f"{BASE}/jobs").mock(side_effect=created)
        self.many = mock.post(f"{BASE}/jobs/list").mock(side_effect=self._listed)
        self.one = mock.get(url__startswith=f"{BASE}/jobs/").mock(side_effect=self._shown)

    def _listed(self, request: httpx.Request) -> httpx.Response:
        ids = json.loads(request.content)["ids"]
        return self._answered(ids, {"jobs": dict.fromkeys(ids, self.word)})

    def _shown(self, request: httpx.Request) -> httpx.Response:
        return self._answered([request.url.path.rsplit("/", 1)[1]], {"state": self.word})

    def _answered(self, ids: list[str], shown: dict[str, Any]) -> httpx.Response:
        self.on_look()
        document = {**shown, "mistake": self.mistake} if BAD in ids else shown
        return httpx.Response(self.status, json=document, headers={"retry-after": "30"} if self.status == 429 else {})


@pytest.fixture
def provider():
    with respx.mock(using="taskferry", assert_all_called=False) as mock:
        yield Provider(mock)


class Failing:
    """A method of the ledger that raises an error, as often as asked for, and then works."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, method: str, error: Exception) -> None:
        self.times = 0
        self.skipped = 0
        self.raised = 0
        work = getattr(Ledger, method)

        def failing(ledger: Ledger, *args: Any, **kwargs: Any) -> Any:
            if self.skipped > 0:
                self.skipped -= 1
            elif self.times > 0:
                self.times -= 1
                self.raised += 1
                raise error
            return work(ledger, *args, **kwargs)

        monkeypatch.setattr(Ledger, method, failing)


async def submitted(ferry: Ferry, name: str, *prompts: str) -> list[FerryTask]:
    return [await ferry.submit(f"{name}/image", prompt=prompt) for prompt in prompts]


async def passed(clock: VirtualClock, seconds: float) -> None:
    await clock.wait(asyncio.Event(), seconds)


async def ended(ferry: Ferry, clock: VirtualClock, count: int) -> bool:
    """Wait, without a handle on any task, until so many have succeeded and nothing is in flight any more."""
    for _ in range(60):
        done = await ferry.recent(statuses=[Status.SUCCEEDED])
        if len(done) == count and not any(ferry.engine.poller.flight(row.id) for row in done):
            return True
        await passed(clock, 10)
    return False


@pytest.mark.parametrize(("mistake", "name"), MISTAKEN)
async def test_a_mistake_of_an_adapter_is_one_task_s_own(
    tmp_path: Path,
    clock: VirtualClock,
    provider: Provider,
    caplog: pytest.LogCaptureFixture,
    mistake: str,
    name: str,
) -> None:
    """The account's other tasks end; the bad one says what is wrong, and ends once that is mended."""
    async with broken_acme.ferry(tmp_path, clock=clock) as ferry:
        bad, *good = await submitted(ferry, name, BAD, "a fox", "a hen", "a dog")
        await passed(clock, 5)
        provider.mistake, provider.word = mistake, "done"
        outcomes = await asyncio.gather(*(task.wait() for task in good))
        told = await bad.wait(timeout=600)
        problem, logged = bad.snapshot.parked or bad.look_problem, caplog.text
        provider.mistake = None
        again = await (await ferry.resume(bad.id)).wait()

    assert all(isinstance(outcome, Finished) and outcome.snapshot.kept for outcome in outcomes)
    assert isinstance(again, Finished)
    assert isinstance(told, Finished) or (problem and bad.id in logged)


@pytest.mark.parametrize("name", PROVIDERS)
async def test_an_adapter_s_method_that_raises_at_once_stops_nobody_else(
    tmp_path: Path, clock: VirtualClock, provider: Provider, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    """It is no generator, so nothing was asked of the provider; the task is parked and says why."""
    async with broken_acme.ferry(tmp_path, clock=clock) as ferry:
        bad, *good = await submitted(ferry, name, "no generator", "a fox", "a hen", "a dog")
        provider.word = "done"
        outcomes = await asyncio.gather(*(task.wait() for task in good))
        told = await bad.wait(timeout=3600)

    assert all(isinstance(outcome, Finished) and outcome.snapshot.kept for outcome in outcomes)
    assert isinstance(told, StillRunning)
    assert "TypeError: no generator" in (bad.snapshot.parked or "")
    assert bad.id in caplog.text


@pytest.mark.parametrize("error", [LedgerBusy("busy"), RuntimeError("odd")], ids=["LedgerError", "unforeseen"])
@pytest.mark.parametrize("name", PROVIDERS)
@pytest.mark.parametrize("moment", ["turn", "look", "failed look"])
async def test_a_row_that_cannot_be_read_for_a_moment_is_read_again(
    tmp_path: Path,
    clock: VirtualClock,
    provider: Provider,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    moment: str,
    name: str,
    error: Exception,
) -> None:
    """Whenever it was needed: the task ends, or is parked if the error is none of the ledger's; the others end."""
    async with broken_acme.ferry(tmp_path, clock=clock) as ferry:
        ids = [task.id for task in await submitted(ferry, name, BAD, "a fox", "a hen")]
    reading = Failing(monkeypatch, "get", error)

    def fail_once() -> None:
        provider.on_look, reading.times = lambda: None, 1

    if moment == "turn":
        reading.skipped, reading.times = len(ids), 1  # driving reads each row once, before its first turn
    async with broken_acme.ferry(tmp_path, clock=clock) as ferry:
        await ferry.drive_all()
        await passed(clock, 5)
        if moment != "turn":
            provider.on_look = fail_once
        provider.mistake = "KeyError" if moment == "failed look" else None
        provider.word = "done"
        await passed(clock, 30)
        provider.mistake = None
        foreseen = isinstance(error, LedgerBusy)
        all_ended = await ended(ferry, clock, len(ids) if foreseen else len(ids) - 1)
        parked = [row.snapshot.parked for row in await ferry.recent() if row.snapshot.parked]

    assert all_ended
    assert reading.raised == 1
    assert parked == [] if foreseen else ["RuntimeError: odd" in reason for reason in parked] == [True]
    messages = [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]
    if foreseen:
        assert len([text for text in messages if ROW in text and any(task_id in text for task_id in ids)]) == 1
    else:
        assert any(task_id in text for text in messages for task_id in ids)


@pytest.mark.parametrize("name", PROVIDERS)
@pytest.mark.parametrize(("moment", "held"), [("turn", False), ("look", False), ("look", True)])
async def test_a_task_whose_row_is_gone_is_forgotten(
    tmp_path: Path,
    clock: VirtualClock,
    provider: Provider,
    caplog: pytest.LogCaptureFixture,
    moment: str,
    held: bool,
    name: str,
) -> None:
    """There is nothing to park; whoever waits for it is told at once, and all others go on and end."""
    async with broken_acme.ferry(tmp_path, clock=clock) as ferry:
        tasks = await submitted(ferry, name, BAD, "a fox", "a hen")
        gone = tasks[0].id
        await passed(clock, 5)
        kept = tasks[0] if held else None
        tasks.clear()
        with sqlite3.connect(tmp_path / "ledger.sqlite3") as connection:
            connection.execute("DELETE FROM tasks WHERE id = ?", (gone,))
        connection.close()
        provider.word = "done"
        if moment == "turn":
            flight = ferry.engine.poller.flight(gone)
            flight.plain = False
            ferry.engine.poller.attend(flight)
        outcome = None if kept is None else await kept.wait(timeout=600)
        all_ended = await ended(ferry, clock, 2)
        forgotten = ferry.engine.poller.flight(gone) is None

    assert (all_ended, forgotten) == (True, True)
    assert outcome is None or isinstance(outcome, StillRunning)
    assert len([line for line in caplog.messages if gone in line and "its row is gone" in line]) == 1


@pytest.mark.parametrize("name", PROVIDERS)
async def test_a_task_that_cannot_even_be_parked_is_tried_again(
    tmp_path: Path, clock: VirtualClock, provider: Provider, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """The first thing that goes wrong is the adapter's, the next two the ledger's; then its row says it."""
    async with broken_acme.ferry(tmp_path, clock=clock) as ferry:
        bad, *good = await submitted(ferry, name, BAD, "a fox", "a hen")
        await passed(clock, 5)
        writing = Failing(monkeypatch, "save", RuntimeError("odd"))
        provider.mistake, writing.times = "a word that is no text", 2
        told = await bad.wait(timeout=600)
        provider.word = "done"
        outcomes = await asyncio.gather(*(task.wait() for task in good))

    assert writing.raised == 2
    assert isinstance(told, StillRunning)
    assert "provider_status" in (bad.snapshot.look_problem or bad.snapshot.parked or "")
    assert all(isinstance(outcome, Finished) for outcome in outcomes)


async def test_a_task_that_was_taken_over_while_it_was_to_be_parked_is_followed(
    tmp_path: Path, clock: VirtualClock, provider: Provider
) -> None:
    """Its new holder has the word; once that one is gone, the task goes on here."""
    provider.mistake = "a word that is no text"

    def mend() -> None:
        provider.mistake, provider.word = None, "done"

    def take_over() -> None:
        provider.on_look = mend
        with sqlite3.connect(tmp_path / "ledger.sqlite3") as connection:
            connection.execute("UPDATE tasks SET holder = 'somebody', version = version + 1")
        connection.close()

    provider.on_look = take_over
    async with broken_acme.ferry(tmp_path, clock=clock) as ferry:
        [bad] = await submitted(ferry, "lonely", BAD)
        outcome = await bad.wait()

    assert isinstance(outcome, Finished)
    assert outcome.snapshot.parked is None


async def test_a_row_that_cannot_say_why_it_waits_keeps_no_other_task_waiting(
    tmp_path: Path,
    clock: VirtualClock,
    provider: Provider,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """An account is told to wait, and one of its tasks' rows cannot be written then; all of them end."""
    async with broken_acme.ferry(tmp_path, clock=clock) as ferry:
        tasks = await submitted(ferry, "lonely", "a fox", "a hen", "a dog", "a cow")
        await passed(clock, 5)
        writing = Failing(monkeypatch, "save", RuntimeError("odd"))
        provider.status, writing.times = 429, 1
        await passed(clock, 60)
        provider.status, provider.word = 200, "done"
        outcomes = await asyncio.gather(*(task.wait() for task in tasks))

    assert writing.raised == 1
    assert all(isinstance(outcome, Finished) for outcome in outcomes)
    assert any(
        "RuntimeError: odd" in line and line.startswith(tuple(task.id for task in tasks)) for line in caplog.messages
    )


async def test_a_task_that_cannot_be_given_up_still_ends_for_whoever_waits(
    tmp_path: Path, clock: VirtualClock, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the ledger raises: giving it up for other processes is tried again later."""
    releasing = Failing(monkeypatch, "release", RuntimeError("odd"))
    releasing.times = 1
    provider.word = "done"

    async with broken_acme.ferry(tmp_path, clock=clock) as ferry:
        [task] = await submitted(ferry, "lonely", "a fox")
        outcome = await task.wait()
        await passed(clock, 30)
        holder = ferry.ledger.get(task.id).holder

    assert isinstance(outcome, Finished)
    assert (releasing.raised, holder) == (1, None)
