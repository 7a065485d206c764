"""A keyboard for the tests of the command line: runs commands at a provider's stand-in, in a home of its own."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from taskferry.cli import opening
from taskferry.cli.start import main
from taskferry.clock import SystemClock
from taskferry.sandbox import Running

SPEED = 50.0


class HastyClock(SystemClock):
    """Time in which every pause is as much shorter as the provider is faster."""

    def monotonic(self) -> float:
        """Give seconds as they pass at the provider."""
        return super().monotonic() * SPEED

    async def wait(self, event: asyncio.Event, seconds: float | None) -> bool:
        """Wait for so many of the provider's seconds."""
        return await super().wait(event, None if seconds is None else seconds / SPEED)


class Keyboard:
    """Runs commands in a home and a working folder of their own."""

    def __init__(self, provider: Running, folder: Path, capture: pytest.CaptureFixture[str]) -> None:
        self.provider = provider
        self.folder = folder
        self._capture = capture

    def __call__(self, *arguments: str, code: int = 0) -> tuple[str, str]:
        """Run a command, check its exit code, give stdout and stderr."""
        self._capture.readouterr()
        found = main(arguments)
        out, err = self._capture.readouterr()
        assert found == code, f"{arguments}: {found}\n{out}\n{err}"
        return out, err

    def json(self, *arguments: str, code: int = 0) -> Any:
        """Run a command with --json and give the one document on stdout."""
        out, _ = self(*arguments, "--json", code=code)
        return json.loads(out)

    def creates(self) -> int:
        """Count the billed calls that reached the provider."""
        requests = httpx.get(f"{self.provider.base_url}/_sandbox/requests").json()["requests"]
        return sum(request["kind"] == "create" for request in requests)


def set_up(provider: Running, folder: Path, patch: pytest.MonkeyPatch, capture: pytest.CaptureFixture[str]) -> Keyboard:
    """Give a keyboard with an empty home, at a provider that has forgotten everything."""
    httpx.post(f"{provider.base_url}/_sandbox/reset").raise_for_status()
    for name in ("VAPE_API_KEY", "TRIPO_API_KEY"):
        patch.delenv(name, raising=False)
    for name, value in {**provider.env, "TASKFERRY_HOME": str(folder / "home")}.items():
        patch.setenv(name, value)
    patch.setitem(opening.SETTINGS, "clock", HastyClock())
    patch.chdir(folder)
    return Keyboard(provider, folder, capture)
