"""Files of jobs: what is read, and everything that can be wrong with a row."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from taskferry import Operation, Typical, UnknownName, UsageError
from taskferry.cli.batch.bad import BadRows
from taskferry.cli.batch.rows import Sheet, read_sheet

IMAGE = Operation(
    name="acme/image",
    title="Image",
    description="",
    kind="image",
    parameters={
        "type": "object",
        "required": ["prompt"],
        "properties": {
            "prompt": {"type": "string", "description": "What to show."},
            "count": {"type": "integer", "minimum": 1, "maximum": 4},
            "hd": {"type": "boolean"},
            "tags": {"type": "array", "items": {"type": "string"}},
            "image": {"type": "string", "format": "media"},
        },
    },
    typical=Typical(median=1, slow=2),
)


def find(name: str) -> Operation:
    """Know one operation."""
    if name != IMAGE.name:
        raise UnknownName("operation", name, [IMAGE.name])
    return IMAGE


def sheet(folder: Path, name: str, content: str | bytes, operation: str | None = IMAGE.name) -> Sheet:
    """Write a file and read it."""
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_sheet(path, operation, find, lambda *_: None)


def parameters(found: Sheet) -> list[Mapping[str, Any]]:
    """Give what would be sent."""
    assert found.problems == []
    return [row.parameters for row in found.rows]


def test_cells_are_read_as_the_operation_declares_them(tmp_path: Path) -> None:
    """Empty ones are not given, a column called `name:` is JSON, and a file is one beside the sheet."""
    (tmp_path / "fox.png").write_bytes(b"png")

    found = sheet(
        tmp_path, "jobs.csv", 'prompt,count,hd,tags:,image\n"a, fox",2,yes,"[""x""]",fox.png\n7,,,,@fox.png\n'
    )

    assert parameters(found) == [
        {"prompt": "a, fox", "count": 2, "hd": True, "tags": ["x"], "image": tmp_path / "fox.png"},
        {"prompt": "7", "image": tmp_path / "fox.png"},
    ]


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbfprompt,count\r\na fox,2\r\n\r\n",
        b"prompt;count\r\na fox;2\r\n",
        b"prompt\tcount\na fox\t2",
        b"\n prompt , count \na fox,2\n,\n",
    ],
)
def test_files_are_read_as_spreadsheets_write_them(tmp_path: Path, content: bytes) -> None:
    """Byte order marks, Windows line ends, other separators, empty lines."""
    assert parameters(sheet(tmp_path, "jobs.csv", content)) == [{"prompt": "a fox", "count": 2}]


def test_jsonl_says_what_it_means(tmp_path: Path) -> None:
    """Parameters stand in the row, or in an object of their own."""
    lines = [{"prompt": "a fox", "count": 2, "hd": None}, {"operation": "acme/image", "parameters": {"prompt": "@x"}}]

    found = sheet(tmp_path, "jobs.jsonl", "\r\n".join(map(json.dumps, lines)))

    assert parameters(found) == [{"prompt": "a fox", "count": 2}, {"prompt": "@x"}]


def test_a_row_has_a_key_of_its_own(tmp_path: Path) -> None:
    """By content and place, so that another file has others; or by the column, so that the file may change."""
    first = sheet(tmp_path, "a.csv", "prompt,key\nx,\nx,mine\n")
    again = sheet(tmp_path, "b.csv", "prompt,key\nx,\nx,mine\n")
    changed = sheet(tmp_path, "b.csv", "prompt,key\ny,\nx,mine\n")

    keys = [[row.key for row in one.rows] for one in (first, again, changed)]

    assert keys[0] == keys[1]
    assert keys[0][0] != keys[2][0]
    assert keys[0][1] == keys[2][1] == "batch:mine"


@pytest.mark.parametrize(
    ("name", "row", "said"),
    [
        ("a.csv", "x,9", "count: 9 is greater than"),
        ("a.csv", "x,many", "count: "),
        ("a.csv", ",2", "prompt"),
        ("a.csv", "x,1,y", "It has 3 cells, but there are 2 columns."),
        ("a.csv", '"x', "This is not CSV"),
        ("a.jsonl", '{"prompt": "x"', "This is not JSON"),
        ("a.jsonl", '["x"]', "A row is a JSON object"),
        ("a.jsonl", '{"prmpt": "x"}', "Did you mean prompt"),
        ("a.jsonl", '{"prompt": "x", "operation": "acme/imag"}', "Did you mean acme/image"),
        ("a.jsonl", '{"prompt": "x", "operation": 5}', "It names no operation"),
        ("a.jsonl", '{"prompt": "x", "image": "nowhere.png"}', "image: 'nowhere.png' is neither"),
    ],
)
def test_a_bad_row_is_named_with_its_line(tmp_path: Path, name: str, row: str, said: str) -> None:
    """The good ones around it are read."""
    head = "prompt,count\n" if name == "a.csv" else '{"prompt": "first"}\n'

    found = sheet(tmp_path, name, head + row + "\n")

    problem = found.problems[0]
    assert problem.path == f"{name}:2"
    assert said in problem.message


def test_all_bad_rows_are_told_at_once(tmp_path: Path) -> None:
    """In one message, a line each."""
    found = sheet(tmp_path, "jobs.csv", "prompt,count\nx,9\nfine,1\n,0\n")

    lines = str(BadRows(tmp_path / "jobs.csv", found.problems, len(found.rows))).splitlines()

    assert lines[0].endswith("jobs.csv has 2 bad rows, so nothing was sent; --skip-bad sends the other 1:")
    assert [line.split(":")[1] for line in lines[1:]] == ["2", "4", "4"]


def test_two_rows_of_one_key_are_not_two_jobs(tmp_path: Path) -> None:
    """Which of them was meant, only the file's owner knows."""
    found = sheet(tmp_path, "jobs.csv", "prompt,key\nx,1\ny,1\n")

    assert [str(problem) for problem in found.problems] == ["jobs.csv:3: key: Line 2 has the same key."]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("jobs.xlsx", b"PK", "is neither CSV nor JSONL"),
        ("jobs.csv", b"prompt\nok\n\xff\n", "jobs.csv:3: this is not text in UTF-8"),
        ("jobs.csv", b"", "has no rows"),
        ("jobs.csv", b"prompt\n", "has no rows"),
        ("jobs.csv", b"prompt,prompt\nx,y\n", "two columns are called prompt"),
    ],
)
def test_a_file_that_cannot_be_used_is_one_line(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    """With what to do."""
    with pytest.raises(UsageError, match=said) as error:
        sheet(tmp_path, name, content)

    assert "\n" not in str(error.value)
