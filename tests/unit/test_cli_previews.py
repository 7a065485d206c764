"""Pictures on a terminal."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest
from PIL import Image

from cli_records import record
from taskferry import Artifact, Status
from taskferry.cli import output, previews


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """A picture, red above and blue below, with a see-through corner."""
    image = Image.new("RGBA", (8, 8), (0, 0, 255, 255))
    image.paste((255, 0, 0, 255), (0, 0, 8, 4))
    image.putpixel((0, 0), (0, 0, 0, 0))
    image.save(tmp_path / "image.png")
    return tmp_path / "image.png"


def test_a_cell_is_two_pixels(picture: Path) -> None:
    """The upper one is the letter's colour, the lower one its ground."""
    lines = previews.drawn(picture, 4, 2**24)

    assert len(lines) == 2
    assert lines[0].count("▀") == 4
    assert lines[0].endswith("\x1b[38;2;255;0;0;48;2;255;0;0m▀\x1b[0m")
    assert "48;2;0;0;255" in lines[1]


def test_256_colours_are_those_of_the_cube(picture: Path) -> None:
    """Pure red is 196."""
    assert "38;5;196" in previews.drawn(picture, 4, 256)[0]


def test_without_colours_letters_show_what_is_bright(picture: Path) -> None:
    """Plain ASCII, no escapes."""
    lines = previews.drawn(picture, 8, 0)

    assert "".join(lines).isascii()
    assert "\x1b" not in "".join(lines)
    assert len(lines) == 4


@pytest.mark.parametrize(
    ("environ", "encoding", "expected"),
    [
        ({"COLORTERM": "truecolor"}, "utf-8", 2**24),
        ({}, "utf-8", 256),
        ({"NO_COLOR": "1"}, "utf-8", 0),
        ({"TERM": "dumb"}, "utf-8", 0),
        ({"COLORTERM": "truecolor"}, "ascii", 0),
    ],
)
def test_colours_are_what_the_terminal_has(
    monkeypatch: pytest.MonkeyPatch, environ: dict[str, str], encoding: str, expected: int
) -> None:
    """And none where half blocks cannot be written."""
    for name in ("NO_COLOR", "COLORTERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {"TERM": "xterm-256color", **environ}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), encoding=encoding))

    assert previews.colours() == expected


def test_what_cannot_be_shown_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, picture: Path
) -> None:
    """A broken file is a line, not the end; away from a terminal there is no preview."""
    broken = tmp_path / "broken.png"
    broken.write_bytes(picture.read_bytes()[:60])
    row = record(Status.SUCCEEDED, artifacts=(Artifact(name="image", kind="image", path=broken),))

    previews.show_previews([row])
    monkeypatch.setattr(output, "width", lambda: 40)
    previews.show_previews([row, record(Status.RUNNING)])

    away, unreadable = capsys.readouterr().err.splitlines()
    assert away == "A preview is drawn on a terminal only."
    assert "broken.png cannot be shown" in unreadable
