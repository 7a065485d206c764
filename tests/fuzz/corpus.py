"""The documented bodies that mutations start from."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "corpus"


def bodies(provider: str, *names: str) -> Sequence[bytes]:
    """Give every body of some files, as it goes over the wire."""
    return [json.dumps(body).encode() for name in names for body in named(provider, name).values()]


def named(provider: str, name: str) -> dict[str, Any]:
    """Give the bodies of one file by name."""
    read: dict[str, Any] = json.loads((FOLDER / provider / f"{name}.json").read_text("utf-8"))
    return read
