"""`taskferry config get`: one setting."""

from __future__ import annotations

import os

import click

from taskferry.cli import exits, options, output
from taskferry.cli.configuring import in_effect, named, shown
from taskferry.configuration import PROFILE, read_configuration
from taskferry.configuration.known import split
from taskferry.errors import UsageError
from taskferry.settings import home_folder


@click.command("get", short_help="Show one setting.")
@click.argument("name")
@options.as_json
def get(name: str, as_json: bool) -> int:
    """Show one setting as it holds, with the chosen profile's before the general one; exit code 1 if it is not set.

    Keys are never shown.
    """
    parts, setting = named(name)
    if setting.is_secret:
        raise UsageError(f"{name} is a key, which is not shown; `taskferry doctor` says whether one is there.")
    profile, rest = split(parts)
    environ = os.environ if profile is None else {**os.environ, PROFILE: profile}
    found = in_effect(read_configuration(home_folder(), environ)).get(rest)
    if as_json:
        output.document({"name": name, "value": None if found is None else found[1]})
    elif found is not None:
        output.say(shown(setting, found[1]))
    else:
        output.note(f"{name} is not set.")
    return exits.DONE if found is not None else exits.UNSUCCESSFUL
