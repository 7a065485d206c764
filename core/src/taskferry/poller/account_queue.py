"""The looks of one account: their schedule, those that are due, and how fast they may leave."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from itertools import islice
from operator import attrgetter

from taskferry.accounts import Account
from taskferry.adapter import FetchesMany
from taskferry.poller.breaker import Breaker
from taskferry.poller.flight import Flight
from taskferry.poller.own_limits import AccountLimits
from taskferry.poller.pace import KEPT
from taskferry.poller.wheel import TICK, Wheel
from taskferry.transport import Wire

SLACK = 0.25
"""How much of its pause a task gives up to be looked at together with others that are due."""
_CONSIDERED = 4
"""How many tasks are considered for each place in a call for many."""


class AccountQueue:
    """What waits to be looked at with one account's key at one address."""

    def __init__(self, account: Account, wire: Wire, limits: AccountLimits) -> None:
        self.account = account
        self.place: tuple[str, ...] | None = None
        """What it is found by."""
        self.wire = wire
        self.wheel: Wheel[Flight] = Wheel()
        self.ready: deque[Flight] = deque()
        """Due tasks in the order in which they became due."""
        self.workers = 0
        self.paced = False
        """Whether a worker waits for the account's rate; the others need not wait as well."""
        adapter = account.adapter
        self.limit = max(1, adapter.fetch_many_limit) if isinstance(adapter, FetchesMany) else 1
        """Tasks that one call can look at."""
        self.bucket = limits.bucket
        self.gate = limits.gate
        self.gate.before_each(self._charge)
        self._answered = wire.answered
        """Requests that the bucket has heard of; all count, creates and second calls of a look as well."""
        self._placeless = False
        """Whether the worker that waits has yet to take its place in the rate."""
        self._back_at = 0.0
        """When that worker comes back; much later, its place is of another time."""
        self.breaker = Breaker(account.base_url)
        self.longest_soon = 0.0
        """Seconds within which a task that is not due may still be worth taking along."""

    def put(self, flight: Flight, now: float) -> None:
        """Schedule a task after its pause."""
        if self.limit > 1:
            self.longest_soon = max(self.longest_soon, SLACK * flight.pause)
        self.wheel.put(flight, now + flight.pause)

    def wait(self, now: float) -> float:
        """Take a place in the account's rate; give the seconds after which to ask `closed` whether it counts."""
        self._charge(now)
        held = self.bucket.held(now, self.wire.quota)
        if self.breaker.open:
            held = max(held, self.breaker.wait(now))
        self._placeless = held > 0
        wait = held or self.bucket.draw(now)
        self._back_at = now + wait
        return wait

    def closed(self, now: float) -> float:
        """Give the seconds for which the one that waits may not leave; a place that is too old is taken anew."""
        closed = max(self.bucket.closed(now, self.wire.quota), self.breaker.wait(now))
        if closed or self._placeless or now > self._back_at + KEPT:
            self._placeless = closed > 0
            wait = closed or self.bucket.draw(now)
        else:
            wait = self.bucket.short(now)
        self._back_at = now + wait
        return wait

    def _charge(self, now: float) -> None:
        if self.wire.answered != self._answered:
            self.bucket.charge(now, self.wire.answered - self._answered)
            self._answered = self.wire.answered

    def problem(self, now: float) -> str | None:
        """Say why nothing leaves at the moment, if that is so."""
        if self.breaker.wait(now) > 0:
            return self.breaker.reason
        closed = self.bucket.closed(now, self.wire.quota)
        return f"The provider asks to wait: no look for the next {closed:.0f} s." if closed > 1 else None

    def next(self, now: float) -> Sequence[Flight]:
        """Take what the next call looks at: what is due, and what nearly is where one call can look at many."""
        first = self._probe() if self.breaker.open else self.ready.popleft()
        if self.limit == 1 or first.errors:
            return (first,)  # one whose last look failed goes alone, so that a bad job does not spoil the others'
        together = [first]
        for _ in range(len(self.ready)):
            if len(together) == self.limit:
                return together
            other = self.ready.popleft()
            (self.ready if other.errors else together).append(other)
        room = self.limit - len(together)
        near = islice(self.wheel.soon(now + self.longest_soon), _CONSIDERED * room)
        for other in [flight for flight in near if _is_near(flight, now)][:room]:
            self.wheel.remove(other)
            other.busy = True
            together.append(other)
        return together

    def _probe(self) -> Flight:
        """Take the one most likely to be answered, so that jobs which the host cannot show never hold up the others."""
        first = min(self.ready, key=attrgetter("errors"))
        self.ready.remove(first)
        return first


def _is_near(flight: Flight, now: float) -> bool:
    """Tell whether a task that only has to be looked at can be taken along now."""
    return flight.plain and not flight.errors and not flight.busy and flight.due * TICK - now <= SLACK * flight.pause
