"""How much may be downloaded, and for how long."""

from __future__ import annotations

import re
from collections.abc import Mapping

from attrs import field, frozen

from taskferry.errors import UsageError
from taskferry.task import Kind

KIB, MIB, GIB = 1024, 1024**2, 1024**3
_UNITS = {"": 1, "K": KIB, "M": MIB, "G": GIB, "T": 1024 * GIB}
_SIZE = re.compile(r"([0-9]{1,12}(?:\.[0-9]{1,6})?) *([KMGT]?)I?B?", re.IGNORECASE)
_SECONDS = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,6})?")
MOST: Mapping[Kind, int] = {
    Kind.IMAGE: GIB // 2,
    Kind.VIDEO: 16 * GIB,
    Kind.AUDIO: 2 * GIB,
    Kind.MODEL: 4 * GIB,
    Kind.DOCUMENT: GIB // 2,
    Kind.OTHER: 4 * GIB,
}
"""Most bytes of one file: far above what any provider makes, so that no broken or hostile server fills the disk."""


@frozen(kw_only=True)
class DownloadLimits:
    """What one download, and all kept files together, may take."""

    most: Mapping[Kind, int] = field(default=MOST, repr=False)
    """Bytes of one file, by its kind."""
    store: int | None = None
    """Bytes of all files in the store's own folder; None for no bound but the disk's."""
    seconds: float = 3600.0
    """For one file, from its first byte to its last, pauses and further tries included."""
    stall: float = 60.0
    """Seconds without a single byte after which a connection counts as broken."""
    tries: int = 5
    """How often in a row the rest of a file is asked for while hardly anything comes."""

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> DownloadLimits:
        """Read `TASKFERRY_MAX_FILE`, `TASKFERRY_MAX_STORE` and `TASKFERRY_DOWNLOAD_TIMEOUT`; raise UsageError."""
        usual = cls()
        file, store = (_size(environ, name) for name in ("TASKFERRY_MAX_FILE", "TASKFERRY_MAX_STORE"))
        return cls(
            most=usual.most if file is None else dict.fromkeys(Kind, file),
            store=store,
            seconds=_seconds(environ, "TASKFERRY_DOWNLOAD_TIMEOUT", usual.seconds),
        )


def parse_size(text: str, source: str) -> int:
    """Read `500MB`, `1.5G` or plain bytes, in powers of 1024; raise UsageError, which names the source."""
    match = _SIZE.fullmatch(text.strip())
    size = int(float(match[1]) * _UNITS[match[2].upper()]) if match else 0
    if size <= 0:
        raise UsageError(f"{source} is {text!r}, which is no size: write it as 500MB or 10GB.")
    return size


def size_text(size: float) -> str:
    """Write bytes for people: `12.3 MB`."""
    for unit in ("bytes", "KB", "MB", "GB"):
        if size < KIB or unit == "GB":
            return f"{size:.0f} {unit}" if unit == "bytes" else f"{size:.1f} {unit}"
        size /= KIB
    raise AssertionError("The units end with GB.")


def _size(environ: Mapping[str, str], name: str) -> int | None:
    text = environ.get(name, "").strip()
    return parse_size(text, name) if text else None


def _seconds(environ: Mapping[str, str], name: str, usual: float) -> float:
    text = environ.get(name, "").strip()
    if text and (not _SECONDS.fullmatch(text) or not float(text)):
        raise UsageError(f"{name} is {text!r}, which is no number of seconds.")
    return float(text) if text else usual
