"""Values of replies as the contract wants them: words, numbers, times, addresses; None or MalformedReply else."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from taskferry.cost import decimal
from taskferry.errors import MalformedReply
from taskferry.reply import Reply
from taskferry.text import clean

_ADDRESSES = ("https://", "http://", "/")
_EARLIEST = 1e9
"""Epoch seconds of 2001: a smaller number is no time, but a length of time."""
_MOST = 10**12
_MILLISECONDS = 1e11
"""Epoch seconds of the year 5138: larger numbers are milliseconds."""


def as_text(value: object) -> str | None:
    """Give a text, a number or a boolean as JSON writes it; None for anything else, and for an empty text."""
    if isinstance(value, str):
        return value or None
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int | float) else None


def as_number(value: object) -> float | None:
    """Give a finite number of 0 or more, also from a text, since headers are texts; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) and number >= 0 else None


def as_fraction(value: object) -> float | None:
    """Give a number as it is; None for anything else, also for a text."""
    if value.__class__ is float:
        return value
    return None if isinstance(value, str) else as_number(value)


def as_count(value: object) -> int | None:
    """Give a whole number of 0 or more; None for anything else, and for more than anybody waits behind."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < _MOST else None


def as_moment(value: object) -> float | None:
    """Give epoch seconds from seconds, milliseconds or an ISO 8601 time (UTC where it names no zone); else None."""
    told = as_number(value)
    if told is None:
        told = _from_iso(value)
    elif told > _MILLISECONDS:
        told /= 1000
    return told if told is not None and _EARLIEST <= told <= _MILLISECONDS else None


def _from_iso(value: object) -> float | None:
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value.strip())
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None


def as_amount(value: object, scale: Decimal) -> Decimal | None:
    """Give an exact amount, divided by `scale`; None for what is no amount."""
    amount = decimal(value)
    return amount if amount is None or scale == 1 else amount / scale


def as_address(value: object, what: str) -> str | None:
    """Give a result's address, or its path below the base URL; None for null and an empty text, else MalformedReply."""
    if value is None or value == "":
        return None
    if isinstance(value, str) and value.startswith(_ADDRESSES):
        return value
    raise MalformedReply(f"{what} is {shown(value)}, not an address.")


def shown(value: object) -> str:
    """Show a value of a reply in an error message."""
    try:
        return clean(repr(value), 80)
    except RecursionError:
        return f"a {type(value).__name__}, nested too deeply to be shown"


def missing(reply: Reply, what: str, found: Any) -> MalformedReply:
    """Give the error for a reply that lacks what it has to have."""
    start = clean(reply.content[:400].decode("utf-8", "replace"), 160)
    lacks = f"without {what!r}" if found is None else f"with {shown(found)} at {what!r}"
    return MalformedReply(f"HTTP {reply.status} came {lacks}: {start}")
