"""What a run of an agent needs: stand-ins, a home of its own, and a driver for its framework."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

import httpx

from frameworks.plays import Play
from taskferry.tools import Toolbox

SPEED = 50.0
TESTS = Path(__file__).parents[1]
FRAMEWORKS = {
    "langgraph": "taskferry_langchain",
    "pydantic_ai": "taskferry_pydantic_ai",
    "agents": "taskferry_openai_agents",
    "smolagents": "taskferry_smolagents",
    "google.adk": "taskferry_google_adk",
}
"""Each framework by its module, with our package for it; drivers are named after its last part."""
REASON = "agent frameworks are not here: `make frameworks` brings them into an environment of their own"


class Driver(Protocol):
    """Runs an agent of one framework with a scripted model."""

    async def run(self, toolbox: Toolbox, play: Play, events: list[Any]) -> str:
        """Run to the end and give the last words; what the framework tells of progress goes into `events`."""
        ...

    async def start(self, toolbox: Toolbox, play: Play, folder: Path) -> list[str]:
        """Run until the agent is stopped by a job, keep its state in the folder, give the tokens."""
        ...

    async def resume(self, toolbox: Toolbox, play: Play, folder: Path) -> str:
        """Go on from the state in the folder; give the last words."""
        ...

    def script(self, names: dict[str, Any], play: Play) -> Any:
        """Put a scripted model into an example's names; give it where the example takes it as an argument."""
        ...

    async def schemas(self, toolbox: Toolbox) -> Mapping[str, Mapping[str, Any]]:
        """Give `description` and `parameters` of each tool as the framework hands them to a model."""
        ...


def is_here(framework: str) -> bool:
    """Tell whether a framework is installed."""
    return find_spec(framework.partition(".")[0]) is not None


def driver(framework: str) -> Driver:
    """Give the driver of a framework."""
    found: Driver = import_module(f"frameworks.{framework.rpartition('.')[2]}_driver").DRIVER
    return found


def creates(base_url: str) -> int:
    """Count the billed calls that reached a provider."""
    requests = httpx.get(f"{base_url}/_sandbox/requests").json()["requests"]
    return sum(request["kind"] == "create" for request in requests)


def in_a_process_of_its_own(framework: str, part: str, play: str, folder: Path, env: Mapping[str, str]) -> Any:
    """Run one part of a run, `start` or `resume`, and give what it printed."""
    done = subprocess.run(
        [sys.executable, "-m", "frameworks.child", framework, part, play, str(folder)],
        env={**os.environ, **env, "PYTHONPATH": str(TESTS)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])
