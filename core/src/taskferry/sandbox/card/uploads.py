"""Files that came to a card's stand-in, by the id that a create names them with."""

from __future__ import annotations

import uuid

from attrs import define

from taskferry.cards.model import UploadSpec


@define(kw_only=True)
class Upload:
    """One file."""

    account: str
    name: str
    size: int = 0
    """Bytes; 0 until it has come."""


class Uploads:
    """Every upload of one stand-in."""

    def __init__(self) -> None:
        self._uploads: dict[str, Upload] = {}

    def open(self, account: str, name: str) -> str:
        """Make room for a file and give its id."""
        upload_id = str(uuid.uuid4())
        self._uploads[upload_id] = Upload(account=account, name=name)
        return upload_id

    def receive(self, upload_id: str, size: int) -> bool:
        """Note that a file came whole; tell whether it was awaited."""
        upload = self._uploads.get(upload_id)
        if upload is None:
            return False
        upload.size = size
        return True

    def named(self, text: str) -> str:
        """Write the names of files into a text that has their ids, as a person would have written it."""
        for upload_id, upload in self._uploads.items():
            if upload_id in text:
                return upload.name
        return text


def is_address(upload: UploadSpec) -> bool:
    """Guess from the name of the result whether a create names a file by an address or by an id."""
    last = upload.result.rpartition(".")[2].lower()
    return "{" not in upload.result and any(word in last for word in ("url", "uri", "link", "href", "location"))
