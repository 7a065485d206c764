"""The fixtures that `taskferry.testing` has for programs that use taskferry, used as such a program's tests do."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import httpx
import pytest

from taskferry import Ferry, Registry, UsageError
from taskferry.sandbox import Running
from taskferry.sync import Ferry as SyncFerry
from taskferry.testing import VirtualClock
from taskferry.testing.fixtures import stand_in_paths

pytest_plugins = ["pytester", "taskferry.testing.fixtures"]


@pytest.fixture(scope="session")
def stand_in_names() -> tuple[str, ...]:
    """One stand-in is enough here."""
    return ("vap",)


def creates(server: Running) -> int:
    """Count the billed calls that reached a stand-in."""
    requests = httpx.get(f"{server.base_url}/_sandbox/requests").json()["requests"]
    return sum(request["kind"] == "create" for request in requests)


@pytest.mark.parametrize("time", ["first", "second"])
def test_a_ferry_makes_its_jobs_at_a_stand_in_that_nobody_has_used(
    ferry: SyncFerry, stand_in: Callable[[str], Running], tmp_path: Path, time: str
) -> None:
    """Each test has a ledger, files and requests of its own."""
    task = ferry.submit("vap/image", prompt="a poster")

    (image,) = task.save(tmp_path / "out")

    assert image.path is not None
    assert image.path.is_file()
    assert (task.duplicate, creates(stand_in("vap"))) == (False, 1)


def test_what_goes_wrong_at_a_provider_can_be_asked_for(ferry: SyncFerry, stand_in: Callable[[str], Running]) -> None:
    """By the stand-in's own address."""
    server = stand_in("vap")
    httpx.post(f"{server.base_url}/_sandbox/faults", json={"fault": "lost-reply", "count": 1}).raise_for_status()

    task = ferry.submit("vap/image", prompt="a poster")

    assert task.snapshot.status == "unconfirmed"


async def test_an_async_program_takes_the_settings(ferry_settings: Mapping[str, Any]) -> None:
    """In whatever loop its tests run."""
    async with Ferry(**ferry_settings) as ferry:
        outcome = await (await ferry.submit("vap/image", prompt="a poster")).wait(30)

    assert outcome.snapshot.status.ok


async def test_the_clock_jumps_over_hours(virtual_clock: VirtualClock) -> None:
    """As soon as everybody waits."""
    async with virtual_clock:
        await virtual_clock.wait(asyncio.Event(), 7200)

    assert virtual_clock.monotonic() == 7200


def test_a_ferry_that_the_program_makes_itself_is_led_there(at_stand_ins: Mapping[str, str]) -> None:
    """Also in a process that it starts."""
    code = "from taskferry import Ferry; print(Ferry().home)"

    home = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()

    assert home == str(Ferry().home) == at_stand_ins["TASKFERRY_HOME"]
    assert os.environ["TASKFERRY_VAP_BASE_URL"].startswith("http://127.0.0.1:")
    assert (Ferry.__init__.__kwdefaults__ or {})["speed"] == 50


def test_nothing_of_it_is_left_afterwards() -> None:
    """The next ferry is an ordinary one."""
    assert (Ferry.__init__.__kwdefaults__ or {})["speed"] == 1


def test_a_project_outside_needs_one_line(pytester: pytest.Pytester) -> None:
    """In its conftest.py; strict settings are fine with it, and so is the lack of a plugin for async tests."""
    pytester.makeconftest(
        """
        import pytest

        pytest_plugins = ["taskferry.testing.fixtures"]

        @pytest.fixture(scope="session")
        def stand_in_names():
            return ("vap",)
        """
    )
    pytester.makepyfile(
        """
        def test_poster(ferry):
            assert ferry.submit("vap/image", prompt="a poster").wait(30).snapshot.status.ok
        """
    )

    result = pytester.runpytest_subprocess("-q", "--strict-config", "-W", "error", "-p", "no:asyncio", "-p", "no:xdist")

    result.assert_outcomes(passed=1)


def test_a_provider_without_a_stand_in_is_named() -> None:
    """Rather than left out in silence."""
    with pytest.raises(UsageError, match="any provider that is installed"):
        stand_in_paths([], Registry(disabled="*"))


def test_who_does_not_ask_for_them_pays_nothing() -> None:
    """No entry point has every pytest of this machine import taskferry, and the fixtures alone bring in no server."""
    code = "import sys, taskferry.testing.fixtures; print(*{'starlette', 'PIL', 'av', 'uvicorn'} & sys.modules.keys())"

    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()

    assert [point.name for point in entry_points(group="pytest11") if point.value.startswith("taskferry")] == []
    assert loaded == []
