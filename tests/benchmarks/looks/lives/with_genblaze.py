"""genblaze-core 0.3.8, with its own `ainvoke`, on the three methods that it asks of a provider."""

from __future__ import annotations

import json
import urllib.request
from typing import Any

from genblaze_core.models.step import Step
from genblaze_core.providers.base import BaseProvider

from benchmarks.looks.lives.waiting import wait_each


class LivesProvider(BaseProvider):
    """The stand-in as a provider."""

    name = "bench"

    def __init__(self, port: int) -> None:
        super().__init__()
        self._address = f"http://127.0.0.1:{port}/jobs"

    def submit(self, step: Step, config: Any = None) -> str:
        return str(step.params["id"])

    def poll(self, prediction_id: Any, config: Any = None) -> bool:
        with urllib.request.urlopen(f"{self._address}/{prediction_id}") as reply:
            return bool(json.load(reply)["status"] == "done")

    def fetch_output(self, prediction_id: Any, step: Step) -> Step:
        return step


async def wait_for_all(port: int) -> None:
    """Wait with the package's own loop; the job was begun before, so its submit gives the id."""
    provider = LivesProvider(port)

    async def wait(task_id: str) -> object:
        return await provider.ainvoke(Step(provider="bench", model="bench", params={"id": task_id}))

    await wait_each(port, "genblaze", wait)
