"""Fixtures for the tests of programs that use taskferry: `pytest_plugins = ["taskferry.testing.fixtures"]`.

Nothing is started, and no stand-in is imported, before a test asks for it. None needs a plugin for async tests.

PYTEST_DONT_REWRITE: it has no assert, and a test that imports it beforehand must not be warned of that.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from taskferry.errors import UsageError
from taskferry.ferry import Ferry
from taskferry.registry import Registry
from taskferry.sync import Ferry as SyncFerry
from taskferry.testing.clock import VirtualClock

if TYPE_CHECKING:
    from taskferry.sandbox import Running


@pytest.fixture(scope="session")
def stand_in_speed() -> float:
    """Say how many times as fast as the real services the stand-ins are; override it in conftest.py."""
    return 50.0


@pytest.fixture(scope="session")
def stand_in_names() -> tuple[str, ...]:
    """Name the providers whose stand-ins run: every installed one that brings one; override it in conftest.py."""
    return tuple(name for name, provider in Registry().providers.items() if provider.stand_in)


@pytest.fixture(scope="session")
def stand_ins(stand_in_names: tuple[str, ...], stand_in_speed: float) -> Iterator[Mapping[str, Running]]:
    """Run the stand-ins on loopback for the whole session; give them by provider name."""
    from taskferry.sandbox import running  # brings in the extra `sandbox`, which other fixtures do without

    with ExitStack() as stack:
        yield stack.enter_context(running(stand_in_paths(stand_in_names, Registry()), speed=stand_in_speed))


def stand_in_paths(names: Sequence[str], registry: Registry) -> dict[str, str]:
    """Give the import path of each provider's stand-in; raise UsageError for one that brings none."""
    paths = {name: registry.provider(name).stand_in for name in names}
    found = {name: path for name, path in paths.items() if path is not None}
    if found.keys() != paths.keys() or not found:
        without = ", ".join(paths.keys() - found.keys()) or "any provider that is installed"
        raise UsageError(f"No stand-in comes with {without}.")
    return found


@pytest.fixture
def fresh_stand_ins(stand_ins: Mapping[str, Running]) -> Mapping[str, Running]:
    """Give the stand-ins with no task, request or fault of an earlier test in them."""
    for server in stand_ins.values():
        httpx.post(f"{server.base_url}/_sandbox/reset", trust_env=False).raise_for_status()
    return stand_ins


@pytest.fixture
def stand_in(fresh_stand_ins: Mapping[str, Running]) -> Callable[[str], Running]:
    """Give the stand-in of a provider by name, for what a test wants to know of it or to have go wrong.

    Its `base_url` answers `/_sandbox/tasks`, `/_sandbox/requests` and `/_sandbox/faults`.
    """
    return fresh_stand_ins.__getitem__


@pytest.fixture
def stand_in_environ(fresh_stand_ins: Mapping[str, Running], tmp_path: Path) -> dict[str, str]:
    """Give the variables that lead to the stand-ins and to an empty home."""
    found = {"TASKFERRY_HOME": str(tmp_path / "taskferry-home")}
    for server in fresh_stand_ins.values():
        found.update(server.env)
    return found


@pytest.fixture
def ferry_settings(stand_in_environ: Mapping[str, str], stand_in_speed: float) -> dict[str, Any]:
    """Give what a ferry at the stand-ins is made with: `async with Ferry(**ferry_settings) as ferry`."""
    return {"environ": stand_in_environ, "speed": stand_in_speed}


@pytest.fixture
def ferry(ferry_settings: Mapping[str, Any]) -> Iterator[SyncFerry]:
    """Give an open `taskferry.sync.Ferry` at the stand-ins, with an empty ledger."""
    with SyncFerry(**ferry_settings) as opened:
        yield opened


@pytest.fixture
def at_stand_ins(
    stand_in_environ: Mapping[str, str], stand_in_speed: float, monkeypatch: pytest.MonkeyPatch
) -> Mapping[str, str]:
    """Lead every ferry that the program under test makes to the stand-ins, and give the variables that do.

    They are set in `os.environ`, so processes that the test starts have them, too; all others of taskferry's are unset.
    """
    for name in [name for name in os.environ if name.startswith("TASKFERRY_")]:
        monkeypatch.delenv(name)
    for name, value in stand_in_environ.items():
        monkeypatch.setenv(name, value)
    # A speed is no setting of a program's own, so it becomes the default of every ferry that this process makes.
    defaults = {**(Ferry.__init__.__kwdefaults__ or {}), "speed": stand_in_speed}
    monkeypatch.setattr(Ferry.__init__, "__kwdefaults__", defaults)
    return stand_in_environ


@pytest.fixture
def virtual_clock() -> VirtualClock:
    """Give a clock that jumps: `async with virtual_clock, Ferry(clock=virtual_clock, ...) as ferry`."""
    return VirtualClock()
