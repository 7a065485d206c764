"""One limit that processes share through PostgreSQL: what they send together, and who is told of what."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import cast

import pytest

from chaos import test_caps
from postgres_server import environment, open_in_postgres, server
from taskferry.ledger.backend import SharesLimits
from taskferry.poller.pace import pace_of
from taskferry.poller.share import LATE

SHARER = Path(__file__).with_name("limit_sharer.py")
PER_MINUTE = 1200.0
RATE, BURST = pace_of(PER_MINUTE, LATE)


class Sharer:
    """A process that sends as fast as it may."""

    def __init__(self, home: Path, pause: float = 0.0) -> None:
        command = [sys.executable, str(SHARER), str(home), str(PER_MINUTE), str(pause)]
        self._told = home / f"{time.monotonic_ns()}.txt"
        with self._told.open("w") as out:
            self.process = subprocess.Popen(
                command, env=os.environ | environment(home), stdin=subprocess.PIPE, stdout=out, text=True
            )

    def tell(self, words: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{words}\n")
        self.process.stdin.flush()

    def lines(self) -> list[tuple[float, float]]:
        """Give when it sent, and how long its creates were held back then."""
        whole = self._told.read_text().split("\n")[:-1]
        return [(float(at), float(held)) for at, held in (line.split() for line in whole)]

    def sent(self) -> list[float]:
        return [at for at, _ in self.lines()]


@pytest.fixture
def sharers(tmp_path: Path) -> Iterator[Callable[..., list[Sharer]]]:
    """Start processes, which are killed at the end."""
    open_in_postgres(tmp_path).close()
    started: list[Sharer] = []

    def start(count: int, pause: float = 0.0) -> list[Sharer]:
        started.extend(Sharer(tmp_path, pause) for _ in range(count))
        while not all(one.lines() for one in started):
            time.sleep(0.05)
        return started

    yield start
    for one in started:
        one.process.kill()
        one.process.communicate()


def together(sharers: Sequence[Sharer]) -> list[float]:
    return sorted(at for one in sharers for at in one.sent())


def worst_excess(sent: Sequence[float]) -> float:
    """Give by how much the fullest window of any length saw more than was leased for it; the fence's posts counted."""
    excess = -1e9
    for first, begin in enumerate(sent):
        for last in range(first, len(sent)):
            excess = max(excess, last - first + 1 - (BURST + RATE * (sent[last] - begin + LATE) + 1))
    return excess


def in_seconds(sent: Sequence[float], begin: float, end: float) -> int:
    return bisect_right(sent, end) - bisect_right(sent, begin)


@pytest.mark.parametrize("count", [pytest.param(1, marks=pytest.mark.slow), 4])
def test_processes_together_send_no_more_than_the_limit_and_hardly_less(
    sharers: Callable[..., list[Sharer]], count: int
) -> None:
    """Each as much as the others."""
    several = sharers(count)
    began = time.monotonic() + 0.5
    time.sleep(5.5)

    sent = together(several)
    shares = [in_seconds(one.sent(), began, began + 5) for one in several]

    assert worst_excess(sent) <= 0
    assert sum(shares) >= 0.95 * RATE * 5
    assert min(shares) >= 0.8 * sum(shares) / count


@pytest.mark.slow
def test_a_killed_process_costs_no_more_than_it_had_leased(sharers: Callable[..., list[Sharer]]) -> None:
    """The other goes on with the whole limit."""
    one, other = sharers(2)
    time.sleep(1)

    one.process.kill()
    killed = time.monotonic()
    time.sleep(4)

    assert worst_excess(together([one, other])) <= 0
    assert in_seconds(other.sent(), killed, killed + 4) >= RATE * (4 - 1) * 0.95


@pytest.mark.slow
def test_one_that_stood_still_does_not_send_what_it_had_leased_before(sharers: Callable[..., list[Sharer]]) -> None:
    """What was too old then is lost."""
    one, other = sharers(2)
    time.sleep(2)

    os.kill(one.process.pid, signal.SIGSTOP)
    time.sleep(2.5)
    os.kill(one.process.pid, signal.SIGCONT)
    time.sleep(1.5)

    assert worst_excess(together([one, other])) <= 0


@pytest.mark.slow
def test_a_restart_of_the_server_lets_nobody_send_more(sharers: Callable[..., list[Sharer]]) -> None:
    """They go on by themselves."""
    several = sharers(2)
    time.sleep(2)

    server().stop()
    time.sleep(1)
    server().start()
    back = time.monotonic()
    time.sleep(4)

    assert worst_excess(together(several)) <= 0
    assert in_seconds(together(several), back + 2, back + 4) >= RATE * 2 * 0.9


@pytest.mark.slow
def test_while_the_server_is_away_nobody_sends(sharers: Callable[..., list[Sharer]]) -> None:
    """What was leased is over within two seconds; they go on by themselves when it is back."""
    several = sharers(2)
    time.sleep(3)

    server().stop()
    away = time.monotonic()
    time.sleep(6)
    back = time.monotonic()
    server().start()
    time.sleep(8)

    assert in_seconds(together(several), away + 2.5, back) == 0
    assert worst_excess(together(several)) <= 0
    assert in_seconds(together(several), back + 4, back + 8) >= RATE * 4 * 0.9


def test_one_is_told_within_a_second_what_another_heard(sharers: Callable[..., list[Sharer]]) -> None:
    """That there is no room for looks, or for creates."""
    one, other = sharers(2, pause=0.02)
    time.sleep(1)

    one.tell("creates 60")
    time.sleep(1)
    held = other.lines()[-1][1]
    one.tell("looks 2")
    told = time.monotonic()
    time.sleep(4)

    quiet = [at for at in other.sent() if told + 0.5 < at < told + 1.9]
    assert 57 < held < 60
    assert quiet == []
    assert in_seconds(other.sent(), told + 2, told + 4) > 5


def test_one_that_comes_later_is_told_with_what_it_leases(tmp_path: Path) -> None:
    """It was not there when the others were told."""
    with open_in_postgres(tmp_path) as ledger:
        cast("SharesLimits", ledger).hold_back("acme", "creates", 30.0)
        cast("SharesLimits", ledger).hold_back("acme", "creates", 3.0)

    with open_in_postgres(tmp_path) as ledger:
        given = cast("SharesLimits", ledger).lease_requests("acme", rate=10.0, burst=1, wanted=3)

    assert given.count == 3
    assert given.looks_closed == 0
    assert 28 < given.creates_closed <= 30


def test_accounts_do_not_share_with_each_other(tmp_path: Path) -> None:
    """Each key at each address has a limit of its own."""
    with open_in_postgres(tmp_path) as ledger:
        limits = cast("SharesLimits", ledger)

        given = [limits.lease_requests(name, rate=10.0, burst=1, wanted=100) for name in ("one", "other", "one")]

    assert [lease.count for lease in given] == [10, 10, 10]
    assert [lease.starts_in > 0.5 for lease in given] == [False, False, True]


@pytest.mark.parametrize("cap", ["7 images", pytest.param("1.26 USD", marks=pytest.mark.slow)])
def test_four_processes_together_spend_exactly_what_fits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cap: str
) -> None:
    """Money is counted in the database, not leased."""
    for name, value in environment(tmp_path).items():
        monkeypatch.setenv(name, value)
    open_in_postgres(tmp_path).close()

    said = test_caps.spend_together(tmp_path / "files", processes=4, submits=5, cap=cap)

    with open_in_postgres(tmp_path) as ledger:
        lines = ledger.spend(test_caps.read_caps(tmp_path, {}), days=2).lines
        kept = len(ledger.recent(100))
    assert said == kept == 7
    assert [line.reserved for line in lines] == [Decimal("1.26")]
