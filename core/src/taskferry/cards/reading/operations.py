"""`[operations.*]` of a card as values: schemas, how parameters travel, prices, durations."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from taskferry.cards.model import OperationSpec, ParameterSpec, PriceSpec
from taskferry.cards.reading.calls import fetch_spec, submit_spec
from taskferry.cost import Amount
from taskferry.operation import Typical
from taskferry.task import Kind

OURS = frozenset({"required", "wire", "send"})
"""Keys of a parameter that are not JSON Schema's."""
_TYPES: Mapping[type, str] = MappingProxyType({bool: "boolean", int: "integer", float: "number", str: "string"})
_SECONDS = {"s": 1.0, "min": 60.0, "h": 3600.0}
_DURATION = re.compile(r"([0-9.]+) (s|min|h)\b")


def operation_specs(table: Mapping[str, Any], shared: Mapping[str, Any]) -> Mapping[str, OperationSpec]:
    """Give the operations by name; those that make another kind of thing than the shared status call gives, each their
    own copy of it.
    """
    usual = shared_kinds(table)[0]
    copied = {name: {"fetch": shared} for name, one in table.items() if Kind(one["kind"]) is not usual}
    table = {name: {**copied.get(name, {}), **one} for name, one in table.items()}
    return MappingProxyType({name: _operation(name, one) for name, one in table.items()})


def shared_kinds(operations: Mapping[str, Any]) -> list[Kind]:
    """Give what the operations make that are looked at by the card's own status call."""
    sharing = [one for one in operations.values() if "fetch" not in one] or list(operations.values())
    return list(dict.fromkeys(Kind(one["kind"]) for one in sharing))


def _operation(name: str, table: Mapping[str, Any]) -> OperationSpec:
    parameters = table.get("parameters", {})
    return OperationSpec(
        name=name,
        title=table["title"],
        description=table.get("description", table["title"]),
        kind=Kind(table["kind"]),
        typical=typical(table["typical"]),
        schema=operation_schema(parameters),
        parameters=MappingProxyType({one: parameter_spec(one, parameters[one]) for one in parameters}),
        submit=submit_spec(table["submit"]),
        fetch=fetch_spec(table["fetch"], Kind(table["kind"])) if "fetch" in table else None,
        price=_price(table["price"]) if "price" in table else None,
        example=MappingProxyType(table.get("example", {})),
    )


def operation_schema(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Give the JSON Schema of an operation's parameters, nothing beyond them allowed."""
    required = [name for name, table in parameters.items() if table.get("required")]
    return {
        "type": "object",
        "additionalProperties": False,
        **({"required": required} if required else {}),
        "properties": {name: parameter_schema(table) for name, table in parameters.items()},
    }


def parameter_schema(table: Mapping[str, Any]) -> dict[str, Any]:
    """Give the JSON Schema of one parameter, its type told where the card leaves it to the enum."""
    schema = {key: value for key, value in table.items() if key not in OURS}
    types = {_TYPES.get(type(value), "") for value in schema.get("enum", ())}
    if types == {"integer", "number"}:
        types = {"number"}
    if "type" not in schema and len(types) == 1 and "" not in types:
        schema = {"type": types.pop(), **schema}
    return schema


def parameter_spec(name: str, table: Mapping[str, Any]) -> ParameterSpec:
    """Give how one parameter travels."""
    wire = table.get("wire", {})
    if isinstance(wire, str):
        wire = {"text": wire}
    return ParameterSpec(
        name=name,
        to=wire.get("to", name),
        text=wire.get("text"),
        words=MappingProxyType(wire.get("words", {})),
        always=wire.get("always", False),
        send=table.get("send", "url"),
    )


def typical(text: str) -> Typical:
    """Read `60 s, 95 % under 4 min, queue 10 s`."""
    seconds = [float(number) * _SECONDS[unit] for number, unit in _DURATION.findall(text)]
    return Typical(median=seconds[0], slow=seconds[1], queue=seconds[2] if len(seconds) > 2 else 0.0)


def _price(given: Any) -> PriceSpec:
    if isinstance(given, str):
        amount = Amount.parse(given)
        return PriceSpec(unit=amount.unit, amount=amount.value)
    return PriceSpec(
        unit=given["unit"],
        amount=Decimal(str(given["amount"])) if "amount" in given else None,
        by=given.get("by"),
        amounts=MappingProxyType({word: Decimal(str(amount)) for word, amount in given.get("amounts", {}).items()}),
        times=tuple(given.get("times", ())),
        note=given.get("note"),
    )
