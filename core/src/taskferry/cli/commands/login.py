"""`taskferry login`: check a provider's key and keep it."""

from __future__ import annotations

import click

from taskferry.cli import exits, options, output
from taskferry.cli.configuring import chosen_profile
from taskferry.cli.keeping_keys import asked_key, check_keyring, checked, keep_key, key_in_use, service_of
from taskferry.errors import ProviderError, UsageError, WireError
from taskferry.settings import home_folder


@click.command("login", short_help="Check a provider's key and keep it.")
@click.argument("provider")
@click.option("--file", "in_file", is_flag=True, help="Keep it in config.toml, for you alone, and not in the keyring.")
@click.option("--no-check", "unchecked", is_flag=True, help="Keep it without asking the provider; nothing is sent.")
@options.as_json
def command(provider: str, in_file: bool, unchecked: bool, as_json: bool) -> int:
    """Ask for a provider's key, check it with a call that costs nothing, and keep it in the system's keyring.

    It is typed without being shown, or read from stdin. Exit code 4, and nothing kept, if the provider refuses it.
    """
    home, service = home_folder(), service_of(provider)
    if not in_file:
        check_keyring(home)
    key = asked_key(provider, service)
    try:
        check = None if unchecked else checked(provider, key, home)
    except (ProviderError, WireError):
        output.note("Nothing was kept.")
        raise
    if check is not None and not check.accepted:
        raise UsageError(
            f"Nobody knows whether {provider} takes this key: {check.how}. Nothing was kept; --no-check keeps it so."
        )
    place = keep_key(provider, key, home, in_file=in_file)
    used = key_in_use(provider, service, home)
    if used is not None and used.reveal() != key.reveal():
        output.note(f"The key from {used.source} goes before it: take that away to use this one.")
    if as_json:
        found = {"provider": provider, "profile": chosen_profile(), "kept_in": place}
        output.document({**found, "checked_by": None if check is None else check.how})
    else:
        told = "was not checked, and" if check is None else f"works, as {check.how} showed, and"
        output.say(f"The key of {provider} {told} is kept in {place}.")
    return exits.DONE
