"""Accounts and their money: held back at creation, taken on success, given back on failure."""

from __future__ import annotations

import heapq
import uuid
from decimal import Decimal

from taskferry.sandbox.jobs import Job
from taskferry.sandbox.life import Stage

_DAY = 86_400.0


class Account:
    """One customer; jobs that are over are settled when someone looks."""

    def __init__(self, balance: Decimal) -> None:
        self.id = str(uuid.uuid4())
        self.balance = balance
        """Money that is not yet spent; part of it may be held back."""
        self.reserved = Decimal(0)
        """Held back for jobs under way."""
        self._open: list[tuple[float, str, Job]] = []
        self._spending = (0, Decimal(0))

    @property
    def usable(self) -> Decimal:
        """What a new job may cost."""
        return self.balance - self.reserved

    def settle(self, now: float) -> None:
        """Take or give back what the jobs that have ended by now were to cost."""
        while self._open and self._open[0][0] <= now:
            _, _, job = heapq.heappop(self._open)
            self.reserved -= job.price
            if job.life.end is Stage.SUCCEEDED:
                self.balance -= job.charge

    def reserve(self, job: Job, day: int = 0) -> None:
        """Hold back the price of a new job and note it in the day's spending."""
        heapq.heappush(self._open, (job.ends_at, job.id, job))
        self.reserved += job.price
        self._spending = (day, self.spent(day) + job.price)

    def release(self, job: Job) -> None:
        """Give back what was held for a job that is under way."""
        kept = [entry for entry in self._open if entry[1] != job.id]
        if len(kept) < len(self._open):
            heapq.heapify(kept)
            self._open = kept
            self.reserved -= job.price

    def spent(self, day: int) -> Decimal:
        """Tell what was held back for jobs created on this day."""
        return self._spending[1] if self._spending[0] == day else Decimal(0)

    def under_way(self, group: str) -> list[Job]:
        """List the jobs of a group that had not ended when the account was last settled, first end first."""
        return [job for _, _, job in sorted(self._open) if job.group == group]


class Accounts:
    """One account for each key that ever came; keys are kept in memory only."""

    def __init__(self, opening: Decimal) -> None:
        self._opening = opening
        self._accounts: dict[str, Account] = {}

    def open(self, key: str) -> Account:
        """Give the account of a key, a new one with the opening balance for a new key."""
        if key not in self._accounts:
            self._accounts[key] = Account(self._opening)
        return self._accounts[key]


def day_of(now: float, speed: float) -> int:
    """Number the day of the stand-in, which is as much shorter as it is faster."""
    return int(now * speed // _DAY)
