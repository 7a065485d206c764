"""Blends past durations into one density: many past jobs speak for themselves, few lean on the operation's word."""

from __future__ import annotations

import math
from collections.abc import Sequence

from taskferry.poller.density import Density
from taskferry.poller.regime import changes

_BRIEFEST, _LONGEST = 1e-3, 1e8
"""Seconds; what lies beyond is taken for these."""
_BROAD = 1.5
"""Deviation of the logarithm of durations of which nothing is known."""
_FACTORS = (0.25, 0.45, 0.7, 1.0)
"""Bandwidths to choose from, in terms of Silverman's."""
_GRAIN = 0.5
"""Seconds; with it, the grain is near the pause between looks at the likely end, by the usual worth of a look."""
_MEMORY = 400
"""Jobs after which a past one counts half."""

Weighted = list[tuple[float, float]]


def mixture(median: float, slow: float, seconds: Sequence[float]) -> Density:
    """Blend past durations, oldest first, with a usual and a slow one, and a broad tail that nothing is beyond."""
    usual = math.log(_bounded(median))
    told = min(max((math.log(_bounded(slow)) - usual) / 1.645, 0.3), 2.0)
    past, lost = _weighed([math.log(_bounded(value)) for value in seconds])
    count = sum(weight for _, weight in past)
    if not count:
        return _blend(Density(usual - 7, usual + 7, 0.1), [(usual, 0.7, told), (usual, 0.3, _BROAD)])
    trust = 1 / ((count + 1) * (1 + count / 10) ** 2)
    centre = sum(value * weight for value, weight in past) / count
    width = _silverman(past, centre, told)
    # looks are apart, so ends are seen late by about so much: finer differences are of our own making
    grain = min(math.sqrt(_GRAIN * width / math.exp(centre)), width)
    low, high = min(min(past)[0], usual) - 5, max(max(past)[0], usual) + 5
    bells = _adapted(past, width, Density(low, high, min(max(width / 4, 0.005), 0.1)))
    density = max(
        (_kernels(bells, max(width * factor, grain), low, high) for factor in _FACTORS), key=lambda found: found[1]
    )[0]
    kept = 0.95 if lost else 1.0
    density.scale((1 - trust) * kept / count)
    if lost:
        density.add([(value, (1 - trust) * (1 - kept) / len(lost)) for value in lost], 1.5 * width)
    return _blend(density, [(usual, trust * 0.5, told), (centre, trust * 0.5, _BROAD)])


def _bounded(seconds: float) -> float:
    return min(max(seconds, _BRIEFEST), _LONGEST) if seconds == seconds else _BRIEFEST


def _blend(density: Density, parts: Sequence[tuple[float, float, float]]) -> Density:
    for centre, mass, width in parts:
        density.add([(centre, mass)], width)
    return density


def _weighed(logs: list[float]) -> tuple[Weighted, list[float]]:
    """Weigh durations by their age; move those from before a change to where they would lie now, and keep them too."""
    count, lost = len(logs), list[float]()
    weights = [0.5 ** ((count - 1 - place) / _MEMORY) for place in range(count)]
    moved = list(logs)
    for begin, shift in changes(logs):
        lost = logs[:begin]
        for place in range(begin):
            moved[place] += shift
            weights[place] = min(weights[place], 20 / (20 + count - begin))
    return list(zip(moved, weights, strict=True)), lost


def _silverman(past: Weighted, centre: float, told: float) -> float:
    """Give the usual bandwidth, with the spread of few durations drawn to the operation's own."""
    count = sum(weight for _, weight in past)
    squares = sum(weight * (value - centre) ** 2 for value, weight in past)
    deviation = math.sqrt((squares + told**2) / (count + 1))
    ordered = sorted(value for value, _ in past)
    quarter = len(ordered) // 4
    if quarter > 2:
        deviation = min(deviation, max((ordered[-1 - quarter] - ordered[quarter]) / 1.34, 0.02))
    return max(0.9 * deviation * math.exp(-0.2 * math.log(count)), 0.01)


def _adapted(past: Weighted, width: float, pilot: Density) -> dict[float, Weighted]:
    """Sort durations by how much wider than usual their bells are: the rarer the wider (Abramson's rule)."""
    pilot.add(past, width)
    heights = [math.log(max(pilot.at(value), 1e-9)) for value, _ in past]
    mean = sum(height * weight for height, (_, weight) in zip(heights, past, strict=True)) / sum(w for _, w in past)
    bells: dict[float, Weighted] = {}
    for height, point in zip(heights, past, strict=True):
        level = round(min(max(2 * (mean - height), -1.4), 6.4))
        bells.setdefault(math.exp(level / 4), []).append(point)
    return bells


def _kernels(bells: dict[float, Weighted], width: float, low: float, high: float) -> tuple[Density, float]:
    """Lay bells of a bandwidth; give with them how well each duration is foretold by the others."""
    density = Density(low, high, min(max(width / 2, 0.005), 0.1))
    for wider, points in bells.items():
        density.add(points, width * wider)
    score = 0.0
    for wider, points in bells.items():
        own = 0.3989 / (width * wider)
        score += sum(weight * math.log(max(density.at(value) - weight * own, 1e-6)) for value, weight in points)
    return density, score
