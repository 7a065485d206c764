"""Finds plugins, keeps a broken one from harming the others, and says who offers what."""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterable, Mapping, Sequence
from importlib import metadata
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pluggy
from attrs import evolve, frozen

from taskferry import hookspecs
from taskferry.adapter import Adapter
from taskferry.configuration import disabled_plugins
from taskferry.errors import PluginError, UnknownName, UsageError
from taskferry.hookspecs import Engine, Provider
from taskferry.operation import Operation
from taskferry.settings import home_folder
from taskferry.text import clean

if TYPE_CHECKING:
    from taskferry.cards.model import Card

GROUP = "taskferry"
"""The entry point group in which plugins name their hook modules."""
OFF_SWITCH = "TASKFERRY_DISABLE_PLUGINS"
"""Names of entry points to leave out, parted by commas; `*` leaves out all."""
OFF = "Switched off"
"""How the problem of a row begins whose plugin was left out on purpose."""


RESERVED = MappingProxyType({"any": "it stands for whichever provider fits"})
"""Names that no provider may have, and why."""


@frozen(kw_only=True)
class PluginRow:
    """One plugin as `taskferry doctor` shows it."""

    name: str
    distribution: str
    version: str
    providers: tuple[str, ...] = ()
    problem: str | None = None
    """Why it is not used; None for a sound one."""


class Registry:
    """Every provider that the installed plugins offer."""

    def __init__(
        self,
        *,
        entry_points: Iterable[metadata.EntryPoint] | None = None,
        disabled: str | None = None,
        cards: Iterable[Card] | None = None,
        home: Path | None = None,
    ) -> None:
        """Load the plugins, and take `cards` that are not installed; one that cannot be used becomes a row.

        Plugins are left out as the config file of `home` and `TASKFERRY_DISABLE_PLUGINS` say, or as `disabled` says in
        place of both, written as the variable is. Raise UsageError for a config file that cannot be read.
        Without `cards`, those that were trusted in `home` are taken; without that, too, those of the usual home, unless
        the plugins were chosen by `entry_points`.
        """
        self._providers: dict[str, Provider] = {}
        self._owners: dict[str, list[str]] = {}
        self._adapters: dict[tuple[str, str], Adapter] = {}
        self._engines: dict[str, Engine] = {}
        self._rows: list[PluginRow] = []
        self._unbuilt: dict[str, PluginRow] = {}
        self._cards: dict[str, Card] = {}
        off = _switched_off(disabled, home if home is not None or entry_points is not None else home_folder())
        self.manager = pluggy.PluginManager(GROUP)
        self.manager.add_hookspecs(hookspecs)
        points = metadata.entry_points(group=GROUP) if entry_points is None else entry_points
        origins: dict[metadata.Distribution, tuple[str, str]] = {}
        for point in sorted(points, key=lambda point: (point.name, point.value)):
            row = _row(point, origins)
            by = off.get(point.name, off.get("*"))
            self._rows.append(self._loaded(point, row) if by is None else evolve(row, problem=by))
        if cards is None:
            cards = _trusted(home) if home is not None or entry_points is None else ()
        for card in cards:
            self._rows.append(self._taken(card))

    def _loaded(self, point: metadata.EntryPoint, row: PluginRow) -> PluginRow:
        offered: list[Provider] = []
        engines: list[Engine] = []
        alone = pluggy.PluginManager(GROUP)
        alone.add_hookspecs(hookspecs)
        try:
            module = point.load()
            alone.register(module, point.name)
            alone.check_pending()
            alone.hook.taskferry_providers(register=offered.append)
            alone.hook.taskferry_engines(register=engines.append)
            for provider in offered:
                _check(provider)
            self.manager.register(module, f"{point.name} ({point.value})")
        except (Exception, SystemExit) as error:  # noqa: BLE001 -- whatever a plugin raises becomes its row in `doctor`
            return evolve(row, problem=f"{type(error).__name__}: {clean(error)}")
        owner = f"{row.distribution} ({point.value})" if point.dist else point.value
        for provider in offered:
            self._owners.setdefault(provider.name, []).append(owner)
            self._providers[provider.name] = provider
        self._engines.update((engine.scheme, engine) for engine in engines)
        return evolve(row, providers=tuple(provider.name for provider in offered))

    def add_card(self, card: Card) -> None:
        """Offer what a card says although it is not installed; an earlier card of that name goes.

        Raise UsageError for a card that runs Python, takes an installed provider's name, or reads another one's key.
        """
        self._check_card(card)
        self._check_key(card)
        self._take(card)

    def _taken(self, card: Card) -> PluginRow:
        row = PluginRow(name=card.name, distribution=f"card {card.source_name}", version="")
        try:
            self._check_card(card)
        except UsageError as error:
            return evolve(row, problem=f"{clean(error)} `taskferry plugin forget {card.name}` lets go of the card.")
        self._take(card)
        return evolve(row, providers=(card.name,))

    def _take(self, card: Card) -> None:
        from taskferry.cards.installed import provider_of  # only where a card is used

        self._cards[card.name] = card
        self._owners[card.name] = [f"the card {card.source_name}"]
        self._providers[card.name] = provider_of(card.title, card.name, list(card.regions))
        for place in [place for place in self._adapters if place[0] == card.name]:
            del self._adapters[place]

    def _check_card(self, card: Card) -> None:
        if card.runs_python:
            raise UsageError(
                f"{card.source_name} has a step in Python, which only the card of an installed plugin may."
            )
        if card.name in RESERVED:
            raise UsageError(f"{card.source_name} takes the name {card.name!r}: {RESERVED[card.name]}.")
        if card.name in self._owners and card.name not in self._cards:
            owner = self._owners[card.name][0]
            raise UsageError(f"{card.source_name} takes the name {card.name!r}, which {owner} offers already.")

    def _check_key(self, card: Card) -> None:
        """Refuse a variable that another provider's key is in: the card could take that key anywhere."""
        for name in self.providers:
            if name == card.name:
                continue
            theirs = self._key_variables(name)
            shared = [variable for variable in card.key_variables if variable in theirs]
            if shared:
                raise UsageError(f"{card.source_name} reads {shared[0]}, which holds the key of {name}: name another.")

    def _key_variables(self, name: str) -> Sequence[str]:
        if name in self._cards:
            return self._cards[name].key_variables
        try:
            return self.adapter(name).service.key_variables
        except PluginError:
            return ()  # it has its row in `doctor`, and nothing can be sent with its key

    @property
    def providers(self) -> Mapping[str, Provider]:
        """Give the providers by name, those that two plugins claim left out."""
        return MappingProxyType(
            {name: self._providers[name] for name in sorted(self._providers) if len(self._owners[name]) == 1}
        )

    @property
    def engines(self) -> Mapping[str, Engine]:
        """Give the engines by URL scheme."""
        return MappingProxyType(self._engines)

    @property
    def rows(self) -> Sequence[PluginRow]:
        """Give one row a plugin, and one a name that several claim."""
        claimed = [
            PluginRow(name=name, distribution=", ".join(owners), version="", problem=_claimed(name, owners))
            for name, owners in sorted(self._owners.items())
            if len(owners) > 1
        ]
        return (*self._rows, *self._unbuilt.values(), *claimed)

    def provider(self, name: str) -> Provider:
        """Give one provider; raise UnknownName with the nearest names, or PluginError if two plugins claim it."""
        owners = self._owners.get(name, [])
        if len(owners) > 1:
            raise PluginError(_claimed(name, owners))
        if not owners:
            broken = [row for row in self._rows if row.problem and row.name == name]
            if broken:
                raise PluginError(f"The plugin {name!r} ({broken[0].distribution}) cannot be used: {broken[0].problem}")
            raise UnknownName("provider", name, self.providers, self._hint(name))
        return self._providers[name]

    def _hint(self, name: str) -> str:
        from taskferry.catalogue import install_hint  # read only when a name is unknown

        known = ", ".join(self.providers) or "none"
        return install_hint(name) or f"Installed: {known}."

    def adapter(self, name: str, generation: str | None = None) -> Adapter:
        """Give a provider's adapter in one generation of its API, by default the provider's first."""
        provider = self.provider(name)
        chosen = generation or next(iter(provider.adapters))
        path = provider.adapters.get(chosen)
        if path is None:
            known = ", ".join(provider.adapters)
            raise UsageError(f"{name} has no API generation {chosen!r}; there are: {known}.")
        key = (name, chosen)
        if key not in self._adapters:
            self._adapters[key] = self._built(name, path)
        return self._adapters[key]

    def _built(self, name: str, path: str) -> Adapter:
        try:
            adapter: Adapter = self._card_adapter(name, path) or load_object(path)()
            wrong = [operation.name for operation in adapter.operations if operation.provider != name]
        except PluginError:
            raise
        except Exception as error:
            raise PluginError(f"The adapter of {name} ({path}) cannot be built: {clean(error)}") from error
        if wrong:
            raise PluginError(f"The adapter of {name} offers {wrong[0]!r}, which is not named {name}/...")
        return adapter

    def _card_adapter(self, name: str, path: str) -> Adapter | None:
        """Compile the card that an adapter is made from; None for one in code."""
        card = self._cards.get(name)
        if card is None and ".toml" not in path:
            return None
        from taskferry.cards import card_adapter, load_card  # only where a card is used

        if card is not None:
            self._check_key(card)
            region = path.partition(":")[2]
            return card_adapter(card, region if card.regions else None)
        place, _, region = path.partition("#")
        return card_adapter(load_card(place), region or None, installed=True)

    def operation(self, name: str, generation: str | None = None) -> Operation:
        """Give one operation by its full name; raise UnknownName with the nearest names."""
        provider, slash, short = name.partition("/")
        if not slash or not short:
            hint = "An operation is written as provider/operation; `taskferry operations` lists them."
            known = [operation.name for operation in self.operations()]
            raise UnknownName("operation", name, known, hint)
        offered = {operation.name: operation for operation in self.adapter(provider, generation).operations}
        if name not in offered:
            raise UnknownName("operation", name, offered, f"{provider} offers: {', '.join(offered) or 'none'}.")
        return offered[name]

    def operations(self, provider: str | None = None) -> Sequence[Operation]:
        """List what one provider, or every sound one, offers."""
        if provider is not None:
            return tuple(self.adapter(provider).operations)
        found: list[Operation] = []
        for name in self.providers:
            try:
                found.extend(self.adapter(name).operations)
            except PluginError as error:
                owner = self._owners[name][0]
                self._unbuilt[name] = PluginRow(name=name, distribution=owner, version="", problem=str(error))
        return found


def _switched_off(disabled: str | None, home: Path | None) -> Mapping[str, str]:
    """Give what is said of each plugin that is to be left out, by its name."""
    named = os.environ.get(OFF_SWITCH, "") if disabled is None else disabled
    kept = disabled_plugins(home) if disabled is None and home is not None else ()
    off = {name: f"{OFF} in the config file: `taskferry plugin enable {name}` takes it back." for name in kept}
    return off | {name.strip(): f"{OFF} by {OFF_SWITCH}." for name in named.split(",") if name.strip()}


def _trusted(home: Path | None) -> Iterable[Card]:
    place = home_folder() if home is None else home
    if next((place / "cards").glob("*.toml"), None) is None:
        return ()
    from taskferry.cards.trusted import trusted_cards  # only where there are some

    return trusted_cards(place)


def load_object(path: str) -> Any:
    """Import `package.module:name`; raise PluginError naming the path if that fails."""
    module, colon, name = path.partition(":")
    try:
        if not colon:
            raise ValueError("an import path is written as package.module:name")
        return getattr(importlib.import_module(module), name)
    except Exception as error:
        raise PluginError(f"{path} cannot be imported: {type(error).__name__}: {clean(error)}") from error


def _check(provider: object) -> None:
    if not isinstance(provider, Provider):
        raise TypeError(f"register takes a taskferry.Provider, not {type(provider).__name__}")
    if not provider.name.replace("-", "").isalnum() or not provider.name.islower():
        raise ValueError(f"a provider's name is small letters, digits and dashes, not {provider.name!r}")
    if provider.contract > hookspecs.CONTRACT:
        raise ValueError(
            f"the provider {provider.name!r} was written for version {provider.contract} of the adapter contract, "
            f"and this taskferry keeps version {hookspecs.CONTRACT}: upgrade taskferry"
        )
    if provider.name in RESERVED:
        raise ValueError(f"no provider may be named {provider.name!r}: {RESERVED[provider.name]}")
    if not provider.adapters:
        raise ValueError(f"the provider {provider.name!r} names no adapter")


def _row(point: metadata.EntryPoint, origins: dict[metadata.Distribution, tuple[str, str]]) -> PluginRow:
    """Begin the row of a plugin; `origins` remembers what was read of distributions."""
    dist = point.dist
    if dist is None:
        return PluginRow(name=point.name, distribution=point.value, version="")
    if dist not in origins:
        about = dist.metadata  # parsed each time that it is asked for, as it is for the name and the version
        origins[dist] = (about["Name"], about["Version"])
    distribution, version = origins[dist]
    return PluginRow(name=point.name, distribution=distribution, version=version)


def _claimed(name: str, owners: Sequence[str]) -> str:
    return f"{' and '.join(owners)} both offer a provider {name!r}: uninstall one, or switch it off with {OFF_SWITCH}."
