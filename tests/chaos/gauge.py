"""What a process holds, read again and again during a soak, and whether that stays flat."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import resource
import threading
from collections.abc import Iterable, Iterator, Sequence
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
    """Files, pipes and all else but sockets."""
    sockets: int
    threads: int
    tasks: int
    """Tasks that were submitted until now."""


def reading(at: float, tasks: int) -> Reading:
    """Collect, give freed memory back to the system, and read."""
    gc.collect()
    _trim()
    kinds = list(open_kinds())
    return Reading(
        at=round(at, 3),
        resident=round(int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE / _MIB, 1),
        objects=len(gc.get_objects()),
        descriptors=len(kinds) - kinds.count("socket"),
        sockets=kinds.count("socket"),
        threads=threading.active_count(),
        tasks=tasks,
    )


def open_kinds() -> Iterator[str]:
    """Name the kind of each descriptor that this process has open: `socket`, `pipe`, or a path."""
    for descriptor in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):  # the one that reads this folder is closed by now
            yield str(descriptor.readlink()).partition(":")[0]


def growth(
    readings: Sequence[Reading], *, megabytes: float, objects: float, descriptors: int, sockets: int | None = None
) -> list[str]:
    """Name what a process holds much more of at the end of a soak than when a quarter of it was over.

    `megabytes` and `descriptors` are what may come on top, `objects` is a share of what was there. `sockets` is how
    many may be open at any moment, where pools of connections grow to their size; None counts them as descriptors.
    """
    first, last = readings[0], readings[-1]
    found = []
    if last.resident - first.resident > megabytes:
        found.append(f"memory grew from {first.resident} to {last.resident} MiB")
    if last.objects > first.objects * (1 + objects):
        found.append(f"objects grew from {first.objects} to {last.objects}")
    before, after = (one.descriptors + (one.sockets if sockets is None else 0) for one in (first, last))
    if after - before > descriptors:
        found.append(f"file descriptors grew from {before} to {after}")
    most = max(one.sockets for one in readings)
    if sockets is not None and most > sockets:
        found.append(f"{most} sockets, and pools and server have {sockets} at most")
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
