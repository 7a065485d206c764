"""`python -m chaos.soak_hours TASKS HOME [A_MINUTE]`: hours of many tasks on a clock that jumps."""

from __future__ import annotations

import asyncio
import collections
import gc
import json
import logging
import math
import random
import sys
import time
from array import array
from collections.abc import Coroutine, Mapping
from pathlib import Path
from typing import Any, TypeAlias

import acme
from chaos.audit import broken_files
from chaos.gauge import Reading, growth, lines, open_kinds, reading
from chaos.traffic import Traffic
from taskferry import Ferry, Status, TaskferryError
from taskferry.ledger import Record
from taskferry.testing import VirtualClock
from taskferry.transport import Transport
from taskferry.transport.clients import KEPT_ALIVE
from taskferry.transport.wire import CALLS_AT_ONCE

A_MINUTE = 100
"""Tasks that are submitted together, once a virtual minute; 10,000 take an hour and 40 minutes."""
EVERY = 60.0
"""Virtual seconds between batches of submits."""
PATIENCE = 3600.0
"""Virtual seconds after the last submit in which everything has to have ended."""
_RESOLUTION = 1.0
"""Virtual seconds from one moment of the clock to the next: some looks leave together, as they do in real life."""
_QUIET = 0.001
"""Real seconds of quiet before it jumps; it is told what is on the wire, and waits for that however long it takes."""
_NEWEST = 1000
"""Rows that are asked for missing files before the soak ends; the end looks at all."""
_LOOKS_AT_MOST = 250
"""At one task, of which the longest run thirty times as long as their kind usually does."""
_LOOKS_AT_ONCE = Transport().lane.at_once
_SOCKETS = 2 * (_LOOKS_AT_ONCE + CALLS_AT_ONCE + KEPT_ALIVE) + 3
"""Open at most: both ends of every connection, the one that listens, and the event loop's own pair."""
_CLOSED_WITHIN = 10.0
"""Real seconds until the server's ends have heard that the client's are closed."""
_ENDS = {
    "done": Status.SUCCEEDED,
    "error": Status.FAILED,
    "nsfw": Status.MODERATED,
    "stopped": Status.CANCELLED,
}
_BODIES: Mapping[int, bytes] = {502: b"<h1>Bad gateway</h1>", 429: b"{}", 500: b'{"state": '}
Answer: TypeAlias = tuple[int, bytes]


class Provider:
    """Answers as Acme does, on the same clock; a job's number says all about it, so that nothing is kept of it."""

    def __init__(self, clock: VirtualClock, tasks: int) -> None:
        self._clock = clock
        self._chance = random.Random(1)
        self.made = array("B", bytes(tasks))
        """Creates by number."""
        self.looks = array("H", bytes(2 * tasks))
        """Reads by number."""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one connection."""
        try:
            while head := (await reader.readuntil(b"\r\n\r\n")).decode():
                method, path, _ = head.split(" ", 2)
                told = head.lower().partition("content-length:")[2]
                body = await reader.readexactly(int(told.split()[0]) if told else 0)
                status, content = self.answer(method, path, body)
                kind = "image/png" if path.startswith("/files") else "application/json"
                wait = "Retry-After: 5\r\n" if status == 429 else ""
                writer.write(f"HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\n{wait}".encode())
                writer.write(b"Content-Length: %d\r\n\r\n%b" % (len(content), content))
        except (asyncio.IncompleteReadError, asyncio.CancelledError):  # the client is gone, or the soak is over
            writer.close()

    def answer(self, method: str, path: str, body: bytes) -> Answer:
        """Give status and body; a few reads go wrong in every way that a gateway knows."""
        if path.startswith("/files"):
            return 200, acme.PNG
        if path == "/jobs":
            number = int(json.loads(body)["prompt"].split()[1])
            self.made[number] += 1
            return 200, _json(id=f"{number}-{self._clock.monotonic():.0f}", cost="0.20")
        if path.endswith("/stop"):
            return 200, _json(outcome="too_late")
        number, created = (int(part) for part in path.rpartition("/")[2].split("-"))
        self.looks[number] += 1
        if self._chance.random() < 0.03:
            status = self._chance.choice(tuple(_BODIES))
            return status, _BODIES[status]
        return 200, _json(**shown(number, self._clock.monotonic() - created))


def _json(**body: object) -> bytes:
    return json.dumps(body).encode()


def shown(number: int, age: float) -> dict[str, Any]:
    """Say how a job stands at an age: it waits, works, now and then in a new word, and ends."""
    queue, run, end = life(number)
    if age < queue:
        return {"state": "waiting"}
    if age < queue + run:
        share = (age - queue) / run
        word = "polishing" if number % 40 == 0 and share > 0.5 else "working"
        return {"state": word} | ({"percent": round(100 * share)} if number % 2 else {})
    return {"state": end, "images": ["/files/1.png"] if end == "done" else []}


def life(number: int) -> tuple[float, float, str]:
    """Give seconds in the queue, seconds of work, and the last word."""
    chance = random.Random(number)
    run = min(600.0, math.exp(chance.gauss(math.log(40), 0.8)))
    return chance.uniform(0, 20), run, chance.choices(tuple(_ENDS), (90, 5, 3, 2))[0]


class Soak:
    """A ferry, its many users and what they saw."""

    def __init__(self, ferry: Ferry, clock: VirtualClock, provider: Provider) -> None:
        self.ferry = ferry
        self.clock = clock
        self.provider = provider
        self.told: collections.Counter[str] = collections.Counter()
        self._users: set[asyncio.Task[None]] = set()

    async def go(self, tasks: int, a_minute: int) -> list[Reading]:
        """Submit all, a batch at a time, and wait for the end of each; read what the process holds at each quarter."""
        readings, quarter = list[Reading](), 1
        batch = min(a_minute, tasks // 4)
        for first in range(0, tasks, batch):
            await asyncio.gather(*(self._submit(number) for number in range(first, min(tasks, first + batch))))
            await self.clock.wait(asyncio.Event(), EVERY)
            if first + batch >= quarter * tasks / 4:
                readings.append(_read(quarter / 4, first + batch))
                quarter += 1
        end = self.clock.monotonic() + PATIENCE
        while self.clock.monotonic() < end and await self._unfinished():
            await self.clock.wait(asyncio.Event(), EVERY)
        await asyncio.gather(*self._users)
        return [*readings, _read(1.0, tasks)]

    async def _unfinished(self) -> bool:
        unkept = any(not row.snapshot.kept for row in await self.ferry.recent(_NEWEST, statuses={Status.SUCCEEDED}))
        return unkept or bool(await self.ferry.engine.call(self.ferry.ledger.unfinished))

    async def _submit(self, number: int) -> None:
        task = await self.ferry.submit("acme/image", prompt=f"fox {number}")
        match number % 10:
            case 0:
                self._do(task.wait(timeout=3600))
            case 1:
                self._do(task.wait(timeout=30))
            case 2:
                self._do(task.cancel())
            case 3:
                self._do(self._follow(task.id))

    async def _follow(self, task_id: str) -> None:
        async for snapshot in (await self.ferry.task(task_id)).updates():
            self.told[snapshot.status] += 1

    def _do(self, wish: Coroutine[Any, Any, object]) -> None:
        async def done() -> None:
            try:
                await wish
            except TaskferryError as error:
                self.told[type(error).__name__] += 1

        user = asyncio.create_task(done())
        self._users.add(user)
        user.add_done_callback(self._users.discard)


async def soak(tasks: int, home: Path, a_minute: int = A_MINUTE) -> list[str]:
    """Soak and compare; print the figures and give what is wrong."""
    began, before, traffic = time.monotonic(), _sockets(), Traffic()
    async with VirtualClock(idle=_QUIET, resolution=_RESOLUTION) as clock:
        clock.notice(traffic.busy)
        provider = Provider(clock, tasks)
        with traffic.counted():
            readings, rows, told = await _soaked(tasks, home, a_minute, clock, provider)
        hours = clock.monotonic() / 3600
    left = await _sockets_over(before)
    looks = sorted(provider.looks)
    counts = collections.Counter(row.snapshot.status.value for row in rows)
    print(f"{hours:.1f} virtual hours in {time.monotonic() - began:.0f} s, {time.process_time():.0f} s of them busy")
    print("ends:", dict(counts), "users:", {str(word): count for word, count in told.items()})
    often_looked = f"mean {sum(looks) / tasks:.1f}, 99 of 100 within {looks[tasks * 99 // 100]}, most {looks[-1]}"
    print(f"looks of a task: {often_looked}; requests under way: at most {traffic.most}")
    doubled = [f"made {count} times: {number}" for number, count in enumerate(provider.made) if count != 1]
    often = [f"{looks[-1]} looks at one task"] if looks[-1] > _LOOKS_AT_MOST else []
    grown = growth(readings[:-1], megabytes=12, objects=0.1, descriptors=8, sockets=_SOCKETS)
    return _wrong(rows, tasks) + broken_files(rows, home) + doubled + often + grown + left


async def _soaked(
    tasks: int, home: Path, a_minute: int, clock: VirtualClock, provider: Provider
) -> tuple[list[Reading], list[Record], Mapping[str, int]]:
    """Give what was read, all rows, and what users were told, and let go of everything else."""
    server = await asyncio.start_server(provider.serve, "127.0.0.1", 0)
    address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server, acme.ferry(home, clock=clock, base_urls={"acme": address}) as ferry:
        made = Soak(ferry, clock, provider)
        return await made.go(tasks, a_minute), await ferry.recent(tasks + 1), made.told


def _read(at: float, tasks: int) -> Reading:
    found = reading(at, tasks)
    print(*lines([found]), flush=True)
    return found


def _sockets() -> int:
    return list(open_kinds()).count("socket")


async def _sockets_over(before: int) -> list[str]:
    """Say how many sockets are open that no pool has any more; the last ones take a moment to be closed."""
    end = time.monotonic() + _CLOSED_WITHIN
    gc.collect()
    while _sockets() > before and time.monotonic() < end:
        await asyncio.sleep(0.02)
    left = _sockets() - before
    return [f"{left} sockets are open after everything was closed and let go"] if left > 0 else []


def _wrong(rows: list[Record], tasks: int) -> list[str]:
    """Name what has not ended as the provider had it end, or whose file is missing."""
    found = [f"{len(rows)} rows for {tasks} tasks"] if len(rows) != tasks else []
    for row in rows:
        snapshot, end = row.snapshot, _ENDS[life(int(str(row.job.prompt).split()[1]))[2]]
        if snapshot.status is not end or (snapshot.status.ok and not snapshot.kept):
            found.append(f"{row.id} {row.job.prompt}: {snapshot.status}, not {end}: {snapshot.parked}")
    return found


if __name__ == "__main__":
    logging.getLogger("taskferry").setLevel(logging.CRITICAL)  # the faults are wanted, and so are their warnings
    wrong = asyncio.run(soak(int(sys.argv[1]), Path(sys.argv[2]), *map(int, sys.argv[3:4])))
    print(*(f"PROBLEM {problem}" for problem in wrong), sep="\n")
    sys.exit(1 if wrong else 0)
