"""Changes one setting of `config.toml` and leaves all else, comments too, as it stands."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from pathlib import Path
from typing import Any

from taskferry.configuration.known import leaves, setting_of
from taskferry.configuration.reading import config_path, parsed, read_text
from taskferry.errors import UsageError

_PROFILE = 2
"""Parts in the name of a profile's table."""
_TRIES = 20


def set_value(home: Path, name: Sequence[str], value: object) -> Path:
    """Write one setting, in a table that is made if need be; give the file. Raise UsageError if it cannot be."""

    def put(document: Any) -> bool:
        table = document
        for part in name[:-1]:
            if part not in table:
                table[part] = _new_table()
            table = table[part]
        table[name[-1]] = value
        return True

    _change(home, put)
    return config_path(home)


def unset_value(home: Path, name: Sequence[str]) -> bool:
    """Take one setting, or a whole table, out of the file; tell whether it was there. Raise UsageError."""

    def take(document: Any) -> bool:
        table = document
        for part in name[:-1]:
            table = table.get(part) if isinstance(table, MutableMapping) else None
        if not isinstance(table, MutableMapping) or name[-1] not in table:
            return False
        del table[name[-1]]
        return True

    taken = _change(home, take)
    if taken and len(name) > _PROFILE and name[0] == "profiles":
        make_profile(home, name[1])  # one that has nothing left is still there to be chosen
    return taken


def make_profile(home: Path, profile: str) -> None:
    """Give a profile its table, if it has none yet."""
    path = config_path(home)
    if profile not in parsed(read_text(path), path).get("profiles", {}):
        set_value(home, ("profiles", profile), _new_table())


def holds_keys(document: Mapping[str, Any]) -> bool:
    """Tell whether a file that says this has a key in it, for whichever provider or profile."""
    return any((found := setting_of(name)) is not None and found.is_secret for name, _ in leaves(document))


def _change(home: Path, change: Callable[[Any], bool]) -> bool:
    """Change the file unless there is nothing to change; begin anew where somebody else has written meanwhile."""
    import tomlkit  # only for writing: reading is the standard library's

    path = config_path(home)
    for _ in range(_TRIES):
        text = read_text(path)
        parsed(text, path)  # its messages show nothing of the file
        document = tomlkit.parse(text)
        if not change(document):
            return False
        if _save(path, text, document.as_string()):
            return True
    raise UsageError(f"{path} is being written by others again and again: try once more.")


def _new_table() -> Any:
    import tomlkit  # as above

    return tomlkit.table()


def _save(path: Path, before: str, text: str) -> bool:
    """Put the whole file in the place of the old one, unless that is another by now; tell whether it was done.

    One that holds a key is for its owner alone.
    """
    place = path.resolve()  # a link stays a link
    secret = holds_keys(parsed(text, path))
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        mode = 0o600 if secret or not place.exists() else place.stat().st_mode & 0o777
        handle, temporary = tempfile.mkstemp(prefix=".config-", dir=place.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(text.encode())
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).chmod(mode)
            if read_text(path) != before:
                return False
            Path(temporary).replace(place)
            return True
        finally:
            Path(temporary).unlink(missing_ok=True)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}.") from error
