"""This process's part of a rate that several processes keep together: requests leased ahead, each with its own time."""

from __future__ import annotations

import math

from attrs import define

from taskferry.ledger.sharing import Granted
from taskferry.poller.pace import pace_of

SLICE = 1.0
"""Seconds' worth of an account's requests that all its sharers together have leased ahead."""
LATE = 1.0
"""Seconds after its time for which a leased request may still be taken; one that was not is lost."""


@define
class _Slots:
    """Requests at equal distances in time, on this process's monotonic clock."""

    next_at: float
    left: int
    late: float = LATE
    """Seconds after its time for which each may be taken."""
    good_until: float = -math.inf
    """Until then none of them is too late, whatever its time."""
    size: int = 0
    """How many there were."""


class Share:
    """What is in hand of an account's rate, and what to ask for; pure, on a clock that is handed in.

    Nothing is sent without a lease: who cannot reach the ledger has nothing in hand soon, and others may have it all.
    """

    def __init__(self, per_minute: float) -> None:
        self.rate, self.burst = pace_of(per_minute, LATE)
        self.gap = 1.0 / self.rate
        self._most = max(1, int(self.rate * SLICE))
        self._slots = _Slots(next_at=-math.inf, left=0)
        self._then: _Slots | None = None
        """Those leased behind the present ones."""
        self._wanted = 1
        self._used = 0
        """Requests taken since the last question."""
        self._used_since = -math.inf
        self._asked_at: float | None = None
        self._retry_at = -math.inf

    def take(self, now: float) -> float | None:
        """Take a request; give the seconds until its time, None if there is none in hand."""
        slots = self._slots
        if slots.left and (slots.next_at >= now - slots.late or now <= slots.good_until):
            at = slots.next_at
            slots.next_at = at + self.gap
            slots.left -= 1
            self._used += 1
            return at - now if at > now else 0.0
        return self.take(now) if self._renewed(now) else None

    def wanted(self, now: float) -> int:
        """Give how many requests to ask for now, which then counts as asked; 0 while enough are in hand or asked for.

        Who needs many asks before they run out, who needs few when they are needed.
        """
        slots = self._slots
        if self._asked_at is not None or self._then is not None or now < self._retry_at:
            return 0
        if slots.left and (slots.left > slots.size // 2 or slots.size == 1):
            return 0
        needed = math.ceil(1.5 * SLICE * self._used / max(now - self._used_since, 0.05))
        self._wanted = max(1, min(needed, 2 * self._wanted, self._most))
        self._used, self._used_since, self._asked_at = 0, now, now
        return self._wanted

    def granted(self, given: Granted, before: float, after: float) -> None:
        """Take in what was leased by a call that left and came back at these times."""
        self._asked_at = None
        slow = after - before
        if slow > LATE / 2:
            return  # nobody knows any more when their time is, by the ledger's clock
        leased = _Slots(
            next_at=after + given.starts_in,
            left=given.count,
            late=LATE - slow,
            good_until=before + LATE,
            size=given.count,
        )
        if self._slots.left:
            self._then = leased
        else:
            self._slots = leased

    def failed(self, now: float) -> None:
        """Hear that the ledger did not answer; it is asked again later."""
        self._asked_at, self._retry_at = None, now + SLICE

    def _renewed(self, now: float) -> bool:
        """Leave out those whose time is over; tell whether there are any now."""
        slots = self._slots
        if slots.left and slots.next_at < now - slots.late and now > slots.good_until:
            over = min(slots.left, math.floor((now - slots.late - slots.next_at) / self.gap) + 1)
            slots.left -= over
            slots.next_at += over * self.gap
        if not slots.left and self._then is not None:
            self._slots, self._then = self._then, None
            return self._renewed(now)
        return self._slots.left > 0
