"""Provider text: one bounded line of plain letters, whatever was sent."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskferry import clean
from taskferry.text import LIMIT


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("a red fox", "a red fox"),
        ("  a\n\tred   fox \r\n", "a red fox"),
        ("\x1b[31mred\x1b[0m", "[31mred [0m"),
        ("invoice\u202efdp.exe", "invoice fdp.exe"),
        ("nul\x00byte", "nul byte"),
        ("line\u2028parted", "line parted"),
        ("ein Füchslein 🦊", "ein Füchslein 🦊"),
        (None, "None"),
        ({"code": 7}, "{'code': 7}"),
        (b"raw", "b'raw'"),
    ],
)
def test_control_letters_become_blanks_and_the_rest_stays(sent: object, shown: str) -> None:
    """Nothing that moves a cursor, turns the writing around or begins a line gets through."""
    assert clean(sent) == shown


def test_a_long_text_ends_in_an_ellipsis() -> None:
    """Within the limit."""
    assert clean("x" * 10_000) == "x" * (LIMIT - 1) + "…"
    assert clean("abcdef", 3) == "ab…"
    assert clean("abc", 3) == "abc"


@given(st.text(st.characters(), max_size=300), st.integers(2, 80))
def test_any_text_becomes_one_short_clean_line(text: str, limit: int) -> None:
    """Cleaning twice is cleaning once."""
    line = clean(text, limit)

    assert len(line) <= limit
    assert line == " ".join(line.split())
    assert not any(unicodedata.category(letter) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp") for letter in line)
    assert clean(line, limit) == line
