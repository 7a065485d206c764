"""Pictures on the terminal: two pixels a cell by half blocks, or letters where there are no colours."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from taskferry.cli import output
from taskferry.cli.extras import install_line
from taskferry.ledger.record import Record
from taskferry.text import clean

if TYPE_CHECKING:
    from PIL.Image import Image

_WIDEST = 60
"""Cells of a picture on a terminal that has room for more."""
_MOST_PIXELS = 60_000_000
_MOST = 4
"""Pictures shown of one task."""
_RAMP = " .:-=+*#%@"
"""Letters from dark to bright, on a dark terminal."""
_HALF = "▀"
_EVEN = 4
"""Pillow's number of the filter that takes the mean of what a pixel stands for: no ringing, and quick."""
_PLAIN_TERMINALS = ("dumb", "unknown")


def show_previews(records: Sequence[Record]) -> None:
    """Draw the kept pictures of tasks; say so where that cannot be."""
    paths = [path for record in records for path in _pictures(record)[:_MOST]]
    width = output.width()
    if not paths:
        return
    if width is None:
        output.note("A preview is drawn on a terminal only.")
        return
    try:
        import PIL.Image  # noqa: F401 -- an extra: only asked for here
    except ImportError:
        output.note(f"A preview needs Pillow: run `{install_line('sandbox')}`.")
        return
    for path in paths:
        try:
            lines = drawn(path, min(width - 1, _WIDEST), colours())
        except (OSError, ValueError, SyntaxError) as error:  # Pillow's own words for files that it cannot read
            output.note(f"{path} cannot be shown: {clean(error)}")
            continue
        output.draw(lines)


def colours() -> int:
    """Tell how many colours the terminal shows: 0, 256, or 2**24."""
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM", "dumb") in _PLAIN_TERMINALS
    if plain or not _can_write(_HALF):
        return 0
    return 2**24 if os.environ.get("COLORTERM", "") in ("truecolor", "24bit") else 256


def drawn(path: Path, width: int, colours: int) -> list[str]:
    """Give a picture as lines of at most `width` cells; raise OSError or ValueError for one that cannot be read."""
    from PIL import Image

    with Image.open(path) as picture:
        wide, high = picture.size
        if not wide or not high or wide * high > _MOST_PIXELS:
            raise ValueError(f"it has {wide} x {high} pixels")
        columns = max(1, min(width, wide))
        rows = max(1, min(round(columns * high / wide / 2), 2 * width))
        picture.draft("RGB", (columns, rows * 2))
        if colours:
            return list(_blocks(_flat(picture).resize((columns, rows * 2), _EVEN), colours))
        return list(_letters(_flat(picture).convert("L").resize((columns, rows), _EVEN)))


def _pictures(record: Record) -> list[Path]:
    kept = [(one.kind, one.path) for one in record.snapshot.artifacts if one.path is not None]
    return [path for kind, path in kept if kind == "image" and path.is_file()]


def _flat(picture: Image) -> Image:
    """Put a picture that is see-through on black."""
    from PIL import Image

    clear = picture.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", clear.size, (0, 0, 0, 255)), clear).convert("RGB")


def _blocks(picture: Image, colours: int) -> Iterator[str]:
    code = _exact if colours > 256 else _of_256
    raw = picture.tobytes()
    wide, high = picture.size
    for row in range(0, high - 1, 2):
        cells = []
        for column in range(wide):
            above, below = (3 * (at * wide + column) for at in (row, row + 1))
            cells.append(f"\x1b[38;{code(*raw[above : above + 3])};48;{code(*raw[below : below + 3])}m{_HALF}")
        yield "".join(cells) + "\x1b[0m"


def _letters(picture: Image) -> Iterator[str]:
    raw = picture.tobytes()
    wide, high = picture.size
    for row in range(high):
        line = raw[row * wide : (row + 1) * wide]
        yield "".join(_RAMP[value * (len(_RAMP) - 1) // 255] for value in line).rstrip()


def _exact(red: int, green: int, blue: int) -> str:
    return f"2;{red};{green};{blue}"


def _of_256(red: int, green: int, blue: int) -> str:
    """Name the nearest colour of the 6 x 6 x 6 cube."""
    red, green, blue = (round(value / 255 * 5) for value in (red, green, blue))
    return f"5;{16 + 36 * red + 6 * green + blue}"


def _can_write(letter: str) -> bool:
    try:
        letter.encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        return False
    return True
