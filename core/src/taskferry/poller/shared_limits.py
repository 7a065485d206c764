"""The limits of an account that processes share: tokens are leased, and whoever is told to wait tells the others."""

from __future__ import annotations

from collections.abc import Callable

from taskferry.poller.limits import Bucket, Gate
from taskferry.poller.share import Share

_SOON = 0.02
_LATER = 0.25
"""Seconds after which to ask again for a token that is not leased yet, at first and at most."""
_NEWS = 0.5
"""Seconds by which a closing must be longer than what is known to be told to others."""


class TellingBucket(Bucket):
    """Tells the other processes when the provider asks to wait."""

    def __init__(self, tell: Callable[[float], None], per_minute: float | None = None) -> None:
        super().__init__(per_minute)
        self._tell = tell
        """Tells the others until when nothing is let through."""

    def close(self, until: float) -> None:
        """Let nothing through before a time, in no process."""
        if until > self._closed_until + _NEWS:
            self._tell(until)
        self.heard(until)

    def heard(self, until: float) -> None:
        """Let nothing through before a time, as another process tells."""
        super().close(until)


class SharedBucket(TellingBucket):
    """Asks for tokens before those in hand run out; what is taken beyond them is owed, and waits."""

    def __init__(self, per_minute: float, ask: Callable[[Share, int], None], tell: Callable[[float], None]) -> None:
        super().__init__(tell, per_minute)
        self.share = Share(per_minute)
        self._ask = ask
        """Leases so many tokens, without making anybody wait."""
        self._owed = 0
        self._owed_since = 0.0
        self._settled_at = float("-inf")
        """When the last token counts that was owed."""

    def draw(self, now: float) -> float:
        """Take a token; give the seconds to wait before it may be used, or before `short` is asked, 0 for at once."""
        self.drawn += 1
        wait = None if self._owed else self.share.take(now)
        wanted = self.share.wanted(now)
        if wanted:
            self._ask(self.share, wanted)
        if wait is None:
            self._owe(now)
            return self._pause(now)
        return wait

    def short(self, now: float) -> float:
        """Give the seconds after which to ask again whether all tokens that were taken are there; 0 if they are."""
        while self._owed:
            wait = self.share.take(now)
            wanted = self.share.wanted(now)
            if wanted:
                self._ask(self.share, wanted)
            if wait is None:
                return self._pause(now)
            self._owed -= 1
            self._settled_at = now + wait
        return max(0.0, self._settled_at - now)

    @property
    def interval(self) -> float:
        """Give the seconds from one request to the next where the account is busy."""
        return self.share.gap

    def _owe(self, now: float) -> None:
        if not self._owed:
            self._owed_since = now
        self._owed += 1

    def _pause(self, now: float) -> float:
        return min(_LATER, max(_SOON, (now - self._owed_since) / 4))


class SharedGate(Gate):
    """Holds the creates of all processes back when one of them hears that there is no room."""

    def __init__(self, bucket: Bucket, tell: Callable[[float], None]) -> None:
        super().__init__(bucket=bucket)
        self._tell = tell

    def full(self, now: float, seconds: float) -> None:
        """Hear that the provider has no room: hold everything back for so many seconds, in every process."""
        if now + seconds > self._next + _NEWS:
            self._tell(now + seconds)
        self.heard(now, seconds)

    def heard(self, now: float, seconds: float) -> None:
        """Hold everything back for so many seconds, as another process tells."""
        super().full(now, seconds)
