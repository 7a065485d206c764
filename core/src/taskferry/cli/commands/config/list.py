"""`taskferry config list`: every setting that holds, or every one that there is."""

from __future__ import annotations

import os

import click

from taskferry.cli import exits, options, output, render
from taskferry.cli.configuring import in_effect, known_rows, shown
from taskferry.configuration import Configuration, read_configuration
from taskferry.configuration.known import setting_of
from taskferry.configuration.reading import read_document
from taskferry.settings import home_folder


@click.command("list", short_help="List the settings.")
@click.option("--known", is_flag=True, help="List every setting that there is, and what it means.")
@options.as_json
def list_settings(known: bool, as_json: bool) -> int:
    """List the settings that hold, those of the chosen profile before the general ones; keys are not shown."""
    if known:
        return _say_known(as_json)
    configuration = read_configuration(home_folder(), os.environ)
    profiles = sorted(read_document(home_folder()).get("profiles", {}))
    if as_json:
        output.document(_document(configuration, profiles))
        return exits.DONE
    rows = [
        (".".join(name), shown(setting_of(name), value), "" if profile is None else f"profile {profile}")
        for name, (profile, value) in sorted(in_effect(configuration).items())
    ]
    for line in render.columns(("SETTING", "VALUE", ""), rows) if rows else ():
        output.say(line)
    if not rows:
        output.note(f"Nothing is set in {configuration.path}. `taskferry config list --known` lists what can be.")
    if profiles:
        output.note(f"Profiles: {', '.join(profiles)}.")
    return exits.DONE


def _say_known(as_json: bool) -> int:
    if as_json:
        rows = [{"name": name, "in_profile": where == "yes", "meaning": what} for name, where, what in known_rows()]
        output.document({"known": rows})
        return exits.DONE
    for line in render.columns(("SETTING", "IN PROFILES", "WHAT IT IS"), known_rows()):
        output.say(line)
    return exits.DONE


def _document(configuration: Configuration, profiles: list[str]) -> dict[str, object]:
    settings = []
    for name, (profile, value) in sorted(in_effect(configuration).items()):
        setting = setting_of(name)
        secret = setting is None or setting.is_secret
        row = {"name": ".".join(name), "value": None if secret else value, "secret": secret, "profile": profile}
        settings.append(row)
    chosen = {"path": str(configuration.path), "profile": configuration.profile, "profiles": profiles}
    return {**chosen, "settings": settings}
