"""Schedules for a task whose provider says how far it is, or how long it will take: estimates, weighed by the past."""

from __future__ import annotations

import math
from collections.abc import Callable

from taskferry.poller.density import Density, Schedule

_ETA_SPREAD = 0.35
"""Deviation of the logarithm of what a server says is left."""
_ROUNDED = 0.005
"""How far off a value of progress is because providers tell whole per cents."""
_DOUBT = 0.002
"""How likely, measured by the likeliest, any duration stays, whatever the hint says."""
_COARSE = 1.4
"""Ratio of the cells far from a hint's own value."""


def by_progress(known: Density, progress: float, age: float, calibration: tuple[float, float]) -> Schedule:
    """Give the looks after a value of progress was first seen at an age, in units of that age."""
    mean, spread = calibration
    progress = min(progress + 0.0025, 0.999)
    depth = -math.log(progress)
    spread = math.hypot(spread, _ROUNDED / (progress * depth))

    def likelihood(left: float) -> float:
        return -0.5 * ((math.log(depth / math.log1p(left)) - mean) / spread) ** 2

    return _schedule(known, age, math.expm1(depth * math.exp(-mean)), spread, likelihood, age)


def by_eta(known: Density, eta: float, age: float) -> Schedule:
    """Give the looks after a server said at an age how many seconds are left, in units of those seconds."""
    return _schedule(known, age, 1.0, _ETA_SPREAD, lambda left: -0.5 * (math.log(left) / _ETA_SPREAD) ** 2, eta)


def _schedule(
    known: Density, age: float, centre: float, spread: float, likelihood: Callable[[float], float], unit: float
) -> Schedule:
    """Weigh what is known by what the hint makes of it: closely around the hint's own value, coarsely far from it."""
    edges = [centre * math.exp(0.25 * spread * step) for step in range(-14, 15)]
    soonest, latest = 0.1 / unit, math.exp(known.low + len(known.masses) * known.step) / unit
    while edges[0] > soonest:
        edges.insert(0, edges[0] / _COARSE)
    while edges[-1] < latest:
        edges.append(edges[-1] * _COARSE)
    below = [known.below(math.log(age + unit * edge)) for edge in edges]
    ends = [0.0]
    for place in range(len(edges) - 1):
        believed = math.exp(likelihood(math.sqrt(edges[place] * edges[place + 1]))) + _DOUBT
        ends.append((below[place + 1] - below[place]) * believed)
    return Schedule([0.0, *edges], ends)
