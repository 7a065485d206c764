"""How likely a duration is, as mass on a grid of logarithms, and the schedule of looks that follows from it."""

from __future__ import annotations

import math
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate, pairwise

_REACH = 4.0
"""Bandwidths beyond which a kernel has no mass worth counting."""


class Density:
    """Mass over durations: a sum of bells on the logarithm of seconds."""

    __slots__ = ("_sums", "low", "masses", "step")

    def __init__(self, low: float, high: float, step: float) -> None:
        self.low = low
        """Logarithm of the shortest duration of the grid."""
        self.step = step
        self.masses = [0.0] * (int((high - low) / step) + 1)
        self._sums: list[float] = []

    def add(self, centres: Iterable[tuple[float, float]], width: float) -> None:
        """Add bells of one width at (logarithm, mass)."""
        reach = int(_REACH * width / self.step) + 1
        edges = [0.5 + 0.5 * math.erf((k - 0.5) * self.step / width / math.sqrt(2)) for k in range(-reach, reach + 2)]
        shape = [after - before for before, after in pairwise(edges)]
        heaped: dict[int, float] = {}
        for centre, mass in centres:
            cell = int((centre - self.low) / self.step)
            heaped[cell] = heaped.get(cell, 0.0) + mass
        masses, last = self.masses, len(self.masses) - 1
        for cell, mass in heaped.items():
            for place, part in enumerate(shape, cell - reach):
                if 0 <= place <= last:
                    masses[place] += mass * part

    def scale(self, factor: float) -> None:
        """Multiply all mass."""
        self.masses = [mass * factor for mass in self.masses]

    def at(self, logarithm: float) -> float:
        """Give the density over the logarithm."""
        place = int((logarithm - self.low) / self.step)
        return self.masses[place] / self.step if 0 <= place < len(self.masses) else 0.0

    def below(self, logarithm: float) -> float:
        """Give the mass below a logarithm; no more mass may be added afterwards."""
        if not self._sums:
            self._sums = list(accumulate(self.masses, initial=0.0))
        place = (logarithm - self.low) / self.step
        if not 0 < place < len(self.masses):
            return 0.0 if place <= 0 else self._sums[-1]
        cell = int(place)
        return self._sums[cell] + (place - cell) * self.masses[cell]

    def ages(self) -> list[float]:
        """Give the edges of the grid's cells, in seconds."""
        return [math.exp(self.low + place * self.step) for place in range(len(self.masses) + 1)]


class Schedule:
    """Where looks fall: the integral of the root of the hazard, to be cut into equal steps.

    The inspection problem of Barlow, Hunter and Proschan: with the hazard h, looks of density sqrt(h / 2w) make the
    sum of looks and lateness / w smallest.
    """

    __slots__ = ("_ages", "_grown")

    def __init__(self, ages: Sequence[float], ends: Sequence[float], left: Sequence[float] | None = None) -> None:
        """Take the edges of cells, the mass that ends in each, and the mass that is left as each begins."""
        survivors = _remaining(ends) if left is None else left
        grown, total = array("d", [0.0]), 0.0
        for place, mass in enumerate(ends):
            alive = survivors[place] - 0.5 * mass
            if mass > 0.0 and alive > 0.0:
                total += math.sqrt(mass * (ages[place + 1] - ages[place]) / alive)
            grown.append(total)
        self._ages = array("d", ages)
        self._grown = grown

    def following(self, age: float, step: float) -> float:
        """Give the age at which the integral has grown by a step, infinity beyond what is known."""
        ages, grown = self._ages, self._grown
        place = bisect_right(ages, age)
        if place == 0:
            target = step
        elif place == len(ages):
            return math.inf
        else:
            before = place - 1
            part = (age - ages[before]) / (ages[place] - ages[before])
            target = grown[before] + part * (grown[place] - grown[before]) + step
        place = bisect_right(grown, target)
        if place == len(grown):
            return math.inf
        before = place - 1
        part = (target - grown[before]) / (grown[place] - grown[before])
        return ages[before] + part * (ages[place] - ages[before])


def _remaining(ends: Sequence[float]) -> list[float]:
    left, total = [0.0] * len(ends), 0.0
    for place in range(len(ends) - 1, -1, -1):
        total += ends[place]
        left[place] = total
    return left
