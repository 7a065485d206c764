"""The profile that the option `--profile` chooses, for as long as the command runs."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import click

_VARIABLE = "TASKFERRY_PROFILE"
"""As `taskferry.configuration.PROFILE`, which not every command has to import."""


def _choose(ctx: click.Context, _: click.Parameter, value: str | None) -> None:
    if value is not None and not ctx.resilient_parsing:
        ctx.with_resource(_chosen(value))


profile = click.option(
    "--profile",
    metavar="NAME",
    is_eager=True,
    expose_value=False,
    callback=_choose,
    help="Use the keys, caps, regions and folder of this profile, as TASKFERRY_PROFILE does.",
)
"""The option, for the top-level command."""


@contextmanager
def _chosen(name: str) -> Iterator[None]:
    """Put a profile into the environment, where everything looks for it, and take it out again."""
    before = os.environ.get(_VARIABLE)
    os.environ[_VARIABLE] = name
    try:
        yield
    finally:
        if before is None:
            os.environ.pop(_VARIABLE, None)
        else:
            os.environ[_VARIABLE] = before
