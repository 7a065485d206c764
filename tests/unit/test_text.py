"""Provider text: one bounded line of plain letters, whatever was sent."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskferry import clean
from taskferry.text import LIMIT, harmless

ODD = st.text(
    st.sampled_from("a é\u0301\u0300\u202e\u200b\ufe0f\u3164\u2800\U000e0141\U000e0100\x1b\x9b\n\t\r🦊"), max_size=80
)


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
        ("ok\U000e0152\U000e0155\U000e014e", "ok"),
        ("ok\ufe01\U000e0100\U000e01ef", "ok"),
        ("a\U000e0041b", "a b"),
        ("\u3164\u2800\uffa0", ""),
        ("\x9b31mred", "31mred"),
        ("Z" + "\u0300" * 40, "Z" + "\u0300" * 6),
        ("กำ้ิ", "กำ้ิ"),
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


@given(ODD)
def test_nothing_unseen_or_piled_up_is_left(text: str) -> None:
    """What cannot be seen cannot be checked by whoever reads it, and an agent would still read it."""
    line = clean(text)

    assert clean(line) == line
    assert not set(line) & set("\u202e\u200b\ufe0f\u3164\u2800\U000e0141\U000e0100\x1b\x9b\n\t\r")
    assert "\u0300" * 7 not in line


@given(st.one_of(ODD, st.text(st.characters(), max_size=200)))
def test_a_text_of_many_lines_keeps_its_lines_alone(text: str) -> None:
    """For whole messages and pages; making it harmless twice changes nothing."""
    made = harmless(text)

    assert made.count("\n") == text.count("\n")
    assert made.count("\t") == text.count("\t")
    assert "\x1b" not in made
    assert harmless(made) == made
    assert all(
        letter in "\n\t" or unicodedata.category(letter) not in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
        for letter in made
    )
