"""Known third-party packages by the provider they offer, from whatever installed distributions list."""

from __future__ import annotations

import logging
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import metadata, resources
from types import MappingProxyType

log = logging.getLogger("taskferry")

GROUP = "taskferry.catalogues"
"""Entry points named like a TOML file of the package they point to; it maps provider names to distributions."""


@cache
def packages() -> Mapping[str, str]:
    """Give the distribution to install for each provider that a catalogue knows, by the provider's name."""
    found: dict[str, str] = {}
    for point in metadata.entry_points(group=GROUP):
        try:
            file = resources.files(point.module).joinpath(f"{point.name}.toml")
            found.update(tomllib.loads(file.read_text("utf-8")).get("providers", {}))
        except (ImportError, OSError, ValueError) as error:
            log.warning("the catalogue %s cannot be read: %s", point.value, error)
    return MappingProxyType(found)


def install_hint(provider: str) -> str | None:
    """Say what to install for a provider; None for one that no catalogue knows."""
    package = packages().get(provider)
    return f"Install it with `pip install {package}`." if package else None
