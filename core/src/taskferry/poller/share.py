"""This process's part of a rate that several processes keep together: requests leased ahead, each with its own time."""

from __future__ import annotations

import math

from attrs import define

from taskferry.ledger.sharing import Granted

SLICE = 1.0
"""Seconds' worth of an account's requests that all its sharers together have leased ahead."""
LATE = 1.0
"""Seconds after its time for which a leased request may still be sent; one that was not is lost."""
KNOWN = 10.0
"""Seconds for which the number of sharers counts as known; the ledger counts whoever asked within a longer time."""
PATIENCE = 5.0
"""Seconds after which a ledger that does not answer counts as away."""
_JITTER = 0.25
"""Seconds that a request may take longer than another from here to the provider."""


def pace_of(per_minute: float) -> tuple[float, int]:
    """Give the requests a second, and those at once, of which no sixty seconds ever see more than the limit.

    Those sent in a minute were leased for a time that is longer by `LATE`.
    """
    burst = max(1, min(10, int(per_minute / 100)))
    return (per_minute - burst + 1) / (60.0 + LATE + _JITTER), burst


@define
class _Slots:
    """Requests at equal distances in time, on this process's monotonic clock."""

    next_at: float
    gap: float
    left: int
    late: float = LATE
    """Seconds after its time for which each may be sent."""
    good_until: float = -math.inf
    """Until then none of them is too late, whatever its time."""
    size: int = 0
    """How many there were; 0 for those that were not leased."""


class Share:
    """What is in hand of an account's rate, and what to ask for; pure, on a clock that is handed in.

    While the ledger is away it goes on with its fair part of the rate, if all who do so surely know of each other:
    each asked within `KNOWN` before, and has asked again and again for as long.
    """

    def __init__(self, per_minute: float) -> None:
        self.rate, self.burst = pace_of(per_minute)
        self.gap = 1.0 / self.rate
        self._most = max(1, int(self.rate * SLICE))
        self._slots = _Slots(next_at=-math.inf, gap=self.gap, left=0)
        self._then: _Slots | None = None
        """Those leased behind the present ones."""
        self._wanted = 1
        self._used = 0
        """Requests taken since the last question."""
        self._used_since = -math.inf
        self._asked_at: float | None = None
        self._retry_at = -math.inf
        self._sharers = 1
        self._known_since = self._known_at = -math.inf
        self._away = False
        self._goes_on = False
        """Whether something may be sent although the ledger is away."""

    def take(self, now: float) -> float | None:
        """Take a request; give the seconds until its time, None if there is none in hand."""
        slots = self._slots
        if slots.left and (slots.next_at >= now - slots.late or now <= slots.good_until):
            at = slots.next_at
            slots.next_at = at + slots.gap
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
        if self._known_at < before - KNOWN:
            self._known_since = before
        self._known_at = before
        self._asked_at, self._away, self._sharers = None, False, max(1, given.sharers)
        slow = after - before
        if slow > LATE / 2:
            return  # nobody knows any more when their time is, by the ledger's clock
        leased = _Slots(
            next_at=after + given.starts_in,
            gap=self.gap,
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
        self._lost()
        self._asked_at, self._retry_at = None, now + SLICE

    def _lost(self) -> None:
        if not self._away and self._asked_at is not None:
            self._away = True
            self._goes_on = self._asked_at - self._known_at <= KNOWN <= self._known_at - self._known_since

    def _renewed(self, now: float) -> bool:
        """Leave out those whose time is over; tell whether there are any now."""
        slots = self._slots
        if slots.left and slots.next_at < now - slots.late and now > slots.good_until:
            over = min(slots.left, math.floor((now - slots.late - slots.next_at) / slots.gap) + 1)
            slots.left -= over
            slots.next_at += over * slots.gap
        if not slots.left and self._then is not None:
            self._slots, self._then = self._then, None
            return self._renewed(now)
        if not slots.left:
            if self._asked_at is not None and now - self._asked_at > PATIENCE:
                self._lost()
            if self._away and self._goes_on:
                self._slots = self._own(now, slots.next_at)
        return self._slots.left > 0

    def _own(self, now: float, after: float) -> _Slots:
        """Give this process's fair part of the rate, without a lease."""
        return _Slots(next_at=max(now, after), gap=self.gap * self._sharers, left=max(1, self._most // self._sharers))
