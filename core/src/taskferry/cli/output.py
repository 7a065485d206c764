"""The two streams: results and documents go to stdout, everything said beside them to stderr."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Mapping
from typing import Any

from taskferry.text import harmless


class ReaderGone(Exception):
    """Whoever read stdout has closed it."""


def prepare_streams() -> None:
    """Make characters that a stream's encoding lacks show as escapes instead of stopping the command."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def say(text: str) -> None:
    """Write a line of the answer itself, its control characters left out; raise ReaderGone when nobody reads it."""
    try:
        sys.stdout.write(f"{harmless(text)}\n")
        sys.stdout.flush()
    except BrokenPipeError as error:
        raise ReaderGone from error


def document(value: Mapping[str, Any]) -> None:
    """Write the one JSON document; plain ASCII, so that no encoding can harm it."""
    say(json.dumps(value, indent=2, default=str))


def note(text: str) -> None:
    """Write a line beside the answer; a job never ends because nobody reads these."""
    try:
        sys.stderr.write(f"{harmless(text)}\n")
        sys.stderr.flush()
    except BrokenPipeError:
        sys.stderr = _Nowhere()


class _Nowhere(io.TextIOBase):
    """Takes the place of a stderr that nobody reads."""

    def write(self, text: str) -> int:
        """Drop a text."""
        return len(text)


def is_terminal() -> bool:
    """Tell whether a person reads stdout."""
    return sys.stdout.isatty()
