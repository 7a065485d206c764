"""What was spent over time, and how the caps stand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from taskferry.spend import Spend, SpendLine
from taskferry.web.plots import Bars, bars
from taskferry.web.state import state_of

_DAYS = (7, 30, 90)
_NUMBERS = ("reserved", "actual", "estimated")


async def page(request: Request) -> Response:
    """Show spend by day and provider, one plot for each unit."""
    state = state_of(request)
    days = _days(request)
    spend = await state.ferry.spend(days)
    today = datetime.fromtimestamp(state.ferry.engine.clock.now(), UTC)
    plots = _plots(spend, [f"{today - timedelta(days=back):%Y-%m-%d}" for back in reversed(range(days))])
    return state.renderer.page(
        request, "spend.html", spend=spend, plots=[(plot, bars(plot)) for plot in plots], days=days, choices=_DAYS
    )


async def document(request: Request) -> Response:
    """Give the same as JSON; amounts as text, so that they keep their digits."""
    days = _days(request)
    spend = await state_of(request).ferry.spend(days)
    return JSONResponse({"days": days, "lines": [_line(line) for line in spend.lines]})


def _days(request: Request) -> int:
    text = request.query_params.get("days", "")
    return int(text) if text in map(str, _DAYS) else 30


def _plots(spend: Spend, days: Sequence[str]) -> Sequence[Bars]:
    units = dict.fromkeys(line.unit for line in spend.lines if line.unit is not None)
    return [_plot(unit, [line for line in spend.lines if line.unit == unit], days) for unit in units]


def _plot(unit: str, lines: Sequence[SpendLine], days: Sequence[str]) -> Bars:
    providers = sorted({line.provider for line in lines})
    amounts = {(line.provider, line.day): float(_whole(line)) for line in lines}
    return Bars(
        title=f"Spend by day in {unit}",
        unit=unit,
        labels=[day[5:] for day in days],
        series={provider: [amounts.get((provider, day), 0.0) for day in days] for provider in providers},
    )


def _whole(line: SpendLine) -> Decimal:
    return sum((getattr(line, name) or Decimal(0) for name in _NUMBERS), Decimal(0))


def _line(line: SpendLine) -> dict[str, Any]:
    amounts = {name: None if getattr(line, name) is None else f"{getattr(line, name):f}" for name in _NUMBERS}
    made = {unit: f"{value:f}" for unit, value in line.quantities.items()}
    return {"day": line.day, "provider": line.provider, "unit": line.unit, "tasks": line.tasks, **amounts, "made": made}
