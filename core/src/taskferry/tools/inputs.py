"""Holds a local file against what it claims to be, before it leaves this machine."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from taskferry.artifacts.formats import refined
from taskferry.artifacts.sniff import HEAD, recognise
from taskferry.errors import UsageError
from taskferry.media import media_type_of

_MEDIA = ("image/", "video/", "audio/", "model/")


def check_media(path: Path, accepted: Sequence[str]) -> None:
    """Raise UsageError for a file whose content is no media, or not of a kind that is taken.

    A file that is missing or cannot be read is left to the check of the parameters, which says so.
    """
    if not path.is_file():
        return
    claimed = media_type_of(path.name)
    try:
        with path.open("rb") as file:
            head = file.read(HEAD)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}. Name another file.") from error
    if not head:
        return
    found = refined(recognise(head, path.stat().st_size), [claimed] if claimed else [])
    if found is None or not (found in accepted or found.startswith(_MEDIA)):
        raise UsageError(
            f"{path} is not sent: by its content it is {found or 'of no format that is known here'}, not media."
        )
    if accepted and found not in accepted:
        raise UsageError(f"{path} is not sent: its content is {found}; taken are: {', '.join(accepted)}.")
    if claimed and claimed.partition("/")[0] != found.partition("/")[0]:
        raise UsageError(f"{path} is not sent: its name says {claimed}, its content is {found}. Name it rightly first.")
