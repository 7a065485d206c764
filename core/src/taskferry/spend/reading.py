"""Reads caps and rates where users set them: in the call, the environment, and `config.toml`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from attrs import frozen

from taskferry.configuration import Configuration, read_configuration
from taskferry.cost import Amount
from taskferry.errors import UsageError
from taskferry.spend.caps import Cap, Caps, Span
from taskferry.spend.quantity import QUANTITY_UNITS

_VARIABLE = re.compile(r"TASKFERRY_(?:(?P<provider>[A-Z0-9_]+)_)?(?P<table>CAP|RATE)_(?P<name>[A-Z]+)")
_ALLOW = "allow_unpriced"


@frozen(kw_only=True)
class _Entry:
    provider: str
    """Empty for all."""
    name: str
    value: object
    source: str


def read_caps(
    home: Path,
    environ: Mapping[str, str],
    *,
    caps: Mapping[str, Any] | None = None,
    rates: Mapping[str, Any] | None = None,
) -> Caps:
    """Give every cap and rate that is set; raise UsageError naming a value that cannot be read, and its place.

    The call goes before the environment, that before the profile of the config file and that before the rest of it,
    one by one. `caps` is written as the file's table `[caps]`, as
    `{"day": "20 USD, 10 videos", "acme": {"task": "40 credits"}}`; `rates` as its `[rates]`.
    """
    return caps_of(read_configuration(home, environ), environ, caps=caps, rates=rates)


def caps_of(
    config: Configuration,
    environ: Mapping[str, str],
    *,
    caps: Mapping[str, Any] | None = None,
    rates: Mapping[str, Any] | None = None,
) -> Caps:
    """Do as `read_caps` does, with a configuration that was read already."""
    limits = [
        *_configured("caps", config),
        *_variables("CAP", environ),
        *_entries("caps", caps or {}, "the call"),
    ]
    worths = [
        *_configured("rates", config),
        *_variables("RATE", environ),
        *_entries("rates", rates or {}, "the call"),
    ]
    chosen = {(entry.provider, entry.name): entry for entry in limits}
    allow = chosen.pop(("", _ALLOW), None)
    return Caps(
        caps=tuple(cap for entry in chosen.values() for cap in _caps(entry)),
        rates={(entry.provider, _unit(entry)): _amount(entry, entry.value) for entry in worths},
        allow_unpriced=allow is not None and _flag(allow),
    )


def _configured(table: str, config: Configuration) -> Iterator[_Entry]:
    """Flatten what the file says in general, and what the profile does after it."""
    for title, said in config.layers(table):
        yield from _entries(title, said, str(config.path))


def _entries(title: str, table: object, place: str) -> Iterator[_Entry]:
    """Flatten a table with tables by provider in it."""
    if not isinstance(table, Mapping):
        raise UsageError(f"{title} in {place} is {table!r}: it has to be a table.")
    for name, value in table.items():
        if not isinstance(value, Mapping):
            yield _Entry(provider="", name=name, value=value, source=f"{title}.{name} in {place}")
            continue
        for inner, limit in value.items():
            yield _Entry(provider=name, name=inner, value=limit, source=f"{title}.{name}.{inner} in {place}")


def _variables(table: str, environ: Mapping[str, str]) -> Iterator[_Entry]:
    for variable, value in environ.items():
        match = _VARIABLE.fullmatch(variable)
        if match and match["table"] == table and value.strip():
            provider = (match["provider"] or "").lower().replace("_", "-")
            yield _Entry(provider=provider, name=match["name"].lower(), value=value, source=variable)


def _caps(entry: _Entry) -> Iterator[Cap]:
    if entry.name not in set(Span):
        raise UsageError(
            f"{entry.source} is no cap: there are {', '.join(Span)}, and a table of them for each provider."
        )
    values = entry.value if isinstance(entry.value, list | tuple) else [entry.value]
    for value in values:
        for text in value.split(",") if isinstance(value, str) else [value]:
            limit = _amount(entry, text)
            yield Cap(span=Span(entry.name), limit=limit, provider=entry.provider or None, source=entry.source)


def _amount(entry: _Entry, text: object) -> Amount:
    """Read an amount or a quantity, whose unit may stand in the singular."""
    if not isinstance(text, str):
        raise UsageError(f'{entry.source} is {text!r}: write a number and its unit as text, such as "20 USD".')
    try:
        amount = Amount.parse(text)
    except UsageError as error:
        raise UsageError(f"{entry.source}: {error}") from error
    plural = f"{amount.unit}s"
    return Amount(value=amount.value, unit=plural) if plural in QUANTITY_UNITS else amount


def _unit(entry: _Entry) -> str:
    return _amount(entry, f"1 {entry.name}").unit


def _flag(entry: _Entry) -> bool:
    if not isinstance(entry.value, bool):
        raise UsageError(f"{entry.source} is {entry.value!r}: write true or false.")
    return entry.value
