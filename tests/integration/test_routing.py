"""`any/video` at three providers on the wire: who is chosen, who comes next, and what is kept of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import respx
from hypothesis import given, settings
from hypothesis import strategies as st

import orchard
from taskferry import FerryTask, InvalidParameters, NoProviderFits, Status, UsageError
from taskferry.document import task_document
from taskferry.sync import Ferry as SyncFerry
from taskferry.testing import VirtualClock

NO_MONEY = httpx.Response(402, json={"error": "no money"})
TURNED_DOWN = httpx.Response(400, json={"error": "prompt not allowed"})
LOST = httpx.ReadError("gone")


@pytest.fixture
async def clock() -> AsyncIterator[VirtualClock]:
    async with VirtualClock() as made:
        yield made


ASKED: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "cheapest": ({}, {}, "apple cherry berry"),
    "fastest": ({"policy": "fastest"}, {}, "cherry berry apple"),
    "preferred": ({"prefer": ["cherry"]}, {}, "cherry apple"),
    "a length that only one has": ({"duration": 8}, {}, "berry"),
    "a cap": ({"max_cost": "1.2 USD"}, {}, "apple"),
    "a cap of the day": ({}, {"caps": {"day": "1.2 USD"}}, "apple"),
    "no key": ({}, {"without": "apple"}, "cherry"),
}


@pytest.mark.parametrize(("asked", "settings", "expected"), ASKED.values(), ids=ASKED.keys())
async def test_the_best_of_those_that_fit_is_chosen(
    tmp_path: Path, clock: VirtualClock, asked: dict[str, Any], settings: dict[str, Any], expected: str
) -> None:
    """Nothing is sent for that; who cannot do it is there with the reason."""
    rates: dict[str, Any] = {"rates": {"berry": {"credits": "0.10 USD"}}}

    async with orchard.ferry(tmp_path, clock=clock, **rates, **settings) as ferry:
        route = await ferry.route("any/video", prompt="waves", **asked)

    providers = [row.provider for row in route.fitting]
    assert " ".join(providers).startswith(expected)
    assert sorted(row.operation for row in route.rows) == ["apple/video", "berry/text-to-video", "cherry/video"]
    assert all(row.excluded for row in route.rows if row.rank is None)


async def test_nobody_fits_names_each_reason(tmp_path: Path, clock: VirtualClock) -> None:
    """Which requirement excluded which provider."""
    async with orchard.ferry(tmp_path, clock=clock, without="cherry") as ferry:
        with pytest.raises(NoProviderFits) as error:
            await ferry.submit("any/video", prompt="waves", duration=10, max_cost="0.50 USD")

    reasons = str(error.value)
    assert "apple/video: apple/video costs 1 USD, more than the cap of 0.5 USD" in reasons
    assert "berry/text-to-video: duration: 10 is not one of" in reasons
    assert "cherry/video: No key for cherry: set CHERRY_KEY." in reasons


def test_a_ferry_without_await_says_it_too(tmp_path: Path) -> None:
    """The same, by the same words."""
    with SyncFerry(home=tmp_path, registry=orchard.registry(), environ=orchard.KEYS) as ferry:
        route = ferry.route("any/video", prompt="waves", policy="fastest")

    assert route.chosen.operation == "cherry/video"


async def test_wrong_calls_are_told_before_anything_else(tmp_path: Path, clock: VirtualClock) -> None:
    """A word that nobody knows, and a choice where there is none."""
    async with orchard.ferry(tmp_path, clock=clock) as ferry:
        with pytest.raises(InvalidParameters, match="Did you mean duration"):
            await ferry.submit("any/video", prompt="waves", duraton=5)
        with pytest.raises(UsageError, match="names its provider"):
            await ferry.submit("apple/video", prompt="waves", policy="fastest")
        with pytest.raises(UsageError, match="route"):
            ferry.quote("any/video", prompt="waves")


@respx.mock(using="taskferry", assert_all_called=False)
async def test_what_past_jobs_took_and_how_they_ended_counts(tmp_path: Path, clock: VirtualClock, respx_mock) -> None:
    """Three jobs are enough to know better than the provider does."""
    orchard.answer(respx_mock)

    async with orchard.ferry(tmp_path, clock=clock) as ferry:
        for number in range(3):
            await (await ferry.submit("apple/video", prompt=f"wave {number}")).wait()
        respx_mock.get(url__startswith=f"{orchard.BASES['cherry']}/jobs/").respond(json={"state": "error"})
        for number in range(3):
            await (await ferry.submit("cherry/video", prompt=f"wave {number}")).wait()
        route = await ferry.route("any/video", prompt="waves", policy="fastest")

    rows = {row.provider: row for row in route.rows}
    assert (rows["apple"].learned, rows["apple"].succeeded) == (True, 3)
    assert (rows["cherry"].learned, rows["cherry"].failed) == (False, 3)
    assert [row.provider for row in route.fitting][-1] == "cherry"


@respx.mock(using="taskferry", assert_all_called=False)
async def test_the_next_is_asked_only_after_a_refusal(tmp_path: Path, clock: VirtualClock, respx_mock) -> None:
    """What was asked, how it was chosen and who refused is kept with the task."""
    creates = orchard.answer(respx_mock, apple=NO_MONEY)

    async with orchard.ferry(tmp_path, clock=clock) as ferry:
        task = await ferry.submit("any/video", prompt="waves", prefer=["apple"])
        await task.wait()
        kept = task_document((await ferry.task(task.id)).record)
        (refused,) = await ferry.recent(statuses=[Status.REFUSED])

    assert (task.snapshot.operation, task.snapshot.status) == ("berry/text-to-video", Status.SUCCEEDED)
    assert kept["choice"] == {"asked": "any/video", "policy": "prefer apple; cheapest", "tried": [refused.id]}
    assert {name: create.call_count for name, create in creates.items()} == {"apple": 1, "berry": 1, "cherry": 0}


@pytest.mark.parametrize(
    ("reply", "status"),
    [(LOST, Status.UNCONFIRMED), (TURNED_DOWN, Status.REFUSED), (httpx.Response(502), Status.UNCONFIRMED)],
)
@respx.mock(using="taskferry", assert_all_called=False)
async def test_nobody_else_is_asked_where_a_job_may_exist_or_the_prompt_was_turned_down(
    tmp_path: Path, clock: VirtualClock, reply: Any, status: Status, respx_mock
) -> None:
    """The task that there is comes back."""
    creates = orchard.answer(respx_mock, apple=reply)

    async with orchard.ferry(tmp_path, clock=clock) as ferry:
        task = await ferry.submit("any/video", prompt="waves")

    assert task.snapshot.status is status
    assert sum(create.call_count for create in creates.values()) == 1


@respx.mock(using="taskferry", assert_all_called=False)
async def test_when_all_refuse_the_last_refusal_is_given(tmp_path: Path, clock: VirtualClock, respx_mock) -> None:
    """Each was asked once."""
    creates = orchard.answer(respx_mock, apple=NO_MONEY, berry=NO_MONEY, cherry=NO_MONEY)

    async with orchard.ferry(tmp_path, clock=clock) as ferry:
        task = await ferry.submit("any/video", prompt="waves", idempotency_key="k")
        again = await ferry.submit("any/video", prompt="waves", idempotency_key="k")

    assert (task.snapshot.status, task.snapshot.provider) == (Status.REFUSED, "cherry")
    assert (again.id, again.duplicate) == (task.id, True)
    assert [create.call_count for create in creates.values()] == [1, 1, 1]


@respx.mock(using="taskferry", assert_all_called=False)
async def test_the_same_asked_again_is_the_same_task_though_another_would_be_chosen_now(
    tmp_path: Path, clock: VirtualClock, respx_mock
) -> None:
    """Within minutes without a key, and for ever with one; even where nobody fits any more."""
    creates = orchard.answer(respx_mock)

    async with orchard.ferry(tmp_path, clock=clock, caps={"day": "2.5 USD"}) as ferry:
        first = await ferry.submit("any/video", prompt="waves", prefer=["cherry"])
        second = await ferry.submit("any/video", prompt="waves", policy="cheapest")

    assert (second.id, second.duplicate) == (first.id, True)
    assert sum(create.call_count for create in creates.values()) == 1


ANSWERS = st.sampled_from(["accepts", "refuses", "turns down", "loses the reply", "is down"])
REPLIES: dict[str, httpx.Response | Exception | None] = {
    "accepts": None,
    "refuses": NO_MONEY,
    "turns down": TURNED_DOWN,
    "loses the reply": LOST,
    "is down": httpx.ConnectError("down"),
}
MAY_EXIST = {"accepts", "loses the reply"}
"""After these the provider may have a job, and bill it."""


@settings(max_examples=25, deadline=None)
@given(
    answers=st.fixed_dictionaries(dict.fromkeys(orchard.BASES, ANSWERS)),
    asked=st.lists(
        st.fixed_dictionaries(
            {"policy": st.sampled_from([None, "fastest"]), "prefer": st.sampled_from([(), ("cherry",), ("berry",)])}
        ),
        min_size=1,
        max_size=4,
    ),
    key=st.sampled_from([None, "k"]),
    together=st.booleans(),
)
def test_no_path_makes_a_second_job(
    tmp_path_factory: pytest.TempPathFactory,
    answers: dict[str, str],
    asked: list[dict[str, Any]],
    key: str | None,
    together: bool,
) -> None:
    """Whatever the providers answer, however often and in whichever way the same is asked for."""
    home = tmp_path_factory.mktemp("home")

    async def ask() -> tuple[list[FerryTask], int]:
        with respx.mock(using="taskferry", assert_all_called=False) as mock:
            creates = orchard.answer(mock, **{name: REPLIES[answer] for name, answer in answers.items()})
            async with VirtualClock() as clock, orchard.ferry(home, clock=clock) as ferry:
                asking = [ferry.submit("any/video", prompt="waves", idempotency_key=key, **how) for how in asked]
                tasks = await asyncio.gather(*asking) if together else [await one for one in asking]
            made = sum(create.call_count for name, create in creates.items() if answers[name] in MAY_EXIST)
            return list(tasks), made

    tasks, made = asyncio.run(ask())

    assert made <= 1
    assert all(task.snapshot.status is not Status.SUBMITTING for task in tasks)
