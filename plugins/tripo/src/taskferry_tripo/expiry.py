"""Reads from a signed URL when it ends; Tripo's replies do not say, and its documents disagree (60 s to 24 h)."""

from __future__ import annotations

import base64
import json
from urllib.parse import parse_qs, urlsplit

from taskferry import decimal, dig

_EARLIEST = 1_000_000_000
"""Epoch seconds (2001); smaller numbers in a URL are not a time."""


def expires_at(url: str) -> float | None:
    """Give the end of a CloudFront URL in epoch seconds: its `Expires`, or the time in its `Policy`; else None."""
    query = parse_qs(urlsplit(url).query)
    for name in ("Expires", "exp"):
        if name in query:
            return _time(query[name][0])
    return _time(_policy_time(query["Policy"][0])) if "Policy" in query else None


def _policy_time(policy: str) -> object:
    """Dig the time out of a policy, which is JSON in CloudFront's own spelling of base64."""
    plain = policy.translate(str.maketrans("-_~", "+=/"))
    try:
        return dig(json.loads(base64.b64decode(plain)), "Statement.0.Condition.DateLessThan.AWS:EpochTime")
    except (ValueError, RecursionError):
        return None


def _time(value: object) -> float | None:
    seconds = decimal(value)
    return float(seconds) if seconds is not None and seconds >= _EARLIEST else None
