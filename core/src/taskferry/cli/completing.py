"""What a half-typed word can become: operations, their parameters, and the ids of tasks."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import click
from click.shell_completion import CompletionItem

from taskferry.cli import words
from taskferry.errors import TaskferryError
from taskferry.ledger.glance import UNUSUAL, Glance
from taskferry.settings import home_folder
from taskferry.text import clean

PART = "part"
"""The kind of item that goes on: no space is to follow it."""
_NEWEST = 50


def operations(_: click.Context, incomplete: str) -> list[CompletionItem]:
    """Complete the full name of an operation, or the file of a card."""
    if incomplete.startswith((".", "/", "~")):
        return [CompletionItem(incomplete, type="file")]
    from taskferry.registry import Registry  # reads the plugins

    return [
        CompletionItem(one.name, help=clean(one.title, 60))
        for one in Registry().operations()
        if one.name.startswith(incomplete)
    ]


def tasks(_: click.Context, incomplete: str) -> list[CompletionItem]:
    """Complete the id of one of the last tasks."""
    try:
        glance = Glance(home_folder())
        try:
            records = glance.newest(_NEWEST)
        finally:
            glance.close()
    except UNUSUAL:
        return []
    now = time.time()
    return [
        CompletionItem(record.id, help=_told(record, now)) for record in records if record.id.startswith(incomplete)
    ]


def _told(record: Any, now: float) -> str:
    snapshot = record.snapshot
    return (
        f"{snapshot.operation} {snapshot.status} {words.age(now - snapshot.created_at)} {clean(record.job.prompt, 40)}"
    )


def pairs(ctx: click.Context, incomplete: str) -> list[CompletionItem]:
    """Complete a parameter's name, then its value where there are a few to choose from."""
    from taskferry.cli.submitting import operation_named
    from taskferry.registry import Registry  # reads the plugins

    try:
        operation = operation_named(Registry(), ctx.params.get("operation") or "")
    except TaskferryError:
        return []
    properties: Mapping[str, Any] = operation.parameters.get("properties", {})
    name, equals, value = incomplete.partition("=")
    if equals:
        choices = [f"{name}={one}" for one in _choices(properties.get(name, {})) if one.startswith(value)]
        return [CompletionItem(one) for one in choices]
    given = {pair.partition("=")[0].rstrip(":") for pair in ctx.params.get("pairs") or ()}
    return [
        CompletionItem(f"{one}=", type=PART, help=clean(schema.get("description", ""), 60))
        for one, schema in properties.items()
        if one.startswith(name) and one not in given
    ]


def _choices(schema: Mapping[str, Any]) -> list[str]:
    if schema.get("type") == "boolean":
        return ["yes", "no"]
    return [str(choice) for choice in schema.get("enum", ())]
