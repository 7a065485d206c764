"""`taskferry plugin`: for whoever writes or chooses plugins."""

from __future__ import annotations

import click

from taskferry.cli.commands.plugin.check import check
from taskferry.cli.commands.plugin.disable import disable, enable
from taskferry.cli.commands.plugin.forget import forget
from taskferry.cli.commands.plugin.list import list_plugins
from taskferry.cli.commands.plugin.new import new
from taskferry.cli.commands.plugin.trace import trace


@click.group(
    "plugin",
    short_help="Make, check, list and switch plugins.",
    commands=[check, disable, enable, forget, list_plugins, new, trace],
    epilog="Each of these takes --json and --help.",
)
def command() -> None:
    """Write, check and choose plugins: what brings a provider to taskferry."""
