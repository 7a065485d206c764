"""A provider that costs next to nothing and keeps its own records: `python -m chaos.cluster.server` prints its port.

How its jobs end is set while it runs, by `POST /_settings`.
"""

from __future__ import annotations

import asyncio
import json
import math
import re
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nRetry-After: %.2f\r\nContent-Length: %d\r\n\r\n%b"


@dataclass
class Settings:
    """What may be changed at any moment."""

    seconds: float = math.inf
    """How long a job takes that is made from now on."""
    looks: float = math.inf
    """The look that shows a job ended, whenever it comes."""
    pause: float = 0.5
    """What Retry-After asks for, at least."""
    reads_per_second: float = math.inf
    """Retry-After asks for so long that all jobs together are read so often."""
    latency: float = 0.0
    """Seconds between the making of a job and the reply that tells of it."""
    word: str = "done"
    """What a job is when its time is over."""
    noted: bool = True
    """Whether requests are kept one by one."""


@dataclass(slots=True)
class Job:
    """One job, as the provider knows it."""

    prompt: str
    created_at: float
    ends_at: float
    looks: int = 0
    state: str = "working"
    finished_at: float | None = None

    def settle(self, now: float, settings: Settings) -> None:
        """End it if its time is over."""
        if self.finished_at is None and (now >= self.ends_at or self.looks >= settings.looks):
            self.end(min(now, self.ends_at), settings.word)

    def end(self, now: float, state: str) -> None:
        """End it."""
        self.state, self.finished_at = state, now


class Field:
    """All jobs, and every request for them."""

    def __init__(self) -> None:
        self.settings = Settings()
        self._jobs: dict[str, Job] = {}
        self._requests: list[tuple[float, str, str, tuple[str, ...]]] = []
        self._reads = 0

    def answer(self, method: str, path: str, body: bytes) -> tuple[bytes, float]:
        """Answer one request; give the body and the seconds after which it is sent."""
        now, parts = time.time(), path.strip("/").split("/")
        if parts[0].startswith("_"):
            return json.dumps(self._told("/".join(parts), json.loads(body or b"{}"))).encode(), 0.0
        if path == "/jobs":
            job_id = f"job-{len(self._jobs):08}"
            self._jobs[job_id] = Job(json.loads(body)["prompt"], now, now + self.settings.seconds)
            self._note(now, method, path, (job_id,))
            return b'{"id":"%b"}' % job_id.encode(), self.settings.latency
        if path == "/jobs/list":
            ids = tuple(json.loads(body)["ids"])
            self._note(now, method, path, ids)
            return json.dumps({"states": [self._look(job_id, now) for job_id in ids]}).encode(), 0.0
        self._note(now, method, path, (parts[1],))
        if method == "POST":
            self._jobs[parts[1]].end(now, "stopped")
        return b'{"state":"%b"}' % self._look(parts[1], now).encode(), 0.0

    @property
    def pause(self) -> float:
        """Give what Retry-After asks for."""
        return max(self.settings.pause, len(self._jobs) / self.settings.reads_per_second)

    def _look(self, job_id: str, now: float) -> str:
        self._reads += 1
        job = self._jobs[job_id]
        job.looks += 1
        job.settle(now, self.settings)
        return job.state

    def _note(self, at: float, method: str, path: str, ids: tuple[str, ...]) -> None:
        if self.settings.noted:
            self._requests.append((at, method, path, ids))

    def _told(self, about: str, given: dict[str, Any]) -> Any:
        match about:
            case "_settings":
                self._set(**given)
                return {}
            case "_counts":
                now = time.time()
                for job in self._jobs.values():
                    job.settle(now, self.settings)
                ended = sum(job.finished_at is not None for job in self._jobs.values())
                return {"created": len(self._jobs), "ended": ended, "reads": self._reads}
            case "_sandbox/tasks":
                return {"tasks": list(self._tasks())}
            case "_sandbox/requests":
                return {"requests": list(map(_shown, self._requests))}
        raise AssertionError(about)

    def _set(self, *, end_in: float | None = None, **changed: Any) -> None:
        """Change settings, None for without end; `end_in` has those end that run now, spread over so many seconds."""
        for name, value in changed.items():
            setattr(self.settings, name, math.inf if value is None else value)
        if end_in is not None:
            now = time.time()
            going = [job for job in self._jobs.values() if job.finished_at is None]
            for number, job in enumerate(going, 1):
                job.ends_at = min(job.ends_at, now + end_in * number / len(going))

    def _tasks(self) -> Iterator[dict[str, Any]]:
        now = time.time()
        for job_id, job in self._jobs.items():
            job.settle(now, self.settings)
            yield {
                "task_id": job_id,
                "type": "image",
                "status": job.state,
                "prompt": job.prompt,
                "created_at": job.created_at,
                "finished_at": job.finished_at,
                "looks": job.looks,
            }


def _shown(request: tuple[float, str, str, Iterable[str]]) -> dict[str, Any]:
    at, method, path, ids = request
    kind = "create" if path == "/jobs" else "read" if method == "GET" or path == "/jobs/list" else "other"
    return {"at": at, "method": method, "path": path, "status": 200, "kind": kind, "task_ids": list(ids)}


class Session(asyncio.Protocol):
    """One connection of a client, which asks for one thing at a time."""

    def __init__(self, field: Field) -> None:
        self._field = field
        self._buffer = b""
        self._write: Callable[[bytes], None] = bytes

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._write = transport.write

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, found, rest = self._buffer.partition(b"\r\n\r\n")
        told = _LENGTH.search(head)
        length = int(told[1]) if told else 0
        if not found or len(rest) < length:
            return
        self._buffer = rest[length:]
        method, path, _ = head.split(b" ", 2)
        body, latency = self._field.answer(method.decode(), path.decode(), rest[:length])
        reply = _HEAD % (self._field.pause, len(body), body)
        if latency:
            asyncio.get_running_loop().call_later(latency, self._write, reply)
        else:
            self._write(reply)


async def serve() -> None:
    """Listen on a free loopback port, print it, and answer until the process is ended."""
    server = await asyncio.get_running_loop().create_server(partial(Session, Field()), "127.0.0.1", 0, backlog=4096)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve())
