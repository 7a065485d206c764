"""`python -m chaos.member SOCKET`: forks a process with a ferry for whoever connects, and does what it is told."""

from __future__ import annotations

import asyncio
import json
import os
import resource
import signal
import socket
import sys
from collections.abc import Mapping
from typing import Any, TextIO

from chaos.nursery import warm
from chaos.script import SPEED
from chaos.seams import Board, Seams
from chaos.strikes import WrongClock, allow_room, strike
from taskferry import Ferry, Finished, Registry, TaskferryError


def main(path: str) -> None:
    """Fork a member for each connection."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the system reaps them
    registry = warm()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen()
        while True:
            connection, _ = listener.accept()
            if not os.fork():
                with connection, connection.makefile("rw") as talk:
                    _live(registry, talk)
                os._exit(0)
            connection.close()


def _live(registry: Registry, talk: TextIO) -> None:
    told = json.loads(talk.readline())
    if told["strike"]:
        allow_room()
        Seams(Board(), strike(told["strike"][0]), name=told["strike"][1]).install()
    os.environ.update(told["environ"])
    try:
        asyncio.run(_talk(registry, talk, told["home"]))
    except TaskferryError as error:
        _answer(talk, {"error": type(error).__name__, "message": str(error)})


async def _talk(registry: Registry, talk: TextIO, home: str) -> None:
    clock = WrongClock()
    async with Ferry(home=home, registry=registry, speed=SPEED, clock=clock) as ferry:
        _answer(talk, {"process": os.getpid()})
        while line := await asyncio.to_thread(talk.readline):
            try:
                _answer(talk, await _done(ferry, clock, **json.loads(line)))
            except TaskferryError as error:
                _answer(talk, {"error": type(error).__name__, "message": str(error)})


async def _done(ferry: Ferry, clock: WrongClock, do: str, **given: Any) -> Mapping[str, Any]:
    match do:
        case "submit":
            task = await ferry.submit("vap/image", **given)
            return {"id": task.id, "status": task.snapshot.status, "duplicate": task.duplicate}
        case "wait":
            task = await ferry.task(given["id"])
            outcome = await task.wait(timeout=given["timeout"])
            paths = [str(artifact.path) for artifact in task.snapshot.artifacts if artifact.path]
            return {"finished": isinstance(outcome, Finished), "elsewhere": task.elsewhere, "paths": paths}
        case "list":
            return {"ids": [row.id for row in await ferry.recent()]}
        case "reconcile":
            found = await ferry.reconcile(given["id"])
            return {"outcome": found.outcome, "explanation": found.explanation}
        case "files may have":  # bytes: none larger can be written
            _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (given["bytes"] if given["bytes"] >= 0 else most, most))
            return {}
        case "set the clock":
            clock.skew = given["seconds"]
            return {}
    raise AssertionError(do)


def _answer(talk: TextIO, words: Mapping[str, Any]) -> None:
    talk.write(json.dumps(words) + "\n")
    talk.flush()


if __name__ == "__main__":
    main(sys.argv[1])
