"""What `run`, `submit` and `estimate` share: from a command line to an operation and its parameters."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from taskferry.cli import words
from taskferry.cli.folders import usable
from taskferry.cli.output import note
from taskferry.cli.parsing import parse_pairs
from taskferry.operation import Operation
from taskferry.registry import Registry
from taskferry.settings import variable

if TYPE_CHECKING:
    from taskferry.ferry import Ferry
    from taskferry.handle import FerryTask


def operation_named(registry: Registry, name: str) -> Operation:
    """Find an operation in the generation of its provider's API that is set; raise UnknownName with the nearest."""
    provider = name.partition("/")[0]
    if provider == "any":
        from taskferry.routing import route_operation  # only where the provider is left open

        return route_operation(name)
    generation = os.environ.get(variable(provider, "GENERATION"), "").strip() if provider else ""
    return registry.operation(name, generation or None)


def operations_of(registry: Registry, provider: str | None) -> Sequence[Operation]:
    """List what one provider offers, or all of them; `any` for what leaves the provider open."""
    if provider != "any":
        return registry.operations(provider)
    from taskferry.routing import route_operations  # only where the provider is left open

    return route_operations()


async def submitted(ferry: Ferry, name: str, pairs: Sequence[str], *, out: Path | None, **settings: Any) -> FerryTask:
    """Submit what a command line asks for; say so if that is a task which exists already.

    `settings` are those of `Ferry.submit`: max_cost, allow_unpriced, again, policy, prefer.
    """
    parameters = parse_pairs(operation_named(ferry.registry, name), pairs)
    folder = None if out is None else usable(out)
    task = await ferry.submit(name, parameters, folder=folder, **settings)
    if task.record.job.choice is not None:
        note(f"{name}: {task.snapshot.operation} was chosen; `taskferry route` says why.")
    if task.duplicate:
        seconds = max(0.0, time.time() - task.snapshot.created_at)
        note(f"The same was asked {words.age(seconds)} ago: this is that task, {task.id}. --again makes another one.")
    return task
