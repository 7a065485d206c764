"""The calls of a card as values: submit, fetch, further hops, and where results are."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from taskferry.cards.model import ArtifactSpec, CallSpec, CostSpec, FetchSpec, HopSpec, SubmitSpec
from taskferry.status import Status
from taskferry.task import Kind

METHODS = ("get", "post", "put", "patch", "delete")
_FETCHED = (
    "status",
    "progress",
    "queue_position",
    "eta",
    "retry_after",
    "message",
    "code",
    "trace_id",
    "want_body",
    "python",
)
_SCALES = ("progress_scale", "eta_scale", "retry_after_scale")


def call_spec(table: Mapping[str, Any]) -> CallSpec:
    """Give the call that a table names beside its other keys."""
    method = next(name for name in METHODS if name in table)
    return CallSpec(
        method=method.upper(),
        path=table[method],
        query=MappingProxyType(table.get("query", {})),
        headers=MappingProxyType(table.get("headers", {})),
        body=table.get("body"),
    )


def submit_spec(table: Mapping[str, Any]) -> SubmitSpec:
    """Give the billed call of an operation."""
    return SubmitSpec(
        call=call_spec(table),
        under=table.get("under", ""),
        remote=MappingProxyType(table["remote"]),
        done=table.get("done", False),
        cost=cost_spec(table["cost"], actual=False) if "cost" in table else None,
        python=table.get("python"),
    )


def fetch_spec(table: Mapping[str, Any], kind: Kind) -> FetchSpec:
    """Give the status call of operations that make a kind of thing."""
    scales: dict[str, Any] = {key: float(table[key]) for key in _SCALES if key in table}
    return FetchSpec(
        call=call_spec(table),
        cost=cost_spec(table["cost"], actual=True) if "cost" in table else None,
        artifacts=tuple(_artifact(one, kind) for one in table.get("artifacts", ())),
        then=tuple(_hop(one, kind) for one in table.get("then", ())),
        **{key: table[key] for key in _FETCHED if key in table},
        **scales,
    )


def cost_spec(table: Mapping[str, Any], *, actual: bool) -> CostSpec:
    """Give where a reply says what a job costs."""
    return CostSpec(
        at=table["at"],
        unit=table["unit"],
        scale=Decimal(str(table.get("scale", 1))),
        actual=table.get("actual", actual),
    )


def _hop(table: Mapping[str, Any], kind: Kind) -> HopSpec:
    return HopSpec(
        when=Status(table.get("when", "succeeded")),
        call=call_spec(table),
        places=MappingProxyType(table.get("places", {})),
        artifacts=tuple(_artifact(one, kind) for one in table.get("artifacts", ())),
        refusal_ends=table.get("refusal_ends", False),
    )


def _artifact(table: Mapping[str, Any], kind: Kind) -> ArtifactSpec:
    values = {key: value for key, value in table.items() if key != "kind"}
    return ArtifactSpec(kind=Kind(table.get("kind", kind)), **values)
