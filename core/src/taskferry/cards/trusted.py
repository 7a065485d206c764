"""Cards that are used without being installed: each is trusted once, and kept as it was then."""

from __future__ import annotations

import hashlib
import logging
import os
from pathlib import Path

from taskferry.cards.model import Card
from taskferry.cards.reading import read_card
from taskferry.errors import UsageError

log = logging.getLogger("taskferry")

FOLDER = "cards"
"""Below the home folder."""
_DIGITS = 64


def digest(text: str) -> str:
    """Give the hash that a card is trusted by; the slightest edit makes it another one."""
    return hashlib.sha256(text.encode()).hexdigest()


def is_trusted(home: Path, card: Card, text: str) -> bool:
    """Tell whether exactly this text was trusted for this provider."""
    return _file(home, card, text).is_file()


def trust(home: Path, card: Card, text: str) -> Path:
    """Keep a card, so that its jobs can be followed from any process; an older one of the same provider goes."""
    if card.runs_python:
        raise UsageError(
            f"{card.source_name} names a Python step, and a card that is not installed runs no Python: "
            "install it as a plugin (`taskferry plugin new`)."
        )
    path = _file(home, card, text)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    half = path.with_suffix(f".{os.getpid()}.part")
    half.write_text(text, encoding="utf-8")
    half.replace(path)
    for other in copies(home, card.name):
        if other != path:
            other.unlink(missing_ok=True)
    return path


def copies(home: Path, name: str) -> list[Path]:
    """Give the kept copies of a provider's card, also one that was changed since."""
    return [path for path in sorted((home / FOLDER).glob(f"*-{'?' * _DIGITS}.toml")) if provider_name(path) == name]


def provider_name(copy: Path) -> str:
    """Give the provider whose card a kept copy is."""
    return copy.stem[: -_DIGITS - 1]


def names(home: Path) -> list[str]:
    """List the providers whose cards were trusted."""
    return sorted({provider_name(path) for path in (home / FOLDER).glob(f"*-{'?' * _DIGITS}.toml")})


def trusted_cards(home: Path) -> list[Card]:
    """Read the cards that were trusted; one whose text is no longer what was trusted is left out, and said so."""
    found = []
    for path in sorted((home / FOLDER).glob(f"*-{'?' * _DIGITS}.toml")):
        try:
            text = path.read_text(encoding="utf-8")
            if digest(text) != path.stem[-_DIGITS:]:
                raise UsageError("it was changed since it was trusted: use the card's own file again to trust it anew")
            found.append(read_card(text, path.name))
        except (OSError, UsageError, UnicodeDecodeError) as error:
            log.warning("the card %s is not used: %s", path, error)
    return found


def _file(home: Path, card: Card, text: str) -> Path:
    return home / FOLDER / f"{card.name}-{digest(text)}.toml"
