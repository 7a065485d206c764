"""Asks for a provider's key, has it checked, and keeps or forgets it; shows it to nobody."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Mapping
from pathlib import Path

import click

from taskferry.adapter import NoKey, Service
from taskferry.cli.configuring import chosen_profile
from taskferry.cli.extras import install_line, missing
from taskferry.cli.opening import opened_ferry
from taskferry.cli.output import note
from taskferry.configuration import PROFILE, config_path
from taskferry.configuration.reading import parsed, read_text
from taskferry.configuration.writing import make_profile, set_value, unset_value
from taskferry.credentials import Secret, find_key, forget_in_keyring, keep_in_keyring
from taskferry.errors import MissingKey, UsageError
from taskferry.key_check import KeyCheck, check_key
from taskferry.registry import Registry

_LONGEST = 20_000
"""Characters of a key."""


def service_of(provider: str) -> Service:
    """Give what is known of a provider's keys; raise UsageError for one that takes none."""
    service = Registry().adapter(provider).service
    if isinstance(service.scheme, NoKey):
        raise UsageError(f"{provider} takes no key.")
    return service


def asked_key(provider: str, service: Service) -> Secret:
    """Read a key from the keyboard, without showing it, or from stdin; raise UsageError for a text that is none."""
    if sys.stdin.isatty():
        if service.key_url:
            note(f"Keys of {provider}: {service.key_url}")
        text = str(click.prompt(f"Key of {provider} (not shown)", hide_input=True, err=True))
        return Secret(text.strip(), "the keyboard")
    text = sys.stdin.read(_LONGEST).strip()
    if not text:
        raise UsageError(f"No key came over stdin: `taskferry login {provider} < FILE`, or type it at a terminal.")
    return Secret(text, "stdin")


def checked(provider: str, key: Secret, home: Path) -> KeyCheck:
    """Ask the provider whether it takes a key, at no cost; raise ProviderError or WireError."""

    async def ask() -> KeyCheck:
        async with opened_ferry(keys={provider: key.reveal()}, environ=_environ(home)) as ferry:
            account = ferry.engine.accounts.account(provider)
            return await check_key(account, ferry.engine.accounts.wire(account))

    return asyncio.run(ask())


def keep_key(provider: str, key: Secret, home: Path, *, in_file: bool) -> str:
    """Keep a key for the chosen profile; say where. Raise UsageError if it cannot be kept there."""
    profile = chosen_profile()
    if in_file:
        return str(set_value(home, _name(provider, profile), key.reveal()))
    check_keyring(home)
    try:
        keep_in_keyring(provider, key, profile)
    except UsageError as error:
        raise UsageError(f"{error} `--file` keeps it in {config_path(home)}.") from error
    if profile is not None:
        make_profile(home, profile)
    return "the keyring"


def check_keyring(home: Path) -> None:
    """Raise UsageError, with what to do, where keys cannot go into a keyring."""
    if missing("keyring"):
        raise UsageError(f"There is no keyring: `{install_line('keyring')}`, or `--file` for {config_path(home)}.")


def forget_key(provider: str, home: Path) -> list[str]:
    """Forget the chosen profile's key wherever it was kept; say from where it went."""
    profile = chosen_profile()
    places = ["the keyring"] if forget_in_keyring(provider, profile) else []
    if unset_value(home, _name(provider, profile)):
        places.append(str(config_path(home)))
    return places


def key_in_use(provider: str, service: Service, home: Path) -> Secret | None:
    """Give the key that jobs would be sent with now."""
    try:
        return find_key(provider, service, explicit=None, environ=_environ(home), home=home)
    except MissingKey:
        return None


def _name(provider: str, profile: str | None) -> tuple[str, ...]:
    return ("keys", provider) if profile is None else ("profiles", profile, "keys", provider)


def _environ(home: Path) -> Mapping[str, str]:
    """Give the environment, without a profile that the file is yet to get."""
    path, profile = config_path(home), chosen_profile()
    if profile is None or profile in parsed(read_text(path), path).get("profiles", {}):
        return os.environ
    return {name: value for name, value in os.environ.items() if name != PROFILE}
