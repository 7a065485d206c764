"""`taskferry plugin disable` and `enable`: leave a plugin out, and take it back."""

from __future__ import annotations

import os

import click

from taskferry.cli import exits, options, output
from taskferry.configuration import disabled_plugins
from taskferry.configuration.writing import set_value, unset_value
from taskferry.errors import UnknownName
from taskferry.registry import OFF_SWITCH, Registry
from taskferry.settings import home_folder

_SETTING = ("plugins", "disabled")


@click.command("disable", short_help="Leave a plugin out.")
@click.argument("name")
@options.as_json
def disable(name: str, as_json: bool) -> int:
    """Leave a plugin out from now on, as `plugins.disabled` in config.toml says; it stays installed."""
    home = home_folder()
    known = {row.name for row in Registry(disabled="*", cards=()).rows}
    if name not in known:
        raise UnknownName("plugin", name, known, f"Installed: {', '.join(sorted(known)) or 'none'}.")
    set_value(home, _SETTING, sorted({*disabled_plugins(home), name}))
    return _told(name, as_json, disabled=True)


@click.command("enable", short_help="Take a plugin back that was left out.")
@click.argument("name")
@options.as_json
def enable(name: str, as_json: bool) -> int:
    """Take a plugin back that `taskferry plugin disable` left out."""
    home = home_folder()
    off = disabled_plugins(home)
    if name not in off:
        raise UnknownName("disabled plugin", name, off, f"Disabled: {', '.join(sorted(off)) or 'none'}.")
    if off == {name}:
        unset_value(home, _SETTING)
    else:
        set_value(home, _SETTING, sorted(off - {name}))
    return _told(name, as_json, disabled=False)


def _told(name: str, as_json: bool, *, disabled: bool) -> int:
    named = {part.strip() for part in os.environ.get(OFF_SWITCH, "").split(",")}
    if not disabled and named & {name, "*"}:
        output.note(f"{OFF_SWITCH} still leaves it out: take it out of there, too.")
    if as_json:
        output.document({"plugin": name, "disabled": disabled})
    else:
        output.say(f"The plugin {name} is {'left out from now on' if disabled else 'taken again'}.")
    return exits.DONE
