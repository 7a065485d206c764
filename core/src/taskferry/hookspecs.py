"""The hooks that a plugin may implement; resolved once at start, never called on an unchanged look."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pluggy
from attrs import field, frozen

from taskferry.task import Snapshot

if TYPE_CHECKING:
    import click

hookspec = pluggy.HookspecMarker("taskferry")
hookimpl = pluggy.HookimplMarker("taskferry")
"""Marks a plugin's function as the implementation of the hook of that name."""

CONTRACT = 1
"""The version of the adapter contract that is kept here; it rises when an adapter that was right no longer is."""


@frozen(kw_only=True)
class Provider:
    """One provider as a plugin registers it; everything heavy is named by import path (`package.module:name`)."""

    name: str
    """Short, in small letters; the part of an operation's name before the slash."""
    title: str
    adapters: dict[str, str]
    """Import paths of adapter factories (called without arguments) by API generation, the default one first."""
    stand_in: str | None = None
    """Import path of the factory of its stand-in server; needs the extra `sandbox`."""
    demo: str | None = None
    """Import path of a sequence of (operation, parameters) pairs for `taskferry demo`."""
    profile: str | None = None
    """Import path of its drop-in MCP profile."""
    contract: int = 1
    """The version of the adapter contract that it was written for; a newer one than ours makes it unusable here."""


@frozen(kw_only=True)
class Engine:
    """A ledger for many workers, by the scheme of the URL in `TASKFERRY_LEDGER` that chooses it."""

    scheme: str
    factory: str
    """Import path of what opens it: called with the URL, the environment, and `readonly` and `now` by name."""


@frozen(kw_only=True)
class Change:
    """One change of one task, after it was kept."""

    before: Snapshot | None = field(default=None)
    """None for a task that has just been made."""
    after: Snapshot


@hookspec
def taskferry_providers(register: Callable[[Provider], None]) -> None:
    """Register the providers that the plugin offers.

    Called once when the registry is built. An exception makes the plugin a row in `taskferry doctor`; the others go on.

    :param register: takes one Provider each time it is called.
    """


@hookspec
def taskferry_engines(register: Callable[[Engine], None]) -> None:
    """Register engines for shared ledgers.

    Called once when the registry is built.

    :param register: takes one Engine each time it is called.
    """


@hookspec
def taskferry_commands(group: click.Group) -> None:
    """Add commands to the command line.

    Called when a command is asked for that taskferry itself does not have, and for the list of commands.

    :param group: the top-level group.
    """


@hookspec
def taskferry_task_changed(change: Change) -> None:
    """Observe a change of a task, after it was kept.

    Called in the event loop, so it has to be quick. An exception is logged and changes nothing.

    :param change: the task before and after.
    """
