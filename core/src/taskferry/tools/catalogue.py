"""Operations as a model reads them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from taskferry.errors import UnknownName
from taskferry.ferry import Ferry
from taskferry.operation import Operation
from taskferry.routing import is_route, route_operations
from taskferry.tools.definition import ToolResult

_ONE = "Call generate or submit_task with this name and parameters that fit the schema; quote tells the price before."
_MANY = "Call describe_operation with one name to get the schema of its parameters."
_NONE = "Nothing fits. Without arguments list_operations shows all; if that is empty, a taskferry plugin is missing."
_PRICED = "If the user agrees, call generate or submit_task with the same parameters and this price as max_cost."
_UNPRICED = "Tell the user that the price is not known before; max_cost would refuse it."


class Catalogue:
    """The operations that a model may use."""

    def __init__(self, ferry: Ferry, allowed: Collection[str] | None) -> None:
        """Take what is allowed, by full name, by `acme/*`, or all of it."""
        self._ferry = ferry
        self._allowed = None if allowed is None else frozenset(allowed)
        for name in self._allowed or ():
            if not name.endswith("/*"):
                ferry.operation(name)  # raises UnknownName for one that is not there

    def all(self) -> Sequence[Operation]:
        """List them, those of any provider first."""
        offered = (*route_operations(), *self._ferry.operations())
        return [operation for operation in offered if self._has(operation.name)]

    def _has(self, name: str) -> bool:
        return self._allowed is None or name in self._allowed or f"{name.partition('/')[0]}/*" in self._allowed

    def get(self, name: str) -> Operation:
        """Give one; raise UnknownName for one that is not there or not allowed."""
        if not self._has(name):
            raise UnknownName(
                "operation", name, [operation.name for operation in self.all()], "list_operations shows all."
            )
        return self._ferry.operation(name)

    def listed(self, provider: str | None, kind: str | None, search: str | None) -> ToolResult:
        """Give those that fit, each in a line."""
        words = (search or "").lower().split()
        found = [
            operation
            for operation in self.all()
            if provider in (None, operation.provider)
            and kind in (None, operation.kind.value)
            and all(word in f"{operation.name} {operation.title} {operation.description}".lower() for word in words)
        ]
        return {
            "status": "ok",
            "summary": f"{len(found)} operation{'' if len(found) == 1 else 's'}.",
            "operations": [_line(operation) for operation in found],
            "next": _MANY if found else _NONE,
        }

    def described(self, name: str) -> ToolResult:
        """Give one whole."""
        operation = self.get(name)
        return {
            "status": "ok",
            "summary": f"{operation.name}: {operation.title}. {operation.description}",
            **_line(operation),
            "price_note": operation.price_note,
            "parameters": dict(operation.parameters),
            "example": dict(operation.example),
            "next": _ONE,
        }

    async def quoted(self, name: str, parameters: Mapping[str, Any]) -> ToolResult:
        """Give the price of a job; where a provider is to be chosen, of the one that would be."""
        operation = self.get(name)
        if is_route(name):
            route = await self._ferry.route(name, parameters)
            price, why = route.chosen.price, f" {route.why}"
        else:
            price, why = self._ferry.quote(name, parameters), ""
        said = "The price is not known before." if price is None else f"About {price}."
        return {
            "status": "ok",
            "summary": f"{name}: {said}{why}",
            "operation": name,
            "cost": None if price is None else f"about {price}",
            "price_note": operation.price_note,
            "next": _UNPRICED if price is None else _PRICED,
        }


def _line(operation: Operation) -> dict[str, Any]:
    return {
        "operation": operation.name,
        "title": operation.title,
        "kind": operation.kind.value,
        "required": list(operation.required),
        "price": None if operation.price is None else str(operation.price),
        "typical_seconds": operation.typical.queue + operation.typical.median,
    }
