"""Examples of replies: of calls that the card has, with bodies that are JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from taskferry.cards.schema import Finding, nearest
from taskferry.text import clean

Where = tuple[str | int, ...]

EXPECTED: Mapping[str, tuple[str, ...]] = {
    "submit": ("remote", "status", "cost"),
    "fetch": (
        "status",
        "provider_status",
        "progress",
        "queue_position",
        "eta",
        "retry_after",
        "trace_id",
        "message",
        "code",
        "kind",
        "cost",
        "artifacts",
    ),
    "then": ("artifacts", "status", "kind", "message"),
    "error": ("kind", "message", "code", "suggestion"),
    "recent": ("count", "remote", "created_at", "prompt", "type", "status"),
    "balance": ("available", "unit"),
    "cancel": ("outcome",),
    "webhook": ("remote",),
}
"""What an example may expect to be read from it, by what it is of."""


def example_problems(document: Mapping[str, Any]) -> Iterator[Finding]:
    """Find examples that cannot be read, or are of what there is not."""
    for place, example in enumerate(document.get("examples", ())):
        path: Where = ("examples", place)
        yield from _of((*path, "of"), example, document)
        yield from _operation((*path, "operation"), example, document["operations"])
        yield from _body((*path, "body"), example)
        known = EXPECTED[example["of"]]
        for key in example.get("expect", {}):
            if key not in known:
                where = (*path, "expect", key)
                yield Finding(
                    where, f'has "{clean(key, 60)}"', allowed=known, nearest=nearest(key, known), about_table=True
                )


def _of(path: Where, example: Mapping[str, Any], document: Mapping[str, Any]) -> Iterator[Finding]:
    of = example["of"]
    if of in ("recent", "balance", "cancel", "webhook") and of not in document:
        yield Finding(path, f'is "{of}", and the card lacks the table [{of}]')
    if of == "then" and not _fetch_of(example, document).get("then"):
        yield Finding(path, 'is "then", and the status call has no "then"')


def _fetch_of(example: Mapping[str, Any], document: Mapping[str, Any]) -> Mapping[str, Any]:
    operation = document["operations"].get(example.get("operation"), {})
    fetch: Mapping[str, Any] = operation.get("fetch", document["fetch"])
    return fetch


def _operation(path: Where, example: Mapping[str, Any], operations: Mapping[str, Any]) -> Iterator[Finding]:
    name = example.get("operation")
    if name is not None and name not in operations:
        known = list(operations)
        yield Finding(path, f'is "{clean(name, 60)}"', allowed=known, nearest=nearest(name, known))


def _body(path: Where, example: Mapping[str, Any]) -> Iterator[Finding]:
    try:
        json.loads(example.get("body", "null"))
    except (ValueError, RecursionError) as error:
        yield Finding(path, f"is no JSON: {clean(error, 120)}")
