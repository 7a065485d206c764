"""Notices that durations are no longer what they were."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

_EVIDENCE = 8.0
"""Logarithm of how much likelier a change must make the durations."""
_SMALLEST = 0.15
"""A change of the logarithm below this is not worth acting on."""
_FEWEST = 3


def changes(logs: Sequence[float]) -> list[tuple[int, float]]:
    """Find where the logarithms of durations, oldest first, moved: (index of the first one after it, by how much)."""
    found: list[tuple[int, float]] = []
    begin = 0
    while (change := _largest(logs[begin:])) is not None:
        place, shift = change
        begin += place
        found.append((begin, shift))
    return found


def _largest(logs: Sequence[float]) -> tuple[int, float] | None:
    count = len(logs)
    if count < 3 * _FEWEST:
        return None
    sums = list(accumulate(logs, initial=0.0))
    squares = list(accumulate((value * value for value in logs), initial=0.0))
    spread = squares[-1] - sums[-1] ** 2 / count
    best: tuple[float, int, float] | None = None
    for place in range(2 * _FEWEST, count - _FEWEST + 1):
        before, after = sums[place] / place, (sums[-1] - sums[place]) / (count - place)
        between = place * (count - place) / count * (after - before) ** 2
        within = max(spread - between, 0.0) + 0.01
        evidence = 0.5 * between * count / within
        if best is None or evidence > best[0]:
            best = (evidence, place, after - before)
    if best is None or best[0] < _EVIDENCE or abs(best[2]) < _SMALLEST:
        return None
    return best[1], best[2]
