"""The schedule: slots of 10 ms, each a list of what is due then."""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterator
from typing import Generic, Protocol, TypeVar

TICK = 0.01
"""Seconds of one slot."""


class Scheduled(Protocol):
    """Something with a time; only the slot that it names itself counts, so moving it costs no search."""

    due: int


T = TypeVar("T", bound=Scheduled)


def slot_of(moment: float) -> int:
    """Give the slot of a monotonic time: the first one that is not before it."""
    return math.ceil(moment / TICK)


def last_due(now: float) -> int:
    """Give the last slot whose time has come."""
    return math.floor(now / TICK + 1e-6)


class Wheel(Generic[T]):
    """Puts things into slots and takes them out in order; one step costs the same for ten things or a million."""

    def __init__(self) -> None:
        self._slots: dict[int, tuple[int, list[T]]] = {}
        self._order: list[int] = []
        self.announced: int | None = None
        """The slot for which whoever looks through several wheels has this one on the list."""

    @property
    def first(self) -> int | None:
        """Give the first slot that holds something, which may have moved on since; None if there is none."""
        return self._order[0] if self._order else None

    def put(self, thing: T, moment: float) -> None:
        """Schedule a thing; where it stood before no longer counts."""
        slot = slot_of(moment)
        found = self._slots.get(slot)
        if found is None:
            thing.due = slot
            self._slots[slot] = slot, [thing]
            heapq.heappush(self._order, slot)
        else:
            thing.due = found[0]  # the same number, not one of equal value: it takes 32 bytes, often the hundredth time
            found[1].append(thing)

    def due(self, now: float) -> Iterator[T]:
        """Take out, in order, everything whose time has come."""
        last = last_due(now)
        while self._order and self._order[0] <= last:
            slot = heapq.heappop(self._order)
            for thing in self._slots.pop(slot)[1]:
                if thing.due == slot:
                    thing.due = 0
                    yield thing

    def soon(self, until: float) -> Iterator[T]:
        """Show, in order and without taking it out, what is due up to a time; `remove` takes one out."""
        last = slot_of(until)
        for slot in sorted(slot for slot in self._order if slot <= last):
            for thing in self._slots[slot][1]:
                if thing.due == slot:
                    yield thing

    def remove(self, thing: T) -> None:
        """Take a thing out before its time."""
        thing.due = 0
