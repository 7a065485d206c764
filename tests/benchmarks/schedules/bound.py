"""The best schedule there can be for a distribution that is known exactly: dynamic programming on a fine grid."""

from __future__ import annotations

import numpy as np

from benchmarks.schedules.lives import Array, Life

WINDOW = 300.0
"""Seconds of the longest pause that is considered."""


def best_looks(life: Life, worth: float, rtt: float) -> Array:
    """Give the times of looks that make looks + lateness / worth smallest; a look cannot follow before its reply."""
    tick = 0.05 if life.longest < 2000 else 0.125
    times = np.arange(0.0, float(life.grid[np.searchsorted(life.shares, 0.99999)]) + 2.0, tick)
    ended = life.ended_by(times)
    moment = np.concatenate([[0.0], np.cumsum(0.5 * (times[1:] + times[:-1]) * np.diff(ended))])
    least, window = max(1, round(rtt / tick)), round(WINDOW / tick)
    last = len(times) - 1
    cost, following = np.zeros(last + 1), np.full(last + 1, last)
    for place in range(last - 1, -1, -1):
        begin, end = min(place + least, last), min(place + least + window, last + 1)
        late = times[begin:end] * (ended[begin:end] - ended[place]) - (moment[begin:end] - moment[place])
        whole = late / worth + cost[begin:end]
        choice = int(np.argmin(whole))
        cost[place] = 1.0 - ended[place] + whole[choice]
        following[place] = begin + choice
    looks, place = [], 0
    while place < last:
        place = int(following[place])
        looks.append(times[place])
    return np.array([*looks, *(times[-1] + np.arange(1, 400) * 5.0)])
