"""How fast an account may be asked so that no sixty seconds ever see more requests than its limit."""

from __future__ import annotations

import math

from taskferry.errors import AdapterError

KEPT = 1.0
"""Seconds after its time for which a token that was taken may still be used; one that was not is lost."""
_JITTER = 0.25
"""Seconds that a request may take longer than another from here to the provider."""
_MOST_AT_ONCE = 10


def pace_of(per_minute: float, late: float = 0.0) -> tuple[float, int]:
    """Give the requests a second, and those at once, of which no sixty seconds see more than a limit.

    A twentieth of the limit, 10 at most, may be sent at once. What is sent in sixty seconds has its place in the rate
    in those or shortly before: by `KEPT`, by what the way takes, and by `late` seconds where places are leased ahead.
    """
    if not 0 < per_minute < math.inf:
        raise AdapterError(f"A service's `requests_per_minute` has to be above 0, or None, not {per_minute!r}.")
    whole = math.floor(per_minute) if per_minute >= 1 else per_minute
    burst = max(1, min(_MOST_AT_ONCE, int(whole / 20)))
    return (whole - burst + 1) / (60.0 + KEPT + _JITTER + late), burst
