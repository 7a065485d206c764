"""How long the tasks of the simulation take, and what a provider tells about them on the way."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from taskferry import Typical

Array = NDArray[np.float64]


def lognormal(median: float, spread: float) -> Callable[[Array], Array]:
    """Give the distribution function of a lognormal duration."""
    erf = np.vectorize(math.erf)
    return lambda seconds: 0.5 + 0.5 * erf(np.log(seconds / median) / (spread * math.sqrt(2)))


def uniform(low: float, high: float) -> Callable[[Array], Array]:
    """Give the distribution function of a uniform duration."""
    return lambda seconds: np.clip((seconds - low) / (high - low), 0, 1)


@frozen(kw_only=True, eq=False)
class Life:
    """One kind of job: a mixture of distributions."""

    name: str
    parts: tuple[tuple[float, Callable[[Array], Array]], ...]
    typical: Typical
    """What an operation's author would have written down."""
    longest: float = 5000.0
    grid: Array = field(init=False, repr=False)
    shares: Array = field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        grid = np.exp(np.linspace(math.log(0.5), math.log(self.longest), 30_000))
        shares = sum(weight * distribution(grid) for weight, distribution in self.parts)
        object.__setattr__(self, "grid", grid)
        object.__setattr__(self, "shares", shares / shares[-1])

    def durations(self, count: int) -> Array:
        """Give durations at evenly spaced quantiles: a sample without noise."""
        return np.interp((np.arange(count) + 0.5) / count, self.shares, self.grid)

    def drawn(self, count: int, rng: np.random.Generator) -> Array:
        """Draw durations at random."""
        return np.interp(rng.random(count), self.shares, self.grid)

    def ended_by(self, seconds: Array) -> Array:
        """Give the share of jobs that have ended by each time."""
        return np.interp(seconds, self.grid, self.shares, left=0.0)


PICTURE = Life(
    name="picture, LN(20, 0.5)", parts=((1.0, lognormal(20, 0.5)),), typical=Typical(median=15, slow=60), longest=400
)
VIDEO = Life(
    name="video, LN(120, 0.6)", parts=((1.0, lognormal(120, 0.6)),), typical=Typical(median=90, slow=360), longest=2500
)
TIGHT = Life(
    name="tight, LN(60, 0.2)", parts=((1.0, lognormal(60, 0.2)),), typical=Typical(median=75, slow=300), longest=200
)
MIXTURE = Life(
    name="mixture, 0.45 LN(40, 0.25) + 0.55 LN(145, 0.33)",
    parts=((0.45, lognormal(40, 0.25)), (0.55, lognormal(145, 0.33))),
    typical=Typical(median=75, slow=300),
    longest=1000,
)
HEAVY = Life(
    name="heavy tail, 0.9 LN(30, 0.4) + 0.1 LN(150, 1)",
    parts=((0.9, lognormal(30, 0.4)), (0.1, lognormal(150, 1.0))),
    typical=Typical(median=30, slow=120),
)
STEADY = Life(
    name="300 s, uniform ±10 %", parts=((1.0, uniform(270, 330)),), typical=Typical(median=240, slow=900), longest=400
)
LIVES = (PICTURE, VIDEO, TIGHT, MIXTURE, HEAVY, STEADY)
