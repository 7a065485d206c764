"""Checksums that a server tells beside a file. An ETag is none, whatever it looks like."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from taskferry.errors import ArtifactError

_LENGTHS = {"md5": 16, "sha-256": 32, "sha-512": 64}
"""Bytes of the sums that are checked here; CRC32C would need a library of its own."""
_PAIR = re.compile(r"\s*([a-z0-9-]+)=:?([A-Za-z0-9+/=]+):?\s*", re.IGNORECASE)
_OF_THE_WHOLE = ("digest", "repr-digest", "x-goog-hash")
_OF_WHAT_COMES = ("content-digest",)


def told(headers: Mapping[str, str], *, whole: bool) -> dict[str, str]:
    """Give the sums of the whole file, in hexadecimal by algorithm; `whole` says that all of it comes with them."""
    if headers.get("x-goog-stored-content-encoding", "identity") != "identity":
        return {}  # the sum is of the packed file, which was unpacked on the way
    names = _OF_THE_WHOLE + (_OF_WHAT_COMES if whole else ())
    found = dict(pair for name in names for pair in _pairs(headers.get(name, "")))
    if whole and "content-md5" in headers:
        found |= dict(_pairs(f"md5={headers['content-md5'].strip()}"))
    return found


def check(path: Path, name: str, sums: Mapping[str, str]) -> None:
    """Raise ArtifactError if a file is not what its server says it sent."""
    for algorithm, expected in sums.items():
        with path.open("rb") as file:
            found = hashlib.file_digest(file, lambda: hashlib.new(algorithm.replace("-", ""), usedforsecurity=False))  # noqa: B023 -- called at once
        if found.hexdigest() != expected:
            raise ArtifactError(
                f"{name} was damaged on the way: its {algorithm.upper()} is {found.hexdigest()}, and its server says "
                f"{expected}. Fetch it again."
            )


def _pairs(value: str) -> Iterator[tuple[str, str]]:
    """Read `md5=...`, `sha-256=:...:` and the like; leave out what is not a sum that is known here."""
    for part in value.split(","):
        match = _PAIR.fullmatch(part)
        length = _LENGTHS.get(match[1].lower()) if match else None
        if match is None or length is None:
            continue
        try:
            content = base64.b64decode(match[2], validate=True)
        except binascii.Error:
            continue
        if len(content) == length:
            yield match[1].lower(), content.hex()
