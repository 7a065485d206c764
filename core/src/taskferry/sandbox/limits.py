"""Request rates: counted per account and kind of call, told in X-RateLimit-* headers."""

from __future__ import annotations

import math
from collections.abc import Mapping

from attrs import define, frozen


@frozen
class Rate:
    """How many requests an account may make in a span of time."""

    limit: int
    seconds: float = 60.0


@define
class Window:
    """The present span of one account's rate."""

    limit: int
    reset: float
    """Epoch seconds at which counting begins anew."""
    used: int = 0

    def retry_after(self, now: float) -> int:
        """Whole seconds until a request may pass."""
        return max(1, math.ceil(self.reset - now))

    def headers(self) -> dict[str, str]:
        """Say it as providers do, the reset in epoch seconds."""
        return {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(max(0, self.limit - self.used)),
            "X-RateLimit-Reset": str(math.ceil(self.reset)),
        }


class Limits:
    """The rates of one stand-in, by the name of their bucket."""

    def __init__(self, rates: Mapping[str, Rate], speed: float) -> None:
        self._rates = rates
        self._speed = speed
        self._windows: dict[tuple[str, str], Window] = {}

    def window(self, account: str, bucket: str, now: float) -> Window:
        """Give the present window of an account, which may be a new one."""
        rate = self._rates[bucket]
        window = self._windows.get((account, bucket))
        if window is None or now >= window.reset:
            window = self._windows[account, bucket] = Window(rate.limit, now + rate.seconds / self._speed)
        return window

    def admit(self, window: Window) -> bool:
        """Count one request; tell whether it is within the limit."""
        window.used += 1
        return window.used <= window.limit
