"""Takes samples: a server on one core, each client in a fresh process on the other, round after round."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.looks.spec import Spec

ROOT = Path(__file__).parents[3]
PEERS = Path(os.environ.get("BENCH_PEERS", ROOT / ".venv" / "peers" / "bin" / "python"))
"""The interpreter of the environment that has other people's packages; `make bench` makes it."""
_MEMORY = Path("/dev/shm")


@dataclass(frozen=True, kw_only=True)
class Figure:
    """Samples of one client."""

    values: Sequence[float]
    """Microseconds of CPU for each look; empty if none was finished in time."""
    busy: float = 0.0
    """The share of its core that the client used, 0..1; the median."""

    @property
    def median(self) -> float:
        """Give the sample in the middle."""
        return statistics.median(self.values)


def environment() -> dict[str, str]:
    """Give the children's environment: this package is found, and nothing there sends the ferry over another road."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.lower().endswith("_proxy") and name not in ("SSL_CERT_FILE", "SSL_CERT_DIR")
    }
    paths = [str(ROOT / "tests"), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**kept, "PYTHONPATH": os.pathsep.join(paths)}


@contextlib.contextmanager
def scratch() -> Iterator[Path]:
    """Give a folder in memory where there is one: the ledgers of thousands of tasks are not what is measured."""
    folder = Path(tempfile.mkdtemp(dir=_MEMORY if _MEMORY.is_dir() else None, prefix="taskferry-bench-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


@contextlib.contextmanager
def serving(module: str, *arguments: str) -> Iterator[int]:
    """Run a server, give its port."""
    command = [sys.executable, "-m", f"benchmarks.looks.{module}", *arguments]
    with subprocess.Popen(command, env=environment(), stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            yield int(server.stdout.readline())
        finally:
            server.terminate()


def sample(
    spec: Spec, *, module: str = "child", timeout: float = 60.0, rows: Path | None = None
) -> Mapping[str, float] | None:
    """Take one sample in a fresh process, with a copy of the rows in a home; None if it did not finish in time."""
    python = str(PEERS) if spec.client in ("aiohttp", "httpx") else sys.executable
    with tempfile.TemporaryDirectory(dir=Path(spec.tally).parent) as home:
        if rows is not None:
            shutil.copytree(rows, home, dirs_exist_ok=True)
        text = json.dumps(dataclasses.asdict(dataclasses.replace(spec, home=home)))
        command = [python, "-m", f"benchmarks.looks.{module}", text]
        try:
            done = subprocess.run(command, env=environment(), capture_output=True, text=True, timeout=timeout)
        except subprocess.TimeoutExpired:
            return None
    assert done.returncode == 0, f"{spec} failed: {done.stderr[-3000:]}"
    found: Mapping[str, float] = json.loads(done.stdout)
    return found


def filled(spec: Spec, home: Path) -> Path:
    """Have a process of its own write rows into a new ledger; give its folder."""
    text = json.dumps(dataclasses.asdict(dataclasses.replace(spec, home=str(home))))
    command = [sys.executable, "-m", "benchmarks.looks.rows_child", text]
    subprocess.run(command, env=environment(), stdout=subprocess.DEVNULL, check=True)
    return home


def figures(
    specs: Mapping[str, Spec], *, changing: bool = False, rounds: int = 3, timeout: float = 60.0
) -> dict[str, Figure]:
    """Sample every client in turn, in the reverse order each round, so that a busy machine is busy for all."""
    taken: dict[str, list[Mapping[str, float]]] = {name: [] for name in specs}
    with scratch() as folder, contextlib.ExitStack() as stack:
        tally = folder / "tally"
        tally.write_bytes(bytes(16))
        port = stack.enter_context(serving("server", str(tally), "changing" if changing else "constant"))
        for number in range(rounds):
            for name in list(specs)[:: 1 if number % 2 == 0 else -1]:
                spec = dataclasses.replace(specs[name], port=port, tally=str(tally))
                if (found := sample(spec, timeout=timeout)) is not None and found["looks"]:
                    taken[name].append(found)
    return {name: _figure(found) for name, found in taken.items()}


def _figure(found: Sequence[Mapping[str, float]]) -> Figure:
    return Figure(
        values=[1e6 * one["cpu"] / one["looks"] for one in found],
        busy=statistics.median(one["cpu"] / one["wall"] for one in found) if found else 0.0,
    )
