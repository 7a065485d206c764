"""The two streams: results and documents go to stdout, everything said beside them to stderr."""

from __future__ import annotations

import codecs
import io
import os
import sys

from taskferry.text import harmless

TYPE_CHECKING = False  # what only says its version or lists tasks starts without these
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any


_USUAL_WIDTH = 80
_PLAIN = {"…": ".", "→": "->", "≤": "<=", "━": "-", "╸": "-", "╺": "-"}
"""What stands for characters of ours that a terminal's encoding lacks."""


class ReaderGone(Exception):
    """Whoever read stdout has closed it."""


def prepare_streams() -> None:
    """Make characters that a stream's encoding lacks show as plain ones or escapes instead of stopping the command."""
    codecs.register_error("taskferry", _replaced)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="taskferry")


def _replaced(error: UnicodeError) -> tuple[str | bytes, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    text = "".join(_PLAIN.get(letter, letter) for letter in error.object[error.start : error.end])
    return text.encode(error.encoding, "backslashreplace").decode(error.encoding), error.end


def say(text: str) -> None:
    """Write a line of the answer itself, its control characters left out; raise ReaderGone when nobody reads it."""
    try:
        sys.stdout.write(f"{harmless(text)}\n")
        sys.stdout.flush()
    except BrokenPipeError as error:
        raise ReaderGone from error


def document(value: Mapping[str, Any]) -> None:
    """Write the one JSON document; plain ASCII, so that no encoding can harm it."""
    import json

    say(json.dumps(value, indent=2, default=str))


def draw(lines: Sequence[str]) -> None:
    """Write lines of our own making whose escapes are meant, to a terminal."""
    try:
        sys.stdout.write("".join(f"{line}\n" for line in lines))
        sys.stdout.flush()
    except BrokenPipeError as error:
        raise ReaderGone from error


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


def width() -> int | None:
    """Give the cells of a line of the terminal that stdout is; None where it is none."""
    if not sys.stdout.isatty():
        return None
    told = os.environ.get("COLUMNS", "")
    if told.isascii() and told.isdigit() and int(told):
        return int(told)
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns or _USUAL_WIDTH
    except (OSError, ValueError):
        return _USUAL_WIDTH
