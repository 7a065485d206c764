"""The folders that an agent may read files from and write files to."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attrs import frozen

from taskferry.errors import UsageError
from taskferry.media import media_type_of
from taskferry.operation import Operation
from taskferry.parameters import local_file
from taskferry.text import clean
from taskferry.tools.inputs import check_media

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_LONGEST_PATH = 4096


class OutsideRoots(UsageError):
    """A path lies outside of the folders that an agent may use."""


@frozen(kw_only=True)
class Roots:
    """The working folder and taskferry's own files folder; the rest of taskferry's home, ledger and keys, is closed."""

    working: Path
    """Where relative paths start."""
    home: Path
    """`TASKFERRY_HOME`."""
    more: tuple[Path, ...] = ()
    """Other folders that may be used like the working folder."""

    @property
    def files(self) -> Path:
        """Give the folder that results are kept in unless another is named."""
        return self.home / "files"

    def allow(self, path: str | Path) -> Path:
        """Give the real place of a path, past `..` and links; raise OutsideRoots if that is not below a root.

        A relative path starts in the working folder. A folder that is the whole file system is no root.
        """
        try:
            real = (self.working / Path(path).expanduser()).resolve()
        except (OSError, RuntimeError, ValueError) as error:
            raise OutsideRoots(f"{clean(path, 200)} is no path that can be followed: {clean(error)}.") from error
        folders = [folder for folder in (self.working, *self.more) if folder.resolve() != Path(folder.anchor)]
        home, files = self.home.resolve(), self.files.resolve()
        in_folder = any(real.is_relative_to(folder.resolve()) for folder in folders) and not real.is_relative_to(home)
        if in_folder or real.is_relative_to(files):
            return real
        places = " or ".join(str(folder) for folder in (*folders, files))
        raise OutsideRoots(
            f"{clean(path, 200)} is outside of the folders that may be used: it has to be below {places}."
        )

    def admit(self, operation: Operation, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """Give the parameters with each local file as the `file:` URL of its real place.

        A media parameter may be written as a plain path, absolute or from the working folder. Raises OutsideRoots for a
        file elsewhere, UsageError for one whose content is not the media that it claims to be.
        """
        admitted: dict[str, Any] = self._admitted(parameters, operation.parameters)
        return admitted

    def _admitted(self, value: Any, schema: Mapping[str, Any]) -> Any:
        if isinstance(value, list):
            return [self._admitted(item, schema.get("items") or {}) for item in value]
        if isinstance(value, Mapping):
            properties = schema.get("properties") or {}
            return {name: self._admitted(item, properties.get(name) or {}) for name, item in value.items()}
        if not isinstance(value, str):
            return value
        media = schema.get("format") == "media"
        if value[:5].lower() == "file:":
            path = self._from_url(value)
        elif media and _is_path(value, takes_ids=bool(schema.get("x-takes-ids"))):
            path = self.allow(value)
        else:
            return value
        if media:
            check_media(path, schema.get("x-accepts") or ())
        return path.as_uri()

    def _from_url(self, url: str) -> Path:
        try:
            path = local_file(f"file:{url[5:]}")
        except ValueError as error:
            raise OutsideRoots(f"{clean(url, 200)} is no file URL: {clean(error)}.") from error
        assert path is not None, "every file: URL has a path"
        return self.allow(path)


def _is_path(value: str, *, takes_ids: bool) -> bool:
    """Tell a path from an address and, where the provider takes those, from the id of a file or a task there."""
    if _SCHEME.match(value) or len(value) > _LONGEST_PATH:
        return False
    return not takes_ids or "/" in value or media_type_of(value) is not None
