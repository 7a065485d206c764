"""What jobs may cost and make, what they hold of that, and what they came to."""

from __future__ import annotations

from taskferry.spend.caps import Cap, Caps, Span
from taskferry.spend.checking import check
from taskferry.spend.held import Held, Reservation
from taskferry.spend.pricing import price_of
from taskferry.spend.quantity import Quantity, quantity_of
from taskferry.spend.reading import caps_of, read_caps
from taskferry.spend.report import CapLine, Overrun, Spend, SpendLine, TaskCost, overruns, report

__all__ = [
    "Cap",
    "CapLine",
    "Caps",
    "Held",
    "Overrun",
    "Quantity",
    "Reservation",
    "Span",
    "Spend",
    "SpendLine",
    "TaskCost",
    "caps_of",
    "check",
    "overruns",
    "price_of",
    "quantity_of",
    "read_caps",
    "report",
]
