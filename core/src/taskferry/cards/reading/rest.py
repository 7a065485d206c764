"""The tables that a card can do without, as values: errors, cancel, recent, balance, upload, webhook, examples."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from taskferry.cards.lines import Lines
from taskferry.cards.model import (
    BalanceSpec,
    CancelSpec,
    ErrorSpec,
    Example,
    RecentSpec,
    UploadSpec,
    WebhookSpec,
)
from taskferry.cards.reading.calls import call_spec
from taskferry.errors import FailureKind


def error_spec(table: Mapping[str, Any]) -> ErrorSpec:
    """Give how the provider says no."""
    return ErrorSpec(
        **{key: table[key] for key in ("message", "code", "suggestion", "when") if key in table},
        kinds=MappingProxyType({code: FailureKind(kind) for code, kind in table.get("kinds", {}).items()}),
        http=MappingProxyType({int(status): FailureKind(kind) for status, kind in table.get("http", {}).items()}),
    )


def optional_tables(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give those of the tables that the card has."""
    return {name: make(document[name]) for name, make in _MAKERS.items() if name in document}


def _cancel(table: Mapping[str, Any]) -> CancelSpec:
    return CancelSpec(call=call_spec(table), too_late=tuple(table.get("too_late", (404, 409))))


def _recent(table: Mapping[str, Any]) -> RecentSpec:
    values = {key: table[key] for key in ("created_at", "prompt", "type", "status", "complete") if key in table}
    return RecentSpec(call=call_spec(table), each=table["each"], remote=MappingProxyType(table["remote"]), **values)


def _balance(table: Mapping[str, Any]) -> BalanceSpec:
    return BalanceSpec(
        call=call_spec(table),
        available=table["available"],
        unit=table["unit"],
        scale=Decimal(str(table.get("scale", 1))),
    )


def _upload(table: Mapping[str, Any]) -> UploadSpec:
    return UploadSpec(
        call=call_spec(table),
        field=table.get("field", "file"),
        result=table["result"],
        prepare=call_spec(table["prepare"]) if "prepare" in table else None,
        places=MappingProxyType(table.get("places", {})),
    )


def _webhook(table: Mapping[str, Any]) -> WebhookSpec:
    return WebhookSpec(
        scheme=table["scheme"],
        header=table.get("header", ""),
        prefix=table.get("prefix", ""),
        remote=MappingProxyType(table["remote"]),
    )


_MAKERS = {"cancel": _cancel, "recent": _recent, "balance": _balance, "upload": _upload, "webhook": _webhook}


def examples(tables: Sequence[Mapping[str, Any]], lines: Lines) -> Sequence[Example]:
    """Give the replies that the documentation shows."""
    return tuple(_example(table, lines.of(("examples", place))) for place, table in enumerate(tables))


def _example(table: Mapping[str, Any], line: int) -> Example:
    return Example(
        of=table["of"],
        operation=table.get("operation"),
        http=table.get("http", 200),
        headers=MappingProxyType(table.get("headers", {})),
        body=json.loads(table["body"]) if "body" in table else None,
        expect=MappingProxyType(table.get("expect", {})),
        line=line,
    )
