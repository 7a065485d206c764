"""What this package registers with taskferry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from taskferry import hookimpl

if TYPE_CHECKING:
    import click


@hookimpl
def taskferry_commands(group: click.Group) -> None:
    """Add `taskferry blender`."""
    from taskferry_blender.commands import blender  # only when the commands of plugins are asked for

    group.add_command(blender)
