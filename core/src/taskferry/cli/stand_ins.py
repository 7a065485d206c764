"""The stand-ins and demo jobs that the installed providers bring."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from taskferry.errors import UsageError
from taskferry.registry import Registry, load_object

Job = tuple[str, Mapping[str, Any]]
"""An operation's full name, and parameters."""


def stand_ins(registry: Registry) -> dict[str, str]:
    """Give the import path of each provider's stand-in; raise UsageError if there is none."""
    found = {name: provider.stand_in for name, provider in registry.providers.items() if provider.stand_in}
    if not found:
        raise UsageError("No installed provider brings a stand-in: `taskferry doctor` shows what is installed.")
    return found


def demo_jobs(registry: Registry) -> dict[str, Sequence[Job]]:
    """Give the demo jobs of each provider that has both those and a stand-in."""
    return {
        name: tuple((operation, dict(parameters)) for operation, parameters in load_object(provider.demo))
        for name, provider in registry.providers.items()
        if provider.demo and provider.stand_in
    }
