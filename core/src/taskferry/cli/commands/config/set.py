"""`taskferry config set`: change one setting."""

from __future__ import annotations

import click

from taskferry.cli import exits, options, output
from taskferry.cli.configuring import alone, named, provider_in, value_of
from taskferry.configuration import config_path
from taskferry.configuration.known import Name, Setting
from taskferry.configuration.writing import set_value
from taskferry.errors import UnknownName, UsageError
from taskferry.registry import Registry
from taskferry.settings import home_folder
from taskferry.spend import caps_of


@click.command("set", short_help="Change one setting.")
@click.argument("name")
@click.argument("value")
@options.as_json
def set_setting(name: str, value: str, as_json: bool) -> int:
    """Change one setting, as `caps.day "20 USD"`; nothing is written that could not be read again.

    `taskferry config list --known` lists every setting. Keys are set by `taskferry login`.
    """
    parts, setting = named(name)
    if setting.is_secret:
        provider = parts[-1]
        raise UsageError(f"A key is set by `taskferry login {provider}`, which keeps it out of the shell's history.")
    written = value_of(setting, value)
    home = home_folder()
    caps_of(alone(config_path(home), parts, written), {})
    _check_provider(setting, parts, value)
    path = set_value(home, parts, written)
    if as_json:
        output.document({"name": ".".join(parts), "value": written, "path": str(path)})
    else:
        output.say(f"{'.'.join(parts)} is set in {path}.")
    return exits.DONE


def _check_provider(setting: Setting, name: Name, value: str) -> None:
    """Raise UnknownName for a provider, or a region of it, that there is not."""
    provider = provider_in(setting, name)
    if provider is None:
        return
    adapters = Registry().provider(provider).adapters
    if setting.name[0] == "regions" and value not in adapters:
        raise UnknownName("region", value, adapters, f"{provider} has: {', '.join(adapters)}.")
