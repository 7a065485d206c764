"""`taskferry spend`: what jobs came to, what they still hold, and what is left of every cap."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import click

from taskferry.cli import options, output, render, words
from taskferry.cli.ledgers import reading
from taskferry.cost import Amount
from taskferry.settings import home_folder
from taskferry.spend import CapLine, Overrun, Span, Spend, SpendLine, read_caps, report

_UNKNOWN = "unknown"
_LINES = ("DAY", "PROVIDER", "TASKS", "RESERVED", "SPENT", "ESTIMATED", "QUANTITY")
_CAPS = ("CAP", "RESERVED", "SPENT", "LEFT", "SET BY")


@click.command("spend", short_help="Show what jobs came to, and what is left of every cap.")
@click.option("--days", type=click.IntRange(1, 36500), default=7, metavar="N", help="The last N days (7 unless told).")
@click.option("--provider", metavar="NAME", help="Show this provider alone.")
@options.as_json
def command(days: int, provider: str | None, as_json: bool) -> int:
    """Show what jobs came to by day, provider and unit, and what is left of every cap. No provider is asked.

    Days are those on which jobs were asked for, in UTC. RESERVED: jobs that have not ended, and unconfirmed ones.
    SPENT: what providers said they took. ESTIMATED: ended, and the provider did not say what it took.

    \b
    Caps are set in config.toml of the taskferry home, or as TASKFERRY_CAP_DAY, TASKFERRY_ACME_CAP_TASK, ...:
      [caps]
      task = "2 USD"
      day = "20 USD, 10 videos"
      [caps.acme]
      total = "500 credits"
      [rates.acme]
      credits = "0.01 USD"
    """
    caps = read_caps(home_folder(), os.environ)
    with reading() as ledger:
        found = (
            ledger.spend(caps, days, provider)
            if ledger
            else report((), (), caps, today="", since="", provider=provider)
        )
    if as_json:
        output.document(_document(found))
        return 0
    for line in _shown(found):
        output.say(line)
    for overrun in found.overruns:
        output.note(
            f"{overrun.operation}  {overrun.task_id} came to {words.money(overrun.cost)}, more than its cap of "
            f"{overrun.cap}: the provider had taken it already."
        )
    return 0


def _shown(spend: Spend) -> list[str]:
    lines = render.columns(_LINES, [_row(line) for line in spend.lines]) if spend.lines else ["Nothing was spent."]
    return [*lines, "", *render.columns(_CAPS, [_cap_row(line) for line in spend.caps])] if spend.caps else lines


def _row(line: SpendLine) -> tuple[str, ...]:
    made = ", ".join(f"{value.normalize():f} {unit}" for unit, value in line.quantities.items())
    amounts = (_money(value, line.unit) for value in (line.reserved, line.actual, line.estimated))
    return (line.day, line.provider, str(line.tasks), *amounts, made or _UNKNOWN)


def _cap_row(line: CapLine) -> tuple[str, ...]:
    cap = line.cap
    amounts = [_money(value, cap.limit.unit) for value in (line.reserved, line.spent, line.left)]
    return (str(cap), *(["", "", ""] if cap.span is Span.TASK else amounts), cap.source)


def _money(value: Decimal | None, unit: str | None) -> str:
    return _UNKNOWN if value is None or unit is None else words.money(Amount(value=value, unit=unit))


def _document(spend: Spend) -> Mapping[str, Sequence[Any]]:
    return {
        "spend": [_line_document(line) for line in spend.lines],
        "caps": [_cap_document(line) for line in spend.caps],
        "overruns": [_overrun_document(overrun) for overrun in spend.overruns],
    }


def _line_document(line: SpendLine) -> dict[str, Any]:
    return {
        "day": line.day,
        "provider": line.provider,
        "unit": line.unit,
        "tasks": line.tasks,
        "reserved": _text(line.reserved),
        "actual": _text(line.actual),
        "estimated": _text(line.estimated),
        "quantities": {unit: _text(value) for unit, value in line.quantities.items()},
    }


def _cap_document(line: CapLine) -> dict[str, Any]:
    cap = line.cap
    return {
        "span": cap.span.value,
        "provider": cap.provider,
        "limit": _text(cap.limit.value),
        "unit": cap.limit.unit,
        "reserved": _text(line.reserved),
        "spent": _text(line.spent),
        "left": _text(line.left),
        "source": cap.source,
    }


def _overrun_document(overrun: Overrun) -> dict[str, Any]:
    return {
        "task": overrun.task_id,
        "operation": overrun.operation,
        "cost": _text(overrun.cost.value),
        "unit": overrun.cost.unit,
        "cap": overrun.cap,
    }


def _text(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:f}"
