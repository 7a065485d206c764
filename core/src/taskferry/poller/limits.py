"""How often an account may be asked: a token bucket, and a gate that closes when the provider says enough."""

from __future__ import annotations


class Bucket:
    """A token bucket on a monotonic clock; `None` a minute means no limit."""

    def __init__(self, per_minute: float | None, burst: float = 10.0) -> None:
        self._rate = None if per_minute is None else per_minute / 60
        self._burst = burst
        self._tokens = burst
        self._at: float | None = None
        self._closed_until = float("-inf")

    def take(self, now: float) -> float:
        """Take a token; give the seconds to wait before it may be used, 0 for at once."""
        if self._rate is None:
            return max(0.0, self._closed_until - now)
        if self._at is not None:
            self._tokens = min(self._burst, self._tokens + (now - self._at) * self._rate)
        self._at = now
        self._tokens -= 1
        return max(-self._tokens / self._rate, self._closed_until - now, 0.0)

    def close(self, until: float) -> None:
        """Let nothing through before a time."""
        self._closed_until = max(self._closed_until, until)


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
