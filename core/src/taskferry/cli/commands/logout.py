"""`taskferry logout`: forget a provider's key."""

from __future__ import annotations

import click

from taskferry.cli import exits, options, output
from taskferry.cli.configuring import chosen_profile
from taskferry.cli.keeping_keys import forget_key, key_in_use, service_of
from taskferry.settings import home_folder


@click.command("logout", short_help="Forget a provider's key.")
@click.argument("provider")
@options.as_json
def command(provider: str, as_json: bool) -> int:
    """Forget the key of a provider in keyring and config file; the provider itself is told nothing."""
    home, service = home_folder(), service_of(provider)
    places = forget_key(provider, home)
    left = key_in_use(provider, service, home)
    if as_json:
        found = {"provider": provider, "profile": chosen_profile(), "removed_from": places}
        output.document({**found, "still_found_in": None if left is None else left.source})
        return exits.DONE
    output.say(
        f"The key of {provider} is gone from {' and '.join(places)}." if places else f"No key of {provider} was kept."
    )
    if left is not None:
        output.note(f"There is still one from {left.source}.")
    return exits.DONE
