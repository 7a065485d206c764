"""Amounts, caps and spend as documents and in words."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from pydantic import BaseModel, Field

from taskferry.cost import Amount
from taskferry.spend import CapLine, SpendLine
from taskferry.text import clean


class AmountDocument(BaseModel):
    """An exact amount."""

    amount: str = Field(description="Decimal number as text.")
    unit: str = Field(description="`USD`, or the provider's own unit such as `credits`.")


class CapDocument(BaseModel):
    """A cap that the user set, and how much of it is taken."""

    cap: str = Field(description="In words, as `20 USD a day`.")
    provider: str | None = Field(description="The one provider it is for; null for all together.")
    unit: str
    spent: str | None = Field(
        description="By tasks that have ended; null for a cap on each task alone, and where a rate is missing."
    )
    reserved: str | None = Field(description="For tasks under way and unconfirmed ones.")
    left: str | None


class SpendLineDocument(BaseModel):
    """What the tasks of one day and provider come to in one unit."""

    day: str = Field(description="In UTC, as `2026-11-21`: when the tasks were asked for.")
    provider: str
    unit: str | None = Field(description="Null for tasks whose price nobody knows.")
    tasks: int
    reserved: str | None = Field(
        description="For tasks under way and unconfirmed ones; null is not known, which never means free."
    )
    actual: str | None = Field(description="Taken by the provider, as it said.")
    estimated: str | None = Field(description="For tasks that have ended without the provider saying what it took.")
    made: dict[str, str] = Field(description='What they make, by unit, as `{"images": "3"}`.')


def amount_document(amount: Amount | None) -> AmountDocument | None:
    """Give an amount as a document; None where it is not known."""
    return None if amount is None else AmountDocument(amount=f"{amount.value:f}", unit=amount.unit)


def cap_documents(lines: Sequence[CapLine]) -> list[CapDocument]:
    """Give caps as documents."""
    return [
        CapDocument(
            cap=str(line.cap),
            provider=line.cap.provider,
            unit=line.cap.limit.unit,
            spent=_text(line.spent),
            reserved=_text(line.reserved),
            left=_text(line.left),
        )
        for line in lines
    ]


def spend_documents(lines: Sequence[SpendLine]) -> list[SpendLineDocument]:
    """Give what was spent as documents."""
    return [
        SpendLineDocument(
            day=line.day,
            provider=clean(line.provider, 100),
            unit=line.unit,
            tasks=line.tasks,
            reserved=_text(line.reserved),
            actual=_text(line.actual),
            estimated=_text(line.estimated),
            made={unit: f"{value:f}" for unit, value in line.quantities.items()},
        )
        for line in lines
    ]


def cap_words(caps: Sequence[CapDocument]) -> str:
    """Say what is left of each cap."""
    if not caps:
        return "No cap is set."
    return " ".join(f"Cap: {one.cap}" + (f", {one.left} {one.unit} left." if one.left else ".") for one in caps)


def _text(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:f}"
