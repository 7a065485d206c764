"""The stand-ins and demo jobs that the installed providers bring."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from taskferry.cli.output import note
from taskferry.errors import PluginError, UsageError
from taskferry.registry import Registry, load_object

if TYPE_CHECKING:
    from taskferry.sandbox import Settings, StandIn

Job = tuple[str, Mapping[str, Any]]
"""An operation's full name, and parameters."""


def stand_ins(registry: Registry) -> dict[str, Callable[[Settings], StandIn]]:
    """Give each provider's stand-in, one that cannot be loaded left out and named; raise UsageError if none is left."""
    found = {}
    for name, provider in registry.providers.items():
        if provider.stand_in is None:
            continue
        try:
            found[name] = load_object(provider.stand_in)
        except PluginError as error:
            note(f"The stand-in of {name} is left out: {error}")
    if not found:
        raise UsageError("There is no stand-in to run: `taskferry doctor` shows which providers are installed.")
    return found


def demo_jobs(registry: Registry, providers: Sequence[str]) -> dict[str, Sequence[Job]]:
    """Give the demo jobs of those providers that bring some; raise UsageError if none does."""
    paths = {name: registry.provider(name).demo for name in providers}
    found: dict[str, Sequence[Job]] = {name: load_object(path) for name, path in paths.items() if path is not None}
    if not any(found.values()):
        raise UsageError("There is no demo job to run: `taskferry doctor` shows which providers are installed.")
    return found
