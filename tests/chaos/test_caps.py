"""Many processes submit under one cap at once: exactly as many tasks are kept as fit, never one more."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from chaos.spender import PRICE
from taskferry import CostExceeded, Ferry, Status
from taskferry.ledger import open_ledger
from taskferry.sandbox import Running, running
from taskferry.spend import read_caps

SPENDER = Path(__file__).with_name("spender.py")


def spend_together(home: Path, processes: int, submits: int, cap: str) -> int:
    """Start so many processes, let them submit at once, and give how many tasks they say were kept."""
    open_ledger(home).close()
    command = [sys.executable, str(SPENDER), str(home), str(submits), cap]
    started = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(processes)
    ]
    for spender in started:
        assert spender.stdout.readline() == "ready\n"
    for spender in started:
        spender.stdin.write("go\n")
        spender.stdin.flush()
    answers = [spender.communicate()[0] for spender in started]
    assert [spender.returncode for spender in started] == [0] * processes
    return sum(map(int, answers))


def check_exact(home: Path, processes: int, submits: int, cap: str, expected: int) -> None:
    began = time.monotonic()

    said = spend_together(home, processes, submits, cap)

    with open_ledger(home) as ledger:
        rows = ledger.recent(processes * submits)
        spend = ledger.spend(read_caps(home, {}, caps={"total": cap}), days=2)
    seconds = time.monotonic() - began
    print(f"\n{processes} processes x {submits} submits under {cap}: {len(rows)} kept, {said} told, {seconds:.1f} s")
    assert said == len(rows) == expected
    assert sum(line.reserved for line in spend.lines) == expected * PRICE
    assert 0 <= spend.caps[0].left < PRICE


@pytest.mark.parametrize("cap", ["7 images", "1.26 USD"])
def test_a_few_processes_together_keep_exactly_what_fits(tmp_path: Path, cap: str) -> None:
    """Seven pictures, or the price of seven."""
    check_exact(tmp_path, processes=4, submits=5, cap=cap, expected=7)


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize(("cap", "expected"), [("5000 images", 5000), ("179.99 USD", 999)])
def test_fifty_processes_together_keep_exactly_what_fits(tmp_path: Path, cap: str, expected: int) -> None:
    """50 processes x 200 submits."""
    check_exact(tmp_path, processes=50, submits=200, cap=cap, expected=expected)


@pytest.fixture
def provider() -> Iterator[Running]:
    """A stand-in in this process, which counts what it was asked to make."""
    with running({"vap": "taskferry_vap.sandbox:stand_in"}, speed=50, limits=False) as servers:
        yield servers["vap"]


async def test_ferries_together_have_exactly_so_many_jobs_made(provider: Running, tmp_path: Path) -> None:
    """The whole way: three ferries on one ledger, and the provider's own count."""

    async def submit_some(ferry: Ferry, name: str) -> int:
        made = await asyncio.gather(
            *(ferry.submit("vap/image", prompt=f"{name} {number}") for number in range(4)), return_exceptions=True
        )
        assert all(not isinstance(one, BaseException) or isinstance(one, CostExceeded) for one in made)
        return sum(not isinstance(one, CostExceeded) for one in made)

    settings = {"home": tmp_path, "environ": dict(provider.env), "caps": {"day": "0.90 USD"}, "keep": False}
    async with Ferry(**settings) as one, Ferry(**settings) as two, Ferry(**settings) as three:
        kept = await asyncio.gather(submit_some(one, "one"), submit_some(two, "two"), submit_some(three, "three"))
        rows = await one.recent()

    assert sum(kept) == len(rows) == 5
    assert {row.snapshot.status for row in rows} <= {Status.QUEUED, Status.RUNNING, Status.SUCCEEDED}
