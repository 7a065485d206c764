"""How long jobs take, how soon their end is noticed, and how many looks that takes."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from attrs import asdict, frozen
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from taskferry.ledger.paces import Pace
from taskferry.web.plots import Bars, bars
from taskferry.web.state import State, state_of

_MOST = 2000
"""The newest tasks that count."""
_PLOTTED = 12
_BUCKETS = (0.5, 1, 2, 5, 10, 30)
"""Seconds; ends of the ranges of lateness."""


@frozen(kw_only=True)
class Speed:
    """The tasks of one operation, or of one provider, in seconds: half and 95 of 100 were not slower."""

    name: str
    tasks: int
    queued: float | None
    median: float
    slow: float
    late: float | None
    """Median of how late an end was noticed at most."""
    late_slow: float | None
    looks: float | None
    """Median."""


async def page(request: Request) -> Response:
    """Show durations by operation and lateness by provider."""
    state = state_of(request)
    paces = await _paces(state)
    operations, providers = _speeds(paces, _by_operation), _speeds(paces, _by_provider)
    plots = [plot for plot in (_durations(operations), _lateness(paces)) if plot.total]
    return state.renderer.page(
        request,
        "speed.html",
        operations=operations,
        providers=providers,
        plots=[(plot, bars(plot)) for plot in plots],
        most=_MOST,
    )


async def document(request: Request) -> Response:
    """Give the same as JSON."""
    paces = await _paces(state_of(request))
    found: dict[str, Any] = {
        "operations": [asdict(one) for one in _speeds(paces, _by_operation)],
        "providers": [asdict(one) for one in _speeds(paces, _by_provider)],
    }
    return JSONResponse(found)


async def _paces(state: State) -> Sequence[Pace]:
    return await state.ferry.engine.call(state.ferry.ledger.paces, _MOST)


def _by_operation(pace: Pace) -> str:
    return pace.operation


def _by_provider(pace: Pace) -> str:
    return pace.provider


def _speeds(paces: Sequence[Pace], by: Callable[[Pace], str]) -> Sequence[Speed]:
    names = sorted({by(pace) for pace in paces})
    return [_speed(name, [pace for pace in paces if by(pace) == name]) for name in names]


def _speed(name: str, paces: Sequence[Pace]) -> Speed:
    whole = [max(pace.finished_at - pace.submitted_at, 0.0) for pace in paces]
    queued = [max(pace.started_at - pace.submitted_at, 0.0) for pace in paces if pace.started_at is not None]
    late = [pace.late for pace in paces if pace.late is not None]
    looks = [float(pace.looks) for pace in paces if pace.looks is not None]
    return Speed(
        name=name,
        tasks=len(paces),
        queued=_rank(queued, 0.5),
        median=_rank(whole, 0.5) or 0.0,
        slow=_rank(whole, 0.95) or 0.0,
        late=_rank(late, 0.5),
        late_slow=_rank(late, 0.95),
        looks=_rank(looks, 0.5),
    )


def _rank(values: Sequence[float], part: float) -> float | None:
    """Give the value that so large a part of them does not exceed; None of nothing."""
    if not values:
        return None
    return round(sorted(values)[min(math.ceil(part * len(values)), len(values)) - 1], 3)


def _durations(speeds: Sequence[Speed]) -> Bars:
    shown = sorted(speeds, key=lambda speed: -speed.tasks)[:_PLOTTED]
    return Bars(
        title="How long jobs take, from acceptance to the end that was noticed",
        unit="s",
        labels=[speed.name.rpartition("/")[2] for speed in shown],
        series={
            "half of the jobs": [speed.median for speed in shown],
            "95 of 100": [speed.slow for speed in shown],
        },
        stacked=False,
    )


def _lateness(paces: Sequence[Pace]) -> Bars:
    providers = sorted({pace.provider for pace in paces})
    ends = [*_BUCKETS, math.inf]
    counts = {provider: [0.0] * len(ends) for provider in providers}
    for pace in paces:
        if pace.late is not None:
            counts[pace.provider][next(place for place, end in enumerate(ends) if pace.late <= end)] += 1
    return Bars(
        title="How late an end was noticed, at most",
        unit="tasks",
        labels=[*(f"≤ {end:g} s" for end in _BUCKETS), "longer"],
        series=counts,
    )
