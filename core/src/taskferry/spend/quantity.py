"""How much a job makes: pictures, songs, models, and seconds of what has a length."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from attrs import frozen

from taskferry.cost import decimal
from taskferry.operation import Operation
from taskferry.task import Kind

COUNTED: Mapping[Kind, str] = {
    Kind.IMAGE: "images",
    Kind.VIDEO: "videos",
    Kind.AUDIO: "songs",
    Kind.MODEL: "models",
    Kind.DOCUMENT: "documents",
    Kind.OTHER: "files",
}
"""What is counted of each kind of media."""
SECONDS = "seconds"
TIMED = frozenset({"videos", "songs"})
"""What has a length."""
QUANTITY_UNITS = frozenset({*COUNTED.values(), SECONDS})


@frozen(kw_only=True)
class Quantity:
    """What a job makes."""

    count: int
    unit: str
    """One of QUANTITY_UNITS, but not seconds."""
    seconds: Decimal | None = None
    """Length of all that it makes; None where there is none or the parameters do not tell it."""


def quantity_of(operation: Operation, parameters: Mapping[str, Any]) -> Quantity:
    """Read from a job's `count` and `duration`, given or default, how much it makes; without a count it is one."""
    unit = COUNTED[operation.kind]
    count = decimal(_value(operation, parameters, "count"))
    number = int(count) if count else 1
    length = decimal(_value(operation, parameters, "duration")) if unit in TIMED else None
    return Quantity(count=number, unit=unit, seconds=None if length is None else length * number)


def _value(operation: Operation, parameters: Mapping[str, Any], name: str) -> object:
    schema = operation.parameters.get("properties", {}).get(name, {})
    return parameters.get(name, schema.get("default"))
