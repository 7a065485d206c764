"""Keys: where they are found, and how they are kept out of everything that is shown."""

from __future__ import annotations

import hashlib
import stat
import tomllib
from collections.abc import Mapping
from pathlib import Path

from taskferry.adapter import NoKey, Service
from taskferry.errors import MissingKey, UsageError


class Secret:
    """A key that only `reveal` shows."""

    __slots__ = ("_value", "source")

    def __init__(self, value: str, source: str) -> None:
        """Take a key; raise UsageError for a text that can be none, without showing it."""
        if not value or not all("!" <= letter <= "~" for letter in value):
            raise UsageError(
                f"The key from {source} has a blank, a line end or a letter outside ASCII in it: copy it again."
            )
        self._value = value
        self.source = source
        """Where it was found, as `VAR of the environment`."""

    def __repr__(self) -> str:
        return f"<Secret from {self.source}>"

    __str__ = __repr__

    def __reduce__(self) -> str:
        raise TypeError("A key is not pickled.")

    def reveal(self) -> str:
        """Give the key itself: for floor 2, which puts it on the wire."""
        return self._value

    def fingerprint(self, salt: bytes) -> str:
        """Tell accounts apart without telling the key: 16 hexadecimal digits of a salted hash."""
        return hashlib.blake2b(self._value.encode(), key=salt[:64], digest_size=8).hexdigest()


def find_key(
    provider: str, service: Service, *, explicit: str | None, environ: Mapping[str, str], home: Path
) -> Secret | None:
    """Look for a provider's key: explicit, then environment, keyring, config file.

    Give None for a provider that takes no key; raise MissingKey when none is found.
    """
    if isinstance(service.scheme, NoKey):
        return None
    if explicit and explicit.strip():
        return Secret(explicit.strip(), "the call")
    for name in service.key_variables:
        if value := environ.get(name, "").strip():
            return Secret(value, f"{name} of the environment")
    found = _from_keyring(provider) or _from_file(provider, home / "config.toml")
    if found is None:
        raise MissingKey(provider, service.key_variables, service.key_url)
    return found


def _from_keyring(provider: str) -> Secret | None:
    try:
        import keyring  # an extra: without it there is no keyring to ask
        from keyring.errors import KeyringError
    except ImportError:
        return None
    try:
        value = keyring.get_password("taskferry", provider)
    except KeyringError:
        return None  # a machine without a keyring service: the config file is asked next
    return Secret(value, "the keyring") if value else None


def _from_file(provider: str, path: Path) -> Secret | None:
    if not path.is_file():
        return None
    try:
        keys = tomllib.loads(path.read_text(encoding="utf-8")).get("keys", {})
    except (OSError, ValueError, RecursionError) as error:
        raise UsageError(f"{path} cannot be read as TOML: {error}") from error
    value = keys.get(provider) if isinstance(keys, dict) else None
    if not isinstance(value, str) or not value.strip():
        return None
    if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise UsageError(f"{path} holds a key and can be read by others: run `chmod 600 {path}`.")
    return Secret(value.strip(), str(path))
