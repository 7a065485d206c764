"""Real runs of agents in each framework, their models scripted, at a provider's stand-in."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from frameworks.desk import FRAMEWORKS, REASON, SPEED, creates, driver, in_a_process_of_its_own, is_here
from frameworks.plays import generate, step_by_step, stuck, twice, wrong
from integration.card_stand_ins import UNHURRIED, DrawnOnce, ferry_for
from taskferry import Ferry, Status
from taskferry.sandbox import Running, running
from taskferry.tools import Toolbox

pytestmark = [
    pytest.mark.frameworks,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # frameworks warn of each other's doings
    pytest.mark.filterwarnings("ignore::UserWarning"),
]
every_framework = pytest.mark.parametrize(
    "framework",
    [pytest.param(name, marks=pytest.mark.skipif(not is_here(name), reason=REASON)) for name in FRAMEWORKS],
)


@pytest.fixture(scope="module")
def servers() -> Iterator[Running]:
    """A provider that is much faster than the real one."""
    with running({"vap": "taskferry_vap.sandbox:stand_in"}, speed=SPEED) as found:
        yield found["vap"]


@pytest.fixture
def provider(servers: Running, monkeypatch: pytest.MonkeyPatch) -> Running:
    """One that has forgotten everything, and the environment that leads to it."""
    httpx.post(f"{servers.base_url}/_sandbox/reset").raise_for_status()
    for name, value in servers.env.items():
        monkeypatch.setenv(name, value)
    return servers


@pytest.fixture
async def ferry(provider: Running, tmp_path: Path) -> AsyncIterator[Ferry]:
    """A ferry with an empty home."""
    async with Ferry(home=tmp_path / "home", speed=SPEED) as opened:
        yield opened


@every_framework
async def test_a_run_submits_waits_and_downloads(
    framework: str, ferry: Ferry, provider: Running, tmp_path: Path
) -> None:
    """The file lies where the model wanted it, and one job was paid."""
    toolbox = Toolbox(ferry, working=tmp_path)

    said = await driver(framework).run(toolbox, step_by_step, [])

    (path,) = [path for path in (tmp_path / "out").rglob("*") if path.is_file()]
    assert path.stat().st_size > 1000
    assert said.startswith("succeeded: ")
    assert str(path) in said
    assert creates(provider.base_url) == 1


@every_framework
@pytest.mark.parametrize("play", ["long_job", "generate"])
def test_a_run_stops_while_a_job_is_made_and_goes_on_in_another_process(
    framework: str, play: str, provider: Running, tmp_path: Path
) -> None:
    """By the framework's own means; one creation at the provider."""
    tokens = in_a_process_of_its_own(framework, "start", play, tmp_path, provider.env)
    said = in_a_process_of_its_own(framework, "resume", play, tmp_path, provider.env)

    assert len(tokens) == 1
    assert said.startswith("succeeded: ")
    assert creates(provider.base_url) == 1
    assert len([path for path in (tmp_path / "home/files").rglob("*") if path.is_file()]) == 1


@every_framework
async def test_progress_is_told_in_the_frameworks_own_way(framework: str, ferry: Ferry, tmp_path: Path) -> None:
    """Up to the end."""
    events: list[Any] = []

    await driver(framework).run(Toolbox(ferry, working=tmp_path), generate, events)

    assert "running" in events
    assert events[-1] == "succeeded"


@every_framework
async def test_wrong_arguments_are_named_and_nothing_is_spent(
    framework: str, ferry: Ferry, provider: Running, tmp_path: Path
) -> None:
    """The model reads which parameter is meant, and the run goes on."""
    said = await driver(framework).run(Toolbox(ferry, working=tmp_path), wrong, [])

    assert said.startswith("error: ")
    assert "promt" in said
    assert creates(provider.base_url) == 0


@every_framework
async def test_asking_for_the_same_thing_again_is_one_job(
    framework: str, ferry: Ferry, provider: Running, tmp_path: Path
) -> None:
    """Two calls of their own, the same arguments."""
    said = await driver(framework).run(Toolbox(ferry, working=tmp_path), twice, [])

    assert said.startswith("succeeded: ")
    assert creates(provider.base_url) == 1


@every_framework
@pytest.mark.parametrize("policy", ["detach", "cancel"])
async def test_cancelling_a_run_does_with_the_job_what_was_said(framework: str, policy: Any, tmp_path: Path) -> None:
    """The job goes on unless it was to be cancelled, too."""
    if framework == "smolagents":
        pytest.skip("smolagents has no way to cancel a call that is being carried out")
    events: list[Any] = []
    with running({card.name: partial(DrawnOnce, card) for card in UNHURRIED}, speed=SPEED) as servers:
        async with ferry_for(servers, tmp_path / "home", *UNHURRIED, speed=SPEED) as ferry:
            toolbox = Toolbox(ferry, working=tmp_path, on_cancel=policy)
            run = asyncio.create_task(driver(framework).run(toolbox, stuck, events))
            while "running" not in events:
                await asyncio.sleep(0.02)

            run.cancel()
            with pytest.raises(asyncio.CancelledError):
                await run

            (record,) = await ferry.recent(1)
            task = await ferry.resume(record.id)
            await task.wait(0.5 if policy == "detach" else 30)
    assert task.snapshot.status is (Status.RUNNING if policy == "detach" else Status.CANCELLED)
