"""A PostgreSQL schema, a provider and workers in processes of their own, in a test's hands."""

from __future__ import annotations

import contextlib
import json
import os
import resource
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import psycopg

from chaos.cluster.provider import ADAPTERS, KEYS, registry
from taskferry import Ferry
from taskferry.ledger.choosing import open_ledger_for

TESTS = Path(__file__).parents[2]
OTHERS = ("acme", "vap", "tripo", "providers", "blender")
"""Entry points that no worker here needs."""
_TICKS = os.sysconf("SC_CLK_TCK")


def until(true: Callable[[], object], seconds: float = 60.0, *, every: float = 0.05) -> float:
    """Wait until something is so; give the seconds that it took."""
    began = time.monotonic()
    while not true():
        assert time.monotonic() - began < seconds, f"not so within {seconds:.0f} s: {true.__doc__ or true}"
        time.sleep(every)
    return time.monotonic() - began


class Provider:
    """The provider's process, asked over its own admin endpoints."""

    def __init__(self, port: int) -> None:
        self.base_url = f"http://127.0.0.1:{port}"

    def set(self, **changed: Any) -> None:
        """Change its settings while it runs."""
        self._asked("_settings", json.dumps(changed).encode())

    @property
    def counts(self) -> Mapping[str, int]:
        """Give how many jobs it has made, how many of them have ended, and how many looks there were."""
        counts: Mapping[str, int] = self._asked("_counts")
        return counts

    def jobs(self) -> Sequence[Mapping[str, Any]]:
        """Give its own record of every job."""
        jobs: Sequence[Mapping[str, Any]] = self._asked("_sandbox/tasks")["tasks"]
        return jobs

    def requests(self) -> Sequence[Mapping[str, Any]]:
        """Give its own record of every request."""
        requests: Sequence[Mapping[str, Any]] = self._asked("_sandbox/requests")["requests"]
        return requests

    def _asked(self, about: str, body: bytes | None = None) -> Any:
        with urllib.request.urlopen(f"{self.base_url}/{about}", body, timeout=120) as reply:
            return json.load(reply)


class Worker:
    """One worker process."""

    def __init__(self, command: Sequence[str], environ: Mapping[str, str], log: Path) -> None:
        self.log = log
        with log.open("ab") as told:
            self.process = subprocess.Popen(command, env=dict(environ), stdout=told, stderr=told)

    @property
    def pid(self) -> int:
        """Give its process id."""
        return self.process.pid

    def kill(self) -> None:
        """End it as a power cut does."""
        self.process.kill()
        self.process.wait()

    def drain(self, seconds: float = 60.0) -> int:
        """Ask it to hand over and end; give its exit code."""
        self.process.terminate()
        return self.process.wait(seconds)

    def stop(self) -> None:
        """Have it stand still."""
        os.kill(self.pid, signal.SIGSTOP)

    def go_on(self) -> None:
        """Have it go on."""
        os.kill(self.pid, signal.SIGCONT)

    @property
    def cpu(self) -> float:
        """Give the seconds of CPU that it has taken, all threads together."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    @property
    def resident(self) -> int:
        """Give the bytes of memory that it takes now."""
        return int(Path(f"/proc/{self.pid}/statm").read_text().split()[1]) * resource.getpagesize()


class Cluster:
    """Workers, their provider and their ledger; everything ends with it."""

    def __init__(self, folder: Path, url: str, **environ: str) -> None:
        self.folder = folder
        self.schema = f"c{time.time_ns()}"
        self._url = url
        self._more = environ
        self._stack = ExitStack()
        self._connection: psycopg.Connection | None = None
        self.workers: list[Worker] = []

    def __enter__(self) -> Self:
        self.provider = self._stack.enter_context(_provider())
        self._install()
        open_ledger_for(self.folder, self.ledger, registry()).close()
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self.workers:
            if worker.process.poll() is None:
                worker.kill()
        if self._connection is not None:
            self._connection.close()
        self._stack.close()

    def _install(self) -> None:
        """Have workers find the provider's plugin as they find any other."""
        place = self.folder / "plugins" / "field-0.dist-info"
        place.mkdir(parents=True, exist_ok=True)
        (place / "METADATA").write_text("Metadata-Version: 2.1\nName: field\nVersion: 0\n")
        (place / "entry_points.txt").write_text("[taskferry]\nfield = chaos.cluster.provider\n")

    @cached_property
    def ledger(self) -> Mapping[str, str]:
        """Give the variables that name the ledger."""
        return {"TASKFERRY_LEDGER": self._url, "TASKFERRY_LEDGER_SCHEMA": self.schema, **self._more}

    @property
    def environ(self) -> dict[str, str]:
        """Give the variables of every process of this cluster."""
        addresses = {f"TASKFERRY_{name.upper()}_BASE_URL": self.provider.base_url for name in ADAPTERS}
        return {**KEYS, **addresses, **self.ledger}

    def worker(self, *arguments: str, **environ: str) -> Worker:
        """Start one more worker, by its own command."""
        return self._started(
            "worker", [sys.executable, "-m", "taskferry", "worker", "--log-level", "warning", *arguments], environ
        )

    def command(self, *arguments: str, **environ: str) -> Worker:
        """Start any other command."""
        return self._started("command", [sys.executable, "-m", "taskferry", *arguments], environ)

    def child(self, module: str, *arguments: str, **environ: str) -> Worker:
        """Start another program of this folder."""
        return self._started(module, [sys.executable, "-m", f"chaos.cluster.{module}", *arguments], environ)

    def _started(self, name: str, command: Sequence[str], environ: Mapping[str, str]) -> Worker:
        home = self.folder / f"{name}-{len(self.workers)}"
        paths = [str(TESTS), str(self.folder / "plugins"), os.environ.get("PYTHONPATH", "")]
        whole = {
            "PATH": os.environ.get("PATH", ""),
            "PYTHONPATH": os.pathsep.join(paths),
            "TASKFERRY_HOME": str(home),
            "TASKFERRY_DISABLE_PLUGINS": ",".join(OTHERS),
            **self.environ,
            **environ,
        }
        worker = Worker(command, whole, self.folder / f"{home.name}.log")
        self.workers.append(worker)
        return worker

    def ferry(self, **settings: Any) -> Ferry:
        """Give a ferry on the same ledger for this process."""
        return Ferry(home=self.folder / "home", registry=registry(), environ=self.environ, **settings)

    def ask(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """Ask the database itself, as its operator would, with the ledger's tables in sight."""
        try:
            return self._asked(query, *values)
        except psycopg.OperationalError:  # the server was restarted since the last question
            return self._asked(query, *values)

    def _asked(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        if self._connection is None or self._connection.closed:
            self._connection = psycopg.connect(self._url, autocommit=True, application_name="operator")
            self._connection.execute("SELECT set_config('search_path', %s, false)", (self.schema,))
        return self._connection.execute(query.encode(), values or None).fetchall()

    def count(self, *statuses: str) -> int:
        """Count the rows that have one of these statuses."""
        return int(self.ask("SELECT count(*) FROM tasks WHERE status = ANY(%s)", list(statuses))[0][0])

    def holders(self) -> Mapping[int, int]:
        """Count the unfinished rows that each process holds, by its id; 0 stands for nobody."""
        rows = self.ask(
            "SELECT coalesce(split_part(holder, '-', 1), '0')::int, count(*) FROM tasks "
            "WHERE status IN ('prepared', 'submitting', 'queued', 'running') GROUP BY 1"
        )
        return dict(rows)

    def lives(self, worker: Worker) -> bool:
        """Tell whether a worker's lease has not ended."""
        query = "SELECT count(*) FROM holders WHERE split_part(name, '-', 1) = %s AND expires_at > clock_timestamp()"
        return bool(self.ask(query, str(worker.pid))[0][0])

    def count_steps(self) -> int:
        """Count the steps of all tasks."""
        return int(self.ask("SELECT count(*) FROM transitions")[0][0])

    def logs(self) -> str:
        """Give what all workers have written."""
        return "\n".join(f"{worker.log.name}: {worker.log.read_text()}" for worker in self.workers)


@contextmanager
def _provider() -> Iterator[Provider]:
    environ = {**os.environ, "PYTHONPATH": str(TESTS)}
    with subprocess.Popen(
        [sys.executable, "-m", "chaos.cluster.server"], env=environ, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            yield Provider(int(process.stdout.readline()))
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
