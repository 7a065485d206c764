"""`taskferry config`: the one file of settings."""

from __future__ import annotations

import click

from taskferry.cli.commands.config.get import get
from taskferry.cli.commands.config.list import list_settings
from taskferry.cli.commands.config.path import path
from taskferry.cli.commands.config.set import set_setting
from taskferry.cli.commands.config.unset import unset


@click.group(
    "config",
    short_help="Show and change the settings in config.toml.",
    commands=[get, list_settings, path, set_setting, unset],
    epilog="`taskferry config list --known` lists every setting. Each of these takes --json and --help.",
)
def command() -> None:
    """Show and change the settings in config.toml, the one file of them; comments in it stay.

    With `taskferry --profile NAME config ...` they are those of a profile.
    """
