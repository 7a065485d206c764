"""What a provider's progress is worth: how it runs against time, learned from past runs."""

from __future__ import annotations

import math
from collections.abc import Sequence

_PRIOR_SPREAD = 0.5
_PRIOR_RUNS = 3.0


def half_way(progress: float, age: float, run: float) -> float | None:
    """Give the fraction of a run at which progress was one half, from one value seen at an age; None from nonsense.

    Progress is taken for the power `(age / run) ** g`: linear for g = 1, hasty below, hesitant above.
    """
    if not (0.0 < progress < 1.0 and 0.0 < age < run and math.isfinite(run)):
        return None
    return math.exp(math.log(0.5) * math.log(age / run) / math.log(progress))


def calibrated(halves: Sequence[float]) -> tuple[float, float]:
    """Give the mean and the spread of log g, from the fractions at which past runs were half way."""
    powers = [math.log(math.log(0.5) / math.log(half)) for half in halves if 0.001 < half < 0.999]
    count = len(powers)
    mean = sum(powers) / (count + 1.0)
    squares = sum((power - mean) ** 2 for power in powers)
    spread = math.sqrt((squares + _PRIOR_RUNS * _PRIOR_SPREAD**2) / (count + _PRIOR_RUNS))
    return mean, max(spread, 0.05)
