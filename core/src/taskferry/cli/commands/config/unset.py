"""`taskferry config unset`: take one setting away."""

from __future__ import annotations

import click

from taskferry.cli import exits, options, output
from taskferry.cli.configuring import chosen_profile
from taskferry.configuration import config_path
from taskferry.configuration.known import leaves, setting_of, split
from taskferry.configuration.reading import parsed, read_text
from taskferry.configuration.writing import unset_value
from taskferry.errors import UnknownName
from taskferry.settings import home_folder


@click.command("unset", short_help="Take one setting away.")
@click.argument("name")
@options.as_json
def unset(name: str, as_json: bool) -> int:
    """Take one setting, or a table of them, out of the config file; also one that there is not, to mend the file."""
    parts = tuple(name.strip().split("."))
    profile = chosen_profile()
    setting = setting_of(parts)
    if profile is not None and split(parts)[0] is None and (setting is None or setting.in_profile):
        parts = ("profiles", profile, *parts)
    home = home_folder()
    if not unset_value(home, parts):
        path = config_path(home)
        known = [".".join(one) for one, _ in leaves(parsed(read_text(path), path))]
        raise UnknownName("setting", ".".join(parts), known, f"{path} does not have it.")
    if as_json:
        output.document({"name": ".".join(parts), "removed": True})
    else:
        output.say(f"{'.'.join(parts)} is not set any more.")
    return exits.DONE
