"""How often an account may be asked: a token bucket, and a gate that closes when the provider says enough."""

from __future__ import annotations

from taskferry.errors import AdapterError
from taskferry.transport.quota import Quota

_FEW = 10
"""Requests left, as the provider counts them, from which on they are spread over the time until it counts anew."""
_NEVER = float("-inf")


class Bucket:
    """A token bucket on a monotonic clock, fed by what the provider says of its own; `None` a minute is no limit."""

    def __init__(self, per_minute: float | None, burst: float = 10.0) -> None:
        if per_minute is not None and not per_minute > 0:
            raise AdapterError(f"A service's `requests_per_minute` has to be above 0, or None, not {per_minute!r}.")
        self._rate = None if per_minute is None else per_minute / 60
        self._burst = burst
        self._tokens = burst
        self._at: float | None = None
        self._closed_until = _NEVER

    def take(self, now: float, quota: Quota | None = None) -> float:
        """Take a token; give the seconds to wait before it may be used, 0 for at once."""
        closed = 0.0 if self._is_open(now, quota) else max(self.closed(now, quota), _spread(now, quota))
        if self._rate is None:
            return closed
        if self._at is not None:
            self._tokens = min(self._burst, self._tokens + (now - self._at) * self._rate)
        self._at = now
        self._tokens -= 1
        return max(-self._tokens / self._rate, closed, 0.0)

    def _is_open(self, now: float, quota: Quota | None) -> bool:
        """Tell, quickly, whether nobody asked to wait, as is nearly always so."""
        return self._closed_until <= now and (quota is None or (quota.remaining is None and quota.closed_until <= now))

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
    """Lets creates of one account through; after a refusal for want of room they come one by one."""

    def __init__(self, spacing: float = 0.05) -> None:
        self._spacing = spacing
        self._next = float("-inf")
        self._tight = False

    def slot(self, now: float) -> float:
        """Give 0 to a create that may go now, else the seconds after which to ask again; waiting takes no place."""
        if self._tight and now < self._next:
            return self._next - now
        self._next = now + self._spacing
        return 0.0

    def full(self, now: float, seconds: float) -> None:
        """Hear that the provider has no room: hold everything back for so many seconds."""
        self._tight = True
        self._next = max(self._next, now + seconds)
