"""What a worker says, a line each on stderr: as text for people, or as JSON for whatever collects logs."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Literal, TypeAlias

from taskferry.text import harmless

Form: TypeAlias = Literal["text", "json"]

_encode = json.JSONEncoder(default=str).encode
_HIDDEN = "***"
_SHORTEST = 6
"""Letters of a secret from which on it is looked for: a shorter one stands in other words, too."""


class Lines(logging.Formatter):
    """Writes each record as one line, without any of the secrets that it was told."""

    def __init__(self, form: Form) -> None:
        super().__init__()
        self._as_json = form == "json"
        self._secrets: Sequence[str] = ()

    def hide(self, secrets: Iterable[str | None]) -> None:
        """Take these out of whatever is said: no library is meant to log a key, and an error of one may hold it."""
        known = {secret for secret in secrets if secret and len(secret) >= _SHORTEST}
        self._secrets = sorted(known, key=len, reverse=True)

    def format(self, record: logging.LogRecord) -> str:
        """Give the line."""
        at = datetime.fromtimestamp(record.created, UTC).replace(tzinfo=None).isoformat(timespec="milliseconds")
        said: dict[str, Any] = {
            "time": f"{at}Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": self._shown(record.getMessage()),
        }
        if task := getattr(record, "task", None):
            said["task"] = str(task)
        if record.exc_info and record.exc_info[0] is not None:
            said["error"] = self._shown(self.formatException(record.exc_info))
        said.update(getattr(record, "fields", {}))
        return _encode(said) if self._as_json else _text(said)

    def _shown(self, text: str) -> str:
        for secret in self._secrets:
            if secret in text:
                text = text.replace(secret, _HIDDEN)
        plain = text.isascii() and text.isprintable()  # as nearly every line is
        return text if plain else harmless(text)


@contextmanager
def logging_to_stderr(form: Form, level: str = "info") -> Iterator[Lines]:
    """Have taskferry's records from a level on, and others' warnings, go to stderr; give what writes the lines."""
    lines = Lines(form)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(lines)
    root, own = logging.getLogger(), logging.getLogger("taskferry")
    before = root.handlers[:], root.level, own.level
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    own.setLevel(level.upper())
    try:
        yield lines
    finally:
        root.handlers[:] = before[0]
        root.setLevel(before[1])
        own.setLevel(before[2])


def _text(said: dict[str, Any]) -> str:
    known = ("time", "level", "logger", "message", "task", "error")
    more = [f"{name}={value}" for name, value in said.items() if name not in known]
    line = " ".join([said["time"], said["level"].upper().ljust(7), " ".join(said["message"].split()), *more])
    return f"{line}\n{said['error']}" if "error" in said else line
