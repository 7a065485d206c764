"""A stand-in whose jobs end when they were told to, and which notes when each client first sees it.

Run as `python -m benchmarks.looks.lives.server`: it prints its port. It speaks each client's own
dialect of the same jobs.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from benchmarks.looks.http_session import serve


@dataclass
class Life:
    """One job."""

    client: str
    kind: str
    ends: float
    """On this process's monotonic clock."""
    polls: int = 0
    """Status reads up to and with the first that showed the end."""
    late: float | None = None
    """Seconds from the end to that read."""

    def look(self) -> bool:
        """Count a status read, and tell whether the job has ended."""
        now = time.monotonic()
        if self.late is None:
            self.polls += 1
            if now >= self.ends:
                self.late = now - self.ends
        return self.late is not None


def _plain(task_id: str, ended: bool) -> dict[str, Any]:
    return {"id": task_id, "status": "done" if ended else "running"}


def _envelope(task_id: str, ended: bool) -> dict[str, Any]:
    word = "success" if ended else "running"
    return {"code": 0, "data": {"task_id": task_id, "type": "text_to_model", "status": word, "output": {}}}


def _queue(task_id: str, ended: bool) -> dict[str, Any]:
    return {"status": "COMPLETED" if ended else "IN_PROGRESS", "request_id": task_id, "logs": None}


DIALECTS: dict[str, Callable[[str, bool], dict[str, Any]]] = {
    "jobs": _plain,
    "v3": _envelope,
    "queue": _queue,
}
"""By the first part of the path, how a status read is answered."""


class Lives:
    """All jobs of one run."""

    def __init__(self) -> None:
        self._lives: dict[str, Life] = {}
        self._numbers = itertools.count(1)

    def answer(self, method: str, path: str, body: bytes) -> bytes:
        """Answer one request."""
        if method == "POST":
            return json.dumps(_plain(self._begun(**json.loads(body)), ended=False)).encode()
        if path == "/report":
            return json.dumps([vars(life) for life in self._lives.values()]).encode()
        parts = path.partition("?")[0].strip("/").split("/")
        task_id = next(part for part in parts if part in self._lives)
        if parts[-1] == "result":
            return b"{}"
        return json.dumps(DIALECTS[parts[0]](task_id, self._lives[task_id].look())).encode()

    def _begun(self, *, client: str, kind: str, seconds: float) -> str:
        task_id = f"life-{next(self._numbers)}"
        self._lives[task_id] = Life(client=client, kind=kind, ends=time.monotonic() + seconds)
        return task_id


if __name__ == "__main__":
    asyncio.run(serve(Lives().answer))
