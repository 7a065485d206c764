"""The stand-ins and demo jobs that the installed providers bring."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from taskferry.cli.output import note
from taskferry.errors import CardError, PluginError, UsageError
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
            found[name] = _factory(provider.stand_in)
        except (PluginError, CardError) as error:
            note(f"The stand-in of {name} is left out: {error}")
    if not found:
        raise UsageError("There is no stand-in to run: `taskferry doctor` shows which providers are installed.")
    return found


def _jobs(path: str) -> Sequence[Job]:
    """Give the demo jobs at an import path; of a card, its example for each kind that it makes."""
    if not path.endswith(".toml"):
        jobs: Sequence[Job] = load_object(path)
        return jobs
    from taskferry.cards import card_adapter, load_card

    by_kind = {one.kind: one for one in reversed(card_adapter(load_card(path), installed=True).operations)}
    return [(one.name, one.example) for one in by_kind.values() if one.example]


def card_stand_ins(paths: Sequence[str]) -> dict[str, Callable[[Settings], StandIn]]:
    """Give the stand-ins of cards that need not be installed; raise UsageError for two of one provider."""
    from taskferry.sandbox import from_file

    found: dict[str, Callable[[Settings], StandIn]] = {}
    for path in paths:
        name, factory = from_file(path)
        if name in found:
            raise UsageError(f"{path} is another card of {name}: serve one at a time.")
        found[name] = factory
    return found


def _factory(path: str) -> Callable[[Settings], StandIn]:
    from taskferry.sandbox import factory_of

    if path.endswith(".toml"):
        return factory_of(path)
    factory: Callable[[Settings], StandIn] = load_object(path)
    return factory


def demo_jobs(registry: Registry, providers: Sequence[str]) -> dict[str, Sequence[Job]]:
    """Give the demo jobs of those providers that bring some; raise UsageError if none does."""
    paths = {name: registry.provider(name).demo for name in providers}
    found = {name: _jobs(path) for name, path in paths.items() if path is not None}
    if not any(found.values()):
        raise UsageError("There is no demo job to run: `taskferry doctor` shows which providers are installed.")
    return found
