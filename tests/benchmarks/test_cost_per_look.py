"""What a look costs: ours over the whole path, beside a raw client, aiohttp and stock httpx, in one run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from benchmarks.looks.results import Goal, Result, Table, save
from benchmarks.looks.samples import Figure, figures
from benchmarks.looks.spec import Spec

OURS = Spec(client="ferry", in_flight=50, tasks=2000)
"""Enough tasks that a due one always waits: a schedule that has to be waited for would cost less."""
AT_50 = {
    "raw asyncio client": Spec(client="raw", in_flight=50),
    "aiohttp": Spec(client="aiohttp", in_flight=50),
    "stock httpx": Spec(client="httpx", in_flight=50, seconds=1.0),
    "ours": OURS,
    "ours, without the fast lane": replace(OURS, fast=False),
    "ours, VAP's adapter": replace(OURS, provider="vap"),
    "ours, batches of 100": replace(OURS, provider="batch", tasks=5000, warm=1.0),
}
AT_500 = {
    name: replace(AT_50[name], in_flight=500, tasks=5000, warm=0.8)
    for name in ("raw asyncio client", "aiohttp", "ours", "ours, without the fast lane")
}
CHANGING = {name: AT_50[name] for name in ("raw asyncio client", "ours", "ours, VAP's adapter")}
HTTPX_AT_500 = {"stock httpx": Spec(client="httpx", in_flight=500, warm=3.0, seconds=4.0)}
PATIENCE = 30.0
"""Seconds that stock httpx gets for a sample with 500 requests under way, which it usually does not finish."""
BATCH_GOAL = 8 / 25
"""8 µs, where the raw client took 25 µs: times of another machine can be compared by this ratio alone."""


def test_the_clients_of_the_benchmark_all_ask_the_server() -> None:
    """A look of ours and one of the raw client reach the server, in processes of their own."""
    quick = {"seconds": 0.1, "warm": 0.1}

    found = figures(
        {"raw": Spec(client="raw", in_flight=2, **quick), "ours": replace(OURS, in_flight=2, tasks=20, **quick)},
        rounds=1,
    )

    assert all(figure.values for figure in found.values()), found


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_look_costs_close_to_what_the_wire_costs() -> None:
    """CPU of the whole process for each look, as a ratio to the raw client of the same run."""
    at_50 = figures(AT_50)
    at_500 = figures(AT_500) | figures(HTTPX_AT_500, rounds=1, timeout=PATIENCE)
    changing = figures(CHANGING, changing=True)

    ratio_50, ratio_500 = ratio(at_50, "ours"), ratio(at_500, "ours")
    stock = at_50["stock httpx"].median / at_50["ours"].median
    batch = ratio(at_50, "ours, batches of 100")
    save(
        "cost_per_look",
        Result(goals=goals(ratio_50, ratio_500, stock, batch, at_50), tables=tables(at_50, at_500, changing)),
    )
    assert stock >= 40
    assert ratio_50 <= 2.5 * SLACK
    assert ratio_500 <= 3.5 * SLACK
    assert batch <= BATCH_GOAL * SLACK


SLACK = 1.3
"""How far a noisy machine may miss a goal before the benchmark fails; the page tells what was met."""


def ratio(found: Mapping[str, Figure], name: str) -> float:
    """Give how many times the raw client's cost one look of a client costs."""
    return found[name].median / found["raw asyncio client"].median


def goals(ratio_50: float, ratio_500: float, stock: float, batch: float, at_50: Mapping[str, Figure]) -> list[Goal]:
    """Set what was reached beside the goals."""
    each = at_50["ours, batches of 100"].median
    return [
        Goal(
            measure="CPU per look, whole path, ÷ raw asyncio client, 50 in flight",
            goal="≤ 2.5",
            reached=f"{ratio_50:.2f}",
            met=ratio_50 <= 2.5,
        ),
        Goal(measure="the same, 500 in flight", goal="≤ 3.5", reached=f"{ratio_500:.2f}", met=ratio_500 <= 3.5),
        Goal(
            measure="CPU per look, stock httpx ÷ ours, 50 in flight",
            goal="≥ 60",
            reached=f"{stock:.0f}",
            met=stock >= 60,
        ),
        Goal(
            measure="CPU per task looked at in batches of 100, ÷ raw asyncio client",
            goal=f"≤ {BATCH_GOAL:.2f} (8 µs where a raw look takes 25)",
            reached=f"{batch:.2f} ({each:.1f} µs here)",
            met=batch <= BATCH_GOAL,
        ),
    ]


def tables(at_50: Mapping[str, Figure], at_500: Mapping[str, Figure], changing: Mapping[str, Figure]) -> list[Table]:
    """Give every client beside the raw one."""
    columns = ("client", "50 in flight", "500 in flight", "50 in flight, bodies that change")
    rows = [(name, *(cell(found, name) for found in (at_50, at_500, changing))) for name in AT_50]
    unit = at_50["raw asyncio client"]
    notes = (
        "CPU of the whole process, threads included, for each task looked at, ÷ the raw asyncio client in the same "
        "column: median (lowest to highest). Ours is measured once each task was looked at: the first look at one, "
        "which reads its row, costs more, once in its life. The raw client itself took "
        f"{unit.median:.0f} µs here. A client with 500 requests under way that shows nothing within {PATIENCE:.0f} s "
        "is noted as *not finished*."
    )
    return [Table(title="CPU per look", columns=columns, rows=rows, notes=notes)]


def cell(found: Mapping[str, Figure], name: str) -> str:
    """Write one figure as a ratio."""
    if name not in found:
        return "not measured"
    values = found[name].values
    unit = found["raw asyncio client"].median
    if not values:
        return "not finished"
    low, high = min(values) / unit, max(values) / unit
    return f"{found[name].median / unit:.2f} ({low:.2f} to {high:.2f})"
