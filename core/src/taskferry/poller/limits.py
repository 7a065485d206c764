"""How often an account may be asked: a token bucket, and a gate that closes when the provider says enough."""

from __future__ import annotations

from collections.abc import Callable

from taskferry.poller.pace import KEPT, pace_of
from taskferry.transport.quota import Quota

_FEW = 10
"""Requests left, as the provider counts them, from which on they are spread over the time until it counts anew."""
_NEVER = float("-inf")
_UNANSWERED = 64
"""Tokens whose requests may be under way; beyond them, some were never answered."""
_LONGEST_WAIT = 60.0
"""Seconds within which a create asks again that waits for another one's: those before it may have been cancelled."""


class Bucket:
    """A token bucket on a monotonic clock, fed by what the provider says of its own; `None` a minute is no limit.

    Of the requests that leave within `KEPT` of their tokens' times, no sixty seconds see more than so many.
    """

    def __init__(self, per_minute: float | None) -> None:
        self._rate: float | None = None
        self._burst = 0
        if per_minute is not None:
            self._rate, self._burst = pace_of(per_minute)
        self._tokens = float(self._burst)
        self._at: float | None = None
        self._closed_until = _NEVER
        self.drawn = 0
        """Tokens taken so far."""
        self._answered = 0

    def draw(self, now: float) -> float:
        """Take a token; give the seconds to wait before it may be used, 0 for at once."""
        if self._rate is None:
            return 0.0
        self.drawn += 1
        if self._at is not None:
            self._tokens = min(self._burst, self._tokens + (now - self._at) * self._rate)
        self._at = now
        self._tokens -= 1
        return max(-self._tokens / self._rate, 0.0)

    def charge(self, now: float, requests: int) -> None:
        """Hear of requests that were answered; those beyond the tokens taken, as a look's second call, are paid now."""
        if self._rate is None:
            return
        self._answered = max(self._answered + requests, self.drawn - _UNANSWERED)
        while self._answered > self.drawn:
            self.draw(now)

    @property
    def interval(self) -> float:
        """Give the seconds from one request to the next where the account is busy; 0 where there is no limit."""
        return 0.0 if self._rate is None else 1.0 / self._rate

    def short(self, now: float) -> float:  # noqa: ARG002 -- asked of every bucket
        """Give the seconds after which to ask again whether all tokens that were taken are there; 0 if they are."""
        return 0.0

    def held(self, now: float, quota: Quota | None = None) -> float:
        """Give the seconds to wait before a token is taken: one taken earlier would be too old by then."""
        if self._closed_until <= now and (quota is None or (quota.remaining is None and quota.closed_until <= now)):
            return 0.0  # quickly, as is nearly always so
        return max(self.closed(now, quota), _spread(now, quota))

    def closed(self, now: float, quota: Quota | None = None) -> float:
        """Give the seconds for which nothing is let through, for want of room at the provider."""
        if quota is None:
            return max(0.0, self._closed_until - now)
        until = max(self._closed_until, quota.closed_until)
        if quota.remaining == 0 and quota.resets_at is not None:
            until = max(until, quota.resets_at)
        return max(0.0, until - now)

    def close(self, until: float) -> None:
        """Let nothing through before a time."""
        self._closed_until = max(self._closed_until, until)


def _spread(now: float, quota: Quota | None) -> float:
    """Give the pause that makes the last few requests of a window last until the next one."""
    if quota is None or quota.remaining is None or quota.resets_at is None or quota.resets_at <= now:
        return 0.0
    return (quota.resets_at - now) / (quota.remaining + 1) if 0 < quota.remaining <= _FEW else 0.0


class Gate:
    """Lets creates of one account through at its rate; after a refusal for want of room they come one by one.

    One create at a time has a token promised, so that creates and looks take turns where both wait.
    """

    def __init__(self, spacing: float = 0.05, bucket: Bucket | None = None) -> None:
        self._spacing = spacing
        self._bucket = bucket
        self._next = _NEVER
        self._tight = False
        self._promised: float | None = None
        """When the token counts that was taken for the next create."""
        self._last = _NEVER
        """When the last of those comes back that wait for the rate."""
        self._charges: list[Callable[[float], None]] = []

    def before_each(self, charge: Callable[[float], None]) -> None:
        """Have what was answered meanwhile, as uploads, charged to the bucket before a create asks it."""
        self._charges.append(charge)

    def slot(self, now: float) -> float:
        """Give 0 to a create that may go now, else the seconds after which to ask again; waiting takes no place."""
        if self.tight(now):
            return self._next - now
        for charge in self._charges:
            charge(now)
        wait = 0.0 if self._bucket is None or not self._bucket.interval else self._paced(now, self._bucket)
        if wait == 0:
            self._next = now + self._spacing
        return wait

    def tight(self, now: float) -> bool:
        """Tell whether creates are held back because the provider had no room."""
        return self._tight and now < self._next

    def full(self, now: float, seconds: float) -> None:
        """Hear that the provider has no room: hold everything back for so many seconds."""
        self._tight = True
        self._next = max(self._next, now + seconds)

    def _paced(self, now: float, bucket: Bucket) -> float:
        if self._promised is not None:
            wait = max(self._promised - now, bucket.short(now))
            if wait > 0:
                self._last = min(max(self._last, now + wait) + bucket.interval, now + wait + _LONGEST_WAIT)
                return self._last - now
            kept, self._promised = now - self._promised < KEPT, None
            if kept:
                return 0.0
        wait = bucket.draw(now)
        if wait > 0:
            self._promised = now + wait
            self._last = max(self._last, self._promised)
        return wait
