"""Sizes, times and money as people read them."""

from __future__ import annotations

from taskferry.status import Status
from taskferry.text import clean

TYPE_CHECKING = False  # `taskferry list` starts without these
if TYPE_CHECKING:
    from taskferry.cost import Amount
    from taskferry.task import Snapshot

_UNITS = ("B", "KB", "MB", "GB", "TB")
_SPANS = ((86400 * 2, 86400, "d"), (3600, 3600, "h"), (60, 60, "min"), (0, 1, "s"))


def size(count: int | None) -> str:
    """Give a number of bytes in thousands, as `4.1 MB`."""
    if count is None:
        return ""
    value, unit = float(count), 0
    while value >= 999.5 and unit < len(_UNITS) - 1:
        value, unit = value / 1000, unit + 1
    return f"{value:.0f} {_UNITS[unit]}" if unit == 0 or value >= 9.95 else f"{value:.1f} {_UNITS[unit]}"


def age(seconds: float) -> str:
    """Give a span in its largest unit, as `2 min`."""
    seconds = max(0.0, seconds)
    for least, length, unit in _SPANS:
        if seconds >= least:
            return f"{int(seconds // length)} {unit}"
    raise AssertionError("the last span begins at 0")


def span(seconds: float) -> str:
    """Give a rough length of time, as `45 s` or `4 min`."""
    return f"{seconds:.0f} s" if seconds < 120 else age(seconds)


def clock(seconds: float) -> str:
    """Give a span as a clock shows it, as `0:41` or `1:02:03`."""
    whole = int(max(0.0, seconds))
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def money(amount: Amount) -> str:
    """Give an amount in its usual form, as `$1.96` or `30 credits`."""
    value = amount.value
    if amount.unit != "USD":
        return f"{value.normalize():f} {amount.unit}"
    from decimal import Decimal

    cents = value.quantize(Decimal("0.01"))
    return f"${cents if cents == value else value.normalize():f}"


def cost(snapshot: Snapshot) -> str:
    """Give what a task costs; `~` marks an estimate, `≤` one that may never be billed."""
    known = snapshot.cost.known
    if known is None or snapshot.status is Status.REFUSED:
        return ""
    sign = "" if snapshot.cost.actual is not None else "≤ " if snapshot.status is Status.UNCONFIRMED else "~"
    return f"{sign}{money(known)}"


def percent(snapshot: Snapshot) -> str:
    """Give the progress of a running task, as `57 %`."""
    if snapshot.progress is None or snapshot.status.terminal:
        return ""
    return f"{snapshot.progress * 100:.0f} %"


def queue_place(snapshot: Snapshot) -> str:
    """Say how many jobs are ahead of a queued one."""
    if snapshot.status is not Status.QUEUED or snapshot.queue_position is None:
        return ""
    return f"{snapshot.queue_position} ahead" if snapshot.queue_position else "next"


def trouble(snapshot: Snapshot) -> str:
    """Say why a task that goes on is held up, as far as it is known."""
    if snapshot.failure is None or snapshot.status is not Status.PREPARED:
        return ""
    return f"not sent yet: {clean(snapshot.failure.message, 100)}"


def time_left(snapshot: Snapshot, now: float) -> str:
    """Say how long the provider expects the job still to take, counted on from the last look."""
    if snapshot.eta is None or snapshot.status.terminal:
        return ""
    left = snapshot.eta - (now - snapshot.looked_at if snapshot.looked_at is not None else 0)
    return f"about {clock(left)} left" if left >= 1 else "any moment"
