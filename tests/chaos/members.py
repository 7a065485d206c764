"""Processes in a test's hands: told what to do, stopped, continued and killed, and reaped whatever happens."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any, Self

from taskferry.sandbox import Running

_TESTS = Path(__file__).parents[1]


@contextmanager
def nursery(folder: Path) -> Iterator[Path]:
    """Run a process that has imported everything and forks members; yield the socket at which it does."""
    at = folder / "nursery"
    paths = os.pathsep.join([str(_TESTS), os.environ.get("PYTHONPATH", "")])
    with subprocess.Popen(
        [sys.executable, "-m", "chaos.member", str(at)], env={**os.environ, "PYTHONPATH": paths}
    ) as process:
        try:
            while not at.exists():
                assert process.poll() is None, "the process that forks members has died"
                time.sleep(0.02)
            yield at
        finally:
            process.kill()


class Member:
    """One process with a ferry."""

    def __init__(self, at: Path, home: Path, environ: Mapping[str, str], strike: Sequence[str]) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(str(at))
        self._talk = self._socket.makefile("rw")
        self._say({"home": str(home), "environ": dict(environ), "strike": strike})
        told = self.hear()
        self.process: int | None = told.get("process")
        self.error: str | None = told.get("error")
        """Why it could not open its ferry."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process is not None:
            with suppress(ProcessLookupError, BrokenPipeError):
                self.kill()
        self._talk.close()
        self._socket.close()

    def tell(self, do: str, **given: Any) -> None:
        """Tell it what to do, without waiting for its answer."""
        self._say({"do": do, **given})

    def hear(self) -> dict[str, Any]:
        """Wait for its answer; an empty one means that it is dead."""
        try:
            line = self._talk.readline()
        except ConnectionResetError:
            line = ""
        return json.loads(line) if line else {}

    def ask(self, do: str, **given: Any) -> dict[str, Any]:
        """Tell it what to do and wait for its answer."""
        self.tell(do, **given)
        return self.hear()

    def stop(self) -> None:
        """Stop it, as a laptop that is closed does."""
        os.kill(self.process, signal.SIGSTOP)
        self.wait_until_stopped()

    def wait_until_stopped(self) -> None:
        """Wait until it has stopped."""
        status = Path(f"/proc/{self.process}/status")
        while "\nState:\tT" not in status.read_text():
            time.sleep(0.01)

    def go_on(self) -> None:
        """Let it go on."""
        os.kill(self.process, signal.SIGCONT)

    def kill(self) -> None:
        """Kill it and wait for its end."""
        os.kill(self.process, signal.SIGKILL)
        while self.hear():
            continue
        self.process = None

    def _say(self, words: Mapping[str, Any]) -> None:
        self._talk.write(json.dumps(words) + "\n")
        self._talk.flush()


class Members:
    """All processes of a test, on one home."""

    def __init__(self, at: Path, home: Path, provider: Running) -> None:
        self._at = at
        self.home = home
        self.provider = provider
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End all of them."""
        self._stack.close()

    def join(self, *strike: str) -> Member:
        """Start one more."""
        return self._stack.enter_context(Member(self._at, self.home, self.provider.env, strike))

    def jobs(self) -> list[str]:
        """Give the prompts of the jobs that the provider has made."""
        return [task["prompt"] for task in self._told("tasks")]

    def requests(self, kind: str) -> int:
        """Count the requests of a kind that the provider has had."""
        return sum(request["kind"] == kind for request in self._told("requests"))

    def _told(self, what: str) -> list[dict[str, Any]]:
        with urllib.request.urlopen(f"{self.provider.base_url}/_sandbox/{what}") as reply:
            return json.load(reply)[what]
