"""`taskferry config path`: where the settings are."""

from __future__ import annotations

import click

from taskferry.cli import exits, options, output
from taskferry.configuration import config_path
from taskferry.settings import home_folder


@click.command("path", short_help="Show where the config file is.")
@options.as_json
def path(as_json: bool) -> int:
    """Show where the config file is, whether it exists or not; TASKFERRY_HOME moves it."""
    place = config_path(home_folder())
    if as_json:
        output.document({"path": str(place), "exists": place.is_file()})
    else:
        output.say(str(place))
    return exits.DONE
