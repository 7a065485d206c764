"""Keys: where they are found, and how they are kept out of everything that is shown."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from taskferry.adapter import NoKey, Service
from taskferry.configuration import Configuration, read_configuration
from taskferry.configuration.reading import is_open_to_others
from taskferry.errors import MissingKey, UsageError
from taskferry.text import clean

_SERVICE = "taskferry"
"""The name under which a keyring has our keys."""


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
    """Look for a provider's key: explicit, then environment, then keyring and config file, the profile's own first.

    Give None for a provider that takes no key; raise MissingKey when none is found, UsageError for one that is unfit.
    """
    if isinstance(service.scheme, NoKey):
        return None
    if explicit and explicit.strip():
        return Secret(explicit.strip(), "the call")
    for name in service.key_variables:
        if value := environ.get(name, "").strip():
            return Secret(value, f"{name} of the environment")
    found = _kept_key(provider, read_configuration(home, environ))
    if found is None:
        raise MissingKey(provider, service.key_variables, service.key_url)
    return found


def _kept_key(provider: str, configuration: Configuration) -> Secret | None:
    layers = dict(configuration.layers("keys"))
    for profile in dict.fromkeys((configuration.profile, None)):
        place = "keys" if profile is None else f"profiles.{profile}.keys"
        found = from_keyring(provider, profile) or _from_file(layers.get(place, {}).get(provider, ""), configuration)
        if found is not None:
            return found
    return None


def _from_file(value: str, configuration: Configuration) -> Secret | None:
    path = configuration.path
    if not value.strip():
        return None
    if is_open_to_others(path):
        raise UsageError(f"{path} holds a key and can be read by others: run `chmod 600 {path}`.")
    return Secret(value.strip(), str(path))


def from_keyring(provider: str, profile: str | None) -> Secret | None:
    """Give the key that the keyring has for a provider, in a profile or in general; None where there is no keyring."""
    try:
        import keyring  # an extra: without it there is no keyring to ask
        from keyring.errors import KeyringError
    except ImportError:
        return None
    try:
        value = keyring.get_password(_SERVICE, _account(provider, profile))
    except KeyringError:
        return None  # a machine without a keyring service: the config file is asked next
    return Secret(value, "the keyring") if value else None


def keep_in_keyring(provider: str, key: Secret, profile: str | None) -> None:
    """Put a key into the keyring; raise UsageError where there is none to put it into."""
    try:
        import keyring  # as above
        from keyring.errors import KeyringError
    except ImportError as error:
        raise UsageError("There is no keyring: the extra `keyring` is not installed.") from error
    try:
        keyring.set_password(_SERVICE, _account(provider, profile), key.reveal())
    except KeyringError as error:
        raise UsageError(f"The keyring did not take the key ({clean(error) or type(error).__name__}).") from error


def forget_in_keyring(provider: str, profile: str | None) -> bool:
    """Take a key out of the keyring; tell whether there was one. Raise UsageError if it stays there."""
    if from_keyring(provider, profile) is None:
        return False
    import keyring  # it has just been asked
    from keyring.errors import KeyringError

    try:
        keyring.delete_password(_SERVICE, _account(provider, profile))
    except KeyringError as error:
        raise UsageError(f"The keyring did not give the key up ({clean(error) or type(error).__name__}).") from error
    return True


def _account(provider: str, profile: str | None) -> str:
    return provider if profile is None else f"{profile}/{provider}"
