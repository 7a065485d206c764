"""Reads `config.toml`, and lays a profile over its general part."""

from __future__ import annotations

import os
import stat
import tomllib
from collections import ChainMap
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attrs import frozen

from taskferry.configuration.known import leaves, wrong
from taskferry.configuration.lines import line_of
from taskferry.errors import UnknownName, UsageError
from taskferry.settings import variable

PROFILE = "TASKFERRY_PROFILE"
"""The variable that chooses a profile."""
_LONGEST = 100_000
"""Bytes of a config file."""


@frozen(kw_only=True)
class Configuration:
    """What the file says for one profile, or for none."""

    path: Path
    profile: str | None = None
    general: Mapping[str, Any]
    """The file without its profiles."""
    own: Mapping[str, Any]
    """The tables of the chosen profile."""

    def layers(self, name: str) -> tuple[tuple[str, Any], ...]:
        """Give what is said under a name, first in general and then by the profile, each with its whole name."""
        found = [(name, self.general[name])] if name in self.general else []
        if name in self.own:
            found.append((f"profiles.{self.profile}.{name}", self.own[name]))
        return tuple(found)

    @property
    def output(self) -> Path | None:
        """Give the folder for files, one that is not whole seen from the file's own folder; None if none is set."""
        said = [text for _, text in self.layers("output") if text]
        return self.path.parent / Path(said[-1]).expanduser() if said else None

    @property
    def regions(self) -> Mapping[str, str]:
        """Give the region, or API generation, by provider."""
        return {provider: region for _, table in self.layers("regions") for provider, region in table.items()}


def config_path(home: Path) -> Path:
    """Give the place of the config file."""
    return home / "config.toml"


def read_configuration(home: Path, environ: Mapping[str, str]) -> Configuration:
    """Read the file for the profile that the environment chooses, if any.

    Raise UsageError for a file that is not sound TOML or has a setting that there is not, with line and nearest name;
    UnknownName for a profile that it lacks.
    """
    document = read_document(home)
    profiles = document.get("profiles", {})
    chosen = environ.get(PROFILE, "").strip() or None
    if chosen is not None and chosen not in profiles:
        hint = f"`taskferry --profile {chosen} config set NAME VALUE` makes one in {config_path(home)}."
        raise UnknownName("profile", chosen, profiles, hint)
    return Configuration(
        path=config_path(home),
        profile=chosen,
        general={name: value for name, value in document.items() if name != "profiles"},
        own={} if chosen is None else profiles[chosen],
    )


def read_document(home: Path) -> Mapping[str, Any]:
    """Read the whole file, with every profile; empty where there is none. Raise UsageError for an unsound one."""
    path = config_path(home)
    text = read_text(path)
    document = parsed(text, path)
    problems = [found for name, value in leaves(document) if (found := wrong(name, value)) is not None]
    if problems:
        told = [f"{path}:{line_of(text, name)}: {message}" for name, message in problems]
        raise UsageError("\n".join(dict.fromkeys(told)))
    return document


def read_text(path: Path) -> str:
    """Read the file as it stands, line ends and all; empty where there is none. Raise UsageError."""
    if not path.is_file():
        return ""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.") from error
    if len(content) > _LONGEST:
        raise UsageError(f"{path} is too large: at most {_LONGEST:,} bytes are read, and it has {len(content):,}.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} cannot be read as TOML: it is not UTF-8 at byte {error.start}.") from error


def parsed(text: str, path: Path) -> dict[str, Any]:
    """Read TOML; raise UsageError with the place of the fault, and without what the file holds."""
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{path} cannot be read as TOML: {error}") from error


def disabled_plugins(home: Path) -> frozenset[str]:
    """Give the plugins that the file switches off."""
    return frozenset(read_document(home).get("plugins", {}).get("disabled", ()))


def configured_environ(environ: Mapping[str, str], configuration: Configuration) -> Mapping[str, str]:
    """Give the environment with what the file says about providers where the environment says nothing."""
    said = {
        variable(provider, "REGION"): region
        for provider, region in configuration.regions.items()
        if not any(environ.get(variable(provider, what), "").strip() for what in ("GENERATION", "REGION"))
    }
    return ChainMap(said, environ) if said else environ  # type: ignore[arg-type]  # a ChainMap writes to its first map alone


def is_open_to_others(path: Path) -> bool:
    """Tell whether other users of the machine may read or write a file; never on Windows, which keeps no such modes."""
    return os.name == "posix" and bool(path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO))
