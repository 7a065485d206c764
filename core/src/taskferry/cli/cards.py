"""Cards on the command line: an operation may be named as `./acme.toml#video`, of a card that is not installed."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from taskferry.cards import Card, read_card
from taskferry.cards.trusted import is_trusted, trust
from taskferry.cli.output import note
from taskferry.errors import UnknownName, UsageError
from taskferry.registry import Registry
from taskferry.settings import home_folder

_LONGEST = 1_000_000
"""Bytes of a card."""


def is_card(operation: str) -> bool:
    """Tell whether an operation is named by a card's file."""
    return operation.partition("#")[0].endswith(".toml")


def operation_of_card(text: str, *, trusting: bool = False) -> str:
    """Give the full name of a card's operation, ready to be used in this process and any later one.

    A card that was not trusted yet is shown and asked for, or taken as it is if `trusting`. Raise UsageError.
    """
    place, _, short = text.partition("#")
    path = Path(place).expanduser()
    content = card_text(path)
    card = read_card(content, path.name)
    name = _operation(card, short)
    home = home_folder()
    if is_trusted(home, card, content):
        return name
    Registry(cards=()).add_card(card)
    if not trusting:
        _ask(path, card)
    trust(home, card, content)
    return name


def card_text(path: Path) -> str:
    """Read a card's file; raise UsageError with what keeps it from being read."""
    try:
        if path.stat().st_size > _LONGEST:
            raise UsageError(f"{path} is too large for a card: at most {_LONGEST:,} bytes are read.")
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is not text in UTF-8: {error.reason} at byte {error.start}.") from error
    except OSError as error:
        raise UsageError(f"The card {path} cannot be read: {error.strerror}.") from error


def _operation(card: Card, short: str) -> str:
    if not short and len(card.operations) == 1:
        short = next(iter(card.operations))
    if short not in card.operations:
        offered = ", ".join(f"#{name}" for name in card.operations)
        raise UnknownName("operation", short, list(card.operations), f"{card.source_name} offers: {offered}.")
    return f"{card.name}/{short}"


def _ask(path: Path, card: Card) -> None:
    for line in told(card):
        note(line)
    if not sys.stdin.isatty():
        raise UsageError(f"{path} is not installed and was never trusted; say --trust once if you trust it.")
    if not click.confirm(f"Trust {path}, as it is now?", err=True):
        raise UsageError(f"{path} was not trusted, and nothing was sent.")


def told(card: Card) -> list[str]:
    """Say what a card may do, for whoever decides about it."""
    addresses = ", ".join(card.regions.values()) or card.base_url
    key = " or ".join(card.key_variables)
    return [
        f"{card.title} ({card.name}), a card that is not installed:",
        f"  sends jobs to   {', '.join([addresses, *card.hosts])}",
        f"  with the key    {f'in {key}' if key else 'of nobody: it needs none'}",
        f"  takes files of  {', '.join(card.result_hosts) or 'any public host'}",
        f"  it says it is   {card.source}",
    ]
