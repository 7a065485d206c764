"""What a provider's replies tell of an account's rate limit."""

from __future__ import annotations

import re
from collections.abc import Mapping

LONGEST = 300.0
"""Seconds that any word of a provider may stop an account for; it is asked again then."""
_CLOSING = frozenset({429, 503})
_EPOCH = 1e9
"""A reset above this is a date in epoch seconds, not a number of seconds."""
_MILLISECONDS = 1e12
_COUNT = re.compile(r"[0-9]{1,9}")
_NUMBER = re.compile(r"[0-9]{1,13}(\.[0-9]{1,9})?")
_FAMILIES = tuple(
    tuple(f"{prefix}-{word}" for word in ("remaining", "limit", "reset")) for prefix in ("x-ratelimit", "ratelimit")
)
_DRAFT = re.compile(r"(?:^|;)\s*([rt])=([0-9]{1,9})\b")
"""The parameters of the header `RateLimit` of the IETF's draft: what remains, and the seconds to the reset."""


def tells(headers: Mapping[str, str]) -> bool:
    """Tell, quickly, whether a reply says anything of what remains, as few do."""
    return "x-ratelimit-remaining" in headers or "ratelimit-remaining" in headers or "ratelimit" in headers


class Quota:
    """The rate limit of one account, as far as its replies tell; times are of the monotonic clock that is handed in."""

    __slots__ = ("closed_until", "limit", "remaining", "resets_at")

    def __init__(self) -> None:
        self.limit: int | None = None
        """Requests in one window."""
        self.remaining: int | None = None
        """Requests left until `resets_at`; out of date after it."""
        self.resets_at: float | None = None
        self.closed_until = 0.0
        """When an account that answered 429 or 503 with Retry-After may be asked again."""

    def hold(self, now: float) -> float:
        """Give the seconds for which nothing should be sent."""
        spent = self.remaining == 0 and self.resets_at is not None
        return max(0.0, self.closed_until - now, self.resets_at - now if spent and self.resets_at is not None else 0.0)

    def heard(
        self, status: int, headers: Mapping[str, str], now: float, *, wall: float, retry_after: float | None
    ) -> None:
        """Take what a reply says; `now` is monotonic, `wall` epoch seconds; all is bounded, nonsense left out."""
        if retry_after is not None and status in _CLOSING:
            self.closed_until = max(self.closed_until, now + min(retry_after, LONGEST))
        for remaining, limit, reset in _FAMILIES:
            left = headers.get(remaining)
            if left is not None:
                self._take(_count(left), _count(headers.get(limit)), _until(headers.get(reset), wall), now)
                return
        draft = headers.get("ratelimit")
        if draft is not None:
            told = dict(_DRAFT.findall(draft))
            self._take(_count(told.get("r")), None, _until(told.get("t"), wall), now)

    def _take(self, remaining: int | None, limit: int | None, seconds: float | None, now: float) -> None:
        self.remaining = remaining
        self.limit = limit
        self.resets_at = None if seconds is None else now + min(seconds, LONGEST)


def _count(value: str | None) -> int | None:
    return int(value) if value is not None and _COUNT.fullmatch(value.strip()) else None


def _until(value: str | None, wall: float) -> float | None:
    """Give the seconds to a reset, from seconds or from epoch seconds; None for nonsense and for what is past."""
    if value is None or not _NUMBER.fullmatch(value.strip()):
        return None
    number = float(value)
    if number < _EPOCH:
        return number
    seconds = (number / 1000 if number >= _MILLISECONDS else number) - wall
    return seconds if seconds >= 0 else None
