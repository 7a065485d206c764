"""Where a TOML text says what: the line of each table, key and list item."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taskferry.cards.lines import Lines

TEXT = '''\
# a comment with [brackets] and a "quote
title = "one"
"odd key".'dotted.one' = 2

[table]  # said here
inline = { first = 1, second.inner = "a, b", third = [1, 2] }
several = [
    { name = "a" },  # with ] in a comment
    { name = "b", more = { deep = [
        1,
        2,
    ] } },
]
text = """
[not.a.table]
key = "nor a key" \\"""
"""
after = \'\'\'raw
\'\'\'
[table.below.deep]
key = 2026-11-21T10:00:00Z
[[list]]
name = "a"
[[list.inner]]
x = 1
[[list]]
name = "b"
[[list.inner]]
x = 2
[[list.inner]]
x = 3
[list.inner.table]
y = 1
'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("title",), 2),
        (("odd key",), 3),
        (("odd key", "dotted.one"), 3),
        (("table",), 5),
        (("table", "inline", "second", "inner"), 6),
        (("table", "inline", "third", 1), 6),
        (("table", "several", 0, "name"), 8),
        (("table", "several", 1), 9),
        (("table", "several", 1, "more", "deep", 1), 11),
        (("table", "text"), 14),
        (("table", "after"), 18),
        (("table", "below"), 20),
        (("table", "below", "deep", "key"), 21),
        (("list",), 22),
        (("list", 0, "name"), 23),
        (("list", 0, "inner", 0, "x"), 25),
        (("list", 1, "name"), 27),
        (("list", 1, "inner", 1, "x"), 31),
        (("list", 1, "inner", 1, "table", "y"), 33),
        (("table", "inline", "absent", "deeper"), 6),
        (("absent",), 1),
        ((), 1),
    ],
)
def test_a_path_is_found_on_its_line(path: tuple[str | int, ...], line: int) -> None:
    """One that is absent is looked for where it would have to be."""
    assert Lines(TEXT).of(path) == line


def paths(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Give every path of a document with what is there."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, child in inner:
        yield (*path, name), child
        yield from paths(child, (*path, name))


def test_nothing_that_the_standard_reader_finds_is_missed() -> None:
    """And nothing is found that is not there."""
    assert set(Lines(TEXT).places) == {path for path, _ in paths(tomllib.loads(TEXT))}


class Writer:
    """Writes a document as TOML, in the style that is drawn, each scalar a number of its own, and keeps its lines."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw
        self.lines: list[str] = []
        self.count = 0

    def key(self, name: str) -> str:
        return name if name.isascii() and name.isalnum() and self.draw(st.booleans()) else json.dumps(name)

    def scalar(self) -> str:
        self.count += 1
        text = f"@{self.count}@"
        return self.draw(
            st.sampled_from(
                [
                    f'"{text}"',
                    f"'{text}'",
                    f'"\\"#{text}"',
                    f"'''{text}\n]'''",
                    f'"""{text}\n\\""" = {{"""',
                    f'"""{text}"""""',
                ]
            )
        )

    def value(self, value: Any) -> str:
        if isinstance(value, dict):
            pairs = [f"{self.key(name)} = {self.value(inner)}" for name, inner in value.items()]
            return f"{{ {', '.join(pairs)} }}"
        if isinstance(value, list):
            gap = self.draw(st.sampled_from(["", " ", "\n", " # ] } =\n"]))
            return "[" + "".join(f"{gap}{self.value(inner)}{gap}," for inner in value) + gap + "]"
        return self.scalar()

    def table(self, table: dict[str, Any], path: list[str]) -> None:
        below = {}
        for name, value in table.items():
            tables = isinstance(value, list) and value and all(isinstance(item, dict) for item in value)
            if tables or (isinstance(value, dict) and self.draw(st.booleans())):
                below[name] = value
            else:
                self.lines.append(
                    f"{self.draw(st.sampled_from(['', '  ', '# [x]' + chr(10)]))}{self.key(name)} = {self.value(value)}"
                )
        for name, value in below.items():
            full = [*path, self.key(name)]
            for item in value if isinstance(value, list) else [value]:
                around = "[[{}]]" if isinstance(value, list) else "[{}]"
                self.lines.append(around.format(self.draw(st.sampled_from([".", " . "])).join(full)) + " # =")
                self.table(item, full)


NAMES = st.sampled_from(["a", "b", "name", "key 1", "x.y", "ünï", "", 'a"b', "#"])
DOCUMENTS = st.dictionaries(
    NAMES,
    st.recursive(
        st.just(0), lambda inner: st.dictionaries(NAMES, inner, max_size=3) | st.lists(inner, max_size=3), max_leaves=8
    ),
    max_size=4,
)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_every_text_is_found_on_the_line_that_it_begins_on(data: st.DataObject) -> None:
    """However the document is written: tables, dotted keys, inline tables, lists over lines, texts of four kinds."""
    writer = Writer(data.draw)
    writer.table(data.draw(DOCUMENTS), [])
    text = "\n".join(writer.lines)

    found = Lines(text)

    document = tomllib.loads(text)
    shown = text.split("\n")
    assert set(found.places) == {path for path, _ in paths(document)}
    for path, value in paths(document):
        if isinstance(value, str):
            mark = "@" + value.split("@")[1] + "@"
            assert mark in shown[found.of(path) - 1]
