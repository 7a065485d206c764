"""Settings as `taskferry config` names, reads and shows them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from taskferry.configuration import PROFILE, Configuration
from taskferry.configuration.known import IN_PROFILES, SETTINGS, Name, Setting, leaves, setting_of, split, wrong
from taskferry.errors import UsageError

HIDDEN = "set, not shown"
"""What stands in the place of a key."""


def named(text: str) -> tuple[Name, Setting]:
    """Give the parts of a setting's name and what it is; raise UsageError for one that there is not.

    With a profile chosen, a name without one means that profile's, where a profile can have it.
    """
    name = tuple(text.strip().split("."))
    found = setting_of(name)
    if found is None:
        fault = wrong(name, "")
        unknown = fault is not None and fault[1].startswith("there is no")
        told = f"T{fault[1][1:]}" if fault and unknown else f"{text} is a table: name a setting in it."
        raise UsageError(f"{told} `taskferry config list --known` lists them all.")
    profile = chosen_profile()
    if profile is not None and split(name)[0] is None and found.in_profile:
        return ("profiles", profile, *name), found
    return name, found


def chosen_profile() -> str | None:
    """Give the profile that the option or the variable names; raise UsageError for a text that can be none."""
    profile = os.environ.get(PROFILE, "").strip() or None
    if profile is not None and not profile.replace("-", "").replace("_", "").isalnum():
        raise UsageError(f"{profile!r} cannot be a profile's name: write letters, digits, - and _.")
    return profile


def value_of(setting: Setting, text: str) -> object:
    """Read a value as it is typed; raise UsageError for one that the setting does not take."""
    if setting.takes is bool:
        if text not in ("true", "false"):
            raise UsageError(f"{'.'.join(setting.name)} is true or false, not {text!r}.")
        return text == "true"
    if setting.takes is list:
        return [part.strip() for part in text.split(",") if part.strip()]
    return text


def shown(setting: Setting | None, value: object) -> str:
    """Write a value as it is typed; a key is never written."""
    if setting is None or setting.is_secret:
        return HIDDEN
    if isinstance(value, bool):
        return str(value).lower()
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def in_effect(configuration: Configuration) -> dict[Name, tuple[str | None, object]]:
    """Give every setting that holds, by its name without a profile, with the profile that it is from."""
    found: dict[Name, tuple[str | None, object]] = {}
    for profile, table in ((None, configuration.general), (configuration.profile, configuration.own)):
        found |= {name: (profile, value) for name, value in leaves(table) if setting_of(name) is not None}
    return found


def alone(path: Path, name: Name, value: object) -> Configuration:
    """Give a configuration of one setting, to see whether it can be used."""
    table: object = value
    for part in reversed(split(name)[1]):
        table = {part: table}
    assert isinstance(table, dict), "a name has at least one part"
    return Configuration(path=path, general=table, own={})


def provider_in(setting: Setting, name: Name) -> str | None:
    """Give the provider that a setting is for; None for one that is for all."""
    rest: Sequence[str] = split(name)[1]
    return next((given for part, given in zip(setting.name, rest, strict=True) if part == "PROVIDER"), None)


def known_rows() -> list[tuple[str, str, str]]:
    """Give a row for each setting that there is: its name, whether a profile may have its own, what it means."""
    return [(".".join(one.name), "yes" if one in IN_PROFILES else "no", one.meaning) for one in SETTINGS]
