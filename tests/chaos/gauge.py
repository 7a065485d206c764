"""What a process holds, read again and again during a soak, and whether that stays flat."""

from __future__ import annotations

import ctypes
import gc
import resource
import threading
from collections.abc import Iterable, Sequence
from pathlib import Path

from attrs import asdict, frozen

_PAGE = resource.getpagesize()
_MIB = 1024 * 1024


@frozen(kw_only=True)
class Reading:
    """One process at one moment, after a collection."""

    at: float
    """How much of the soak is over, 0..1."""
    resident: float
    """MiB."""
    objects: int
    """That the collector knows."""
    descriptors: int
    threads: int
    tasks: int
    """Tasks that were submitted until now."""


def reading(at: float, tasks: int) -> Reading:
    """Collect, give freed memory back to the system, and read."""
    gc.collect()
    _trim()
    return Reading(
        at=round(at, 3),
        resident=round(int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE / _MIB, 1),
        objects=len(gc.get_objects()),
        descriptors=sum(1 for _ in Path("/proc/self/fd").iterdir()),
        threads=threading.active_count(),
        tasks=tasks,
    )


def growth(readings: Sequence[Reading], *, megabytes: float, objects: float, descriptors: int) -> list[str]:
    """Name what a process holds much more of at the end of a soak than when a quarter of it was over.

    `megabytes` and `descriptors` are what may come on top, `objects` is a share of what was there.
    """
    first, last = readings[0], readings[-1]
    found = []
    if last.resident - first.resident > megabytes:
        found.append(f"memory grew from {first.resident} to {last.resident} MiB")
    if last.objects > first.objects * (1 + objects):
        found.append(f"objects grew from {first.objects} to {last.objects}")
    if last.descriptors - first.descriptors > descriptors:
        found.append(f"file descriptors grew from {first.descriptors} to {last.descriptors}")
    if last.threads - first.threads > descriptors:
        found.append(f"threads grew from {first.threads} to {last.threads}")
    return found


def lines(readings: Iterable[Reading]) -> list[str]:
    """Write readings for people."""
    return [", ".join(f"{name} {value}" for name, value in asdict(each).items()) for each in readings]


def _trim() -> None:
    """Let the C library return what nobody uses, which it keeps otherwise and which is no leak."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
