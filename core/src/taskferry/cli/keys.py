"""Whether a provider's key is there, and where it was found; the key itself is never shown."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from attrs import frozen

from taskferry.adapter import Service
from taskferry.credentials import find_key
from taskferry.errors import MissingKey, UsageError


@frozen(kw_only=True)
class KeyState:
    """What is known about a provider's key without showing it."""

    text: str
    """In words, as `found in VAR of the environment`."""
    found: bool
    """Whether there is a key, or none is needed."""
    broken: bool = False
    """Whether it is there and cannot be used."""
    mend: str = ""
    """What to do about it."""


def key_state(provider: str, service: Service, environ: Mapping[str, str], home: Path) -> KeyState:
    """Look where keys are looked for."""
    try:
        key = find_key(provider, service, explicit=None, environ=environ, home=home)
    except MissingKey as error:
        return KeyState(text="missing", found=False, mend=f"{error} Or: `taskferry login {provider}`.")
    except UsageError as error:
        return KeyState(text="unusable", found=False, broken=True, mend=str(error))
    return KeyState(text="none needed" if key is None else f"found in {key.source}", found=True)
