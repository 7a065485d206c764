"""A circuit breaker: when a host is down, its tasks wait together instead of failing one by one."""

from __future__ import annotations

import logging
from urllib.parse import urlsplit

log = logging.getLogger("taskferry")

_FAILURES = 5
"""Looks in a row, of any tasks, that fail before the host counts as down."""
_FIRST = 2.0
_LONGEST = 60.0


class Breaker:
    """Holds back the looks at one host after several failed in a row; one at a time then finds out whether it is up."""

    def __init__(self, base_url: str) -> None:
        self._host = urlsplit(base_url).hostname or base_url
        self.failures = 0
        """Looks in a row that failed."""
        self._pause = 0.0
        self._until = 0.0
        self.reason = ""
        """Why nothing leaves, while it is open."""

    @property
    def open(self) -> bool:
        """Tell whether the host counts as down."""
        return self.failures >= _FAILURES

    def wait(self, now: float) -> float:
        """Give the seconds until the next look may leave."""
        return max(0.0, self._until - now) if self.open else 0.0

    def failed(self, now: float, reason: str) -> None:
        """Hear that a look did not reach the host, or that it answered that it is not well."""
        was_open = self.open
        self.failures += 1
        if self.open and self._until <= now:
            self._pause = min(_LONGEST, self._pause * 2 or _FIRST)
            self._until = now + self._pause
            self.reason = f"{self._host} does not answer properly, its tasks wait: {reason}"
            if not was_open:
                log.warning("%s is down for now, its tasks wait: %s", self._host, reason)

    def answered(self) -> None:
        """Hear that the host is well."""
        if self.open:
            log.warning("%s answers again", self._host)
        self.failures = 0
        self._pause = 0.0
