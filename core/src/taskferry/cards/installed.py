"""Cards of installed distributions: registered in one line, and read when they are used."""

from __future__ import annotations

from collections.abc import Sequence

from taskferry.hookspecs import Provider

TOML = ".toml"
ONE = "card"
"""The API generation of a card without regions."""


def card_provider(
    package: str,
    name: str,
    *,
    title: str,
    regions: Sequence[str] = (),
    file: str | None = None,
    profile: str | None = None,
) -> Provider:
    """Give the record that registers a card, without reading it.

        register(card_provider("taskferry_acme", "acme", title="Acme", regions=["global", "eu"]))

    `file` lies in the package and is by default called after the provider; `regions` are those of the card, the default
    one first.
    """
    place = f"{package}:{file or name + TOML}"
    adapters = {region: f"{place}#{region}" for region in regions} or {ONE: place}
    return Provider(name=name, title=title, adapters=adapters, stand_in=place, demo=place, profile=profile)


def is_card_path(path: str) -> bool:
    """Tell whether an import path names a card: `package.module:acme.toml`, with `#region` where it has some."""
    return path.partition("#")[0].endswith(TOML)


def provider_of(title: str, name: str, regions: Sequence[str]) -> Provider:
    """Give the record of a card that is not installed; its adapters cannot be imported, only asked of the registry."""
    return Provider(name=name, title=title, adapters={region: f"card:{region}" for region in regions or (ONE,)})
