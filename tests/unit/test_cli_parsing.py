"""How `key=value`, `key:=json` and `key=@file` become parameters."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from taskferry import InvalidParameters, Operation, Typical
from taskferry.cli.parsing import parse_pairs

PROPERTIES: dict[str, Any] = {
    "prompt": {"type": "string"},
    "seed": {"type": "integer"},
    "strength": {"type": "number"},
    "sound": {"type": "boolean"},
    "style": {"type": ["string", "null"]},
    "limit": {"type": ["integer", "null"]},
    "size": {"enum": [512, 1024]},
    "either": {"anyOf": [{"type": "integer"}, {"type": "boolean"}]},
    "sizes": {"type": "array", "items": {"type": "integer"}},
    "extra": {"type": "object"},
    "image": {"type": "string", "format": "media"},
    "images": {"type": "array", "items": {"type": "string", "format": "media"}},
}
OPERATION = Operation(
    name="acme/image",
    title="Image",
    description="",
    kind="image",
    parameters={"type": "object", "properties": PROPERTIES},
    typical=Typical(median=8, slow=20),
)


@pytest.mark.parametrize(
    ("pair", "expected"),
    [
        ("prompt=a red fox", "a red fox"),
        ("prompt=1", "1"),
        ("prompt=", ""),
        ("prompt==x", "=x"),
        ("prompt=a:=b", "a:=b"),
        ("prompt=line\nline", "line\nline"),
        ("seed=7", 7),
        ("strength=0.5", 0.5),
        ("strength=2", 2),
        ("sound=yes", True),
        ("sound=FALSE", False),
        ("style=null", "null"),
        ("limit=null", None),
        ("limit=3", 3),
        ("size=512", 512),
        ("either=on", True),
        ("either=4", 4),
        ("sizes=1,2, 3", [1, 2, 3]),
        ("sizes=[1, 2]", [1, 2]),
        ("sizes=", []),
        ('extra={"a": 1}', {"a": 1}),
        ("seed:=7", 7),
        ('prompt:="7"', "7"),
        ("unknown=7", "7"),
    ],
)
def test_a_value_is_read_as_its_parameter_declares_it(pair: str, expected: object) -> None:
    """Text becomes a number, a boolean or a list exactly where the schema says so."""
    found = parse_pairs(OPERATION, [pair])

    (value,) = found.values()
    assert value == expected
    assert type(value) is type(expected)


@pytest.mark.parametrize("pair", ["seed=many", "strength=strong", "sound=loud", "either=x", "extra=not json"])
def test_a_value_of_the_wrong_type_stays_text_for_the_schema_check(pair: str) -> None:
    """So one error names it together with every other problem."""
    found = parse_pairs(OPERATION, [pair])

    assert list(found.values()) == [pair.partition("=")[2]]


def test_a_file_of_a_media_parameter_is_a_path(tmp_path: Path) -> None:
    """The file itself travels by reference."""
    found = parse_pairs(OPERATION, [f"image=@{tmp_path}/a.png"])

    assert found == {"image": tmp_path / "a.png"}


def test_files_add_up_to_a_list(tmp_path: Path) -> None:
    """An array takes its key several times."""
    found = parse_pairs(
        OPERATION, [f"images=@{tmp_path}/a.png", f"images=@{tmp_path}/b.png", "images=https://c.example"]
    )

    assert found == {"images": [tmp_path / "a.png", tmp_path / "b.png", "https://c.example"]}


def test_a_file_of_a_text_parameter_stands_for_its_text(tmp_path: Path) -> None:
    """A long prompt can lie in a file."""
    (tmp_path / "prompt.txt").write_text("a red fox\n", encoding="utf-8")

    found = parse_pairs(OPERATION, [f"prompt=@{tmp_path}/prompt.txt"])

    assert found == {"prompt": "a red fox"}


def test_every_pair_that_cannot_be_read_is_named_at_once(tmp_path: Path) -> None:
    """Nobody mends a command line one word at a time."""
    (tmp_path / "picture.png").write_bytes(b"\x89PNG\xff")

    with pytest.raises(InvalidParameters) as caught:
        parse_pairs(
            OPERATION,
            [
                "fox",
                "seed:=seven",
                "prompt=a",
                "prompt=b",
                f"style=@{tmp_path}/missing.txt",
                f"unknown:=@{tmp_path}",
                f"style=@{tmp_path}/picture.png",
            ],
        )

    messages = [f"{problem.path}: {problem.message}" for problem in caught.value.problems]
    assert [message.split(":")[0] for message in messages] == ["", "seed", "prompt", "style", "unknown", "style"]
    assert 'prompt="a red fox"' in messages[0]
    assert "not JSON" in messages[1]
    assert "twice" in messages[2]
    assert "missing.txt cannot be read" in messages[3]
    assert "not text" in messages[5]
