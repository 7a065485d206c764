"""The reference of the Python API: every public name is in it, as its source has it."""

from __future__ import annotations

import ast

import pytest

import taskferry
from docs.api_pages import GROUPS, MODULES, _signature, public_names, reference
from sources import ROOT


def test_every_public_name_has_an_entry() -> None:
    """Those of taskferry, and those of each module beside it."""
    page = (ROOT / "core/docs/reference.md").read_text("utf-8")

    names = {*taskferry.__all__, *(name for module in MODULES for name in public_names(module))}

    assert [name for name in sorted(names) if f"\n### {name}\n" not in page] == []


def test_every_group_of_names_is_one() -> None:
    """No room is named that has moved."""
    rooms = {room for names in GROUPS.values() for room in names.split()}

    assert rooms - set(taskferry._HOMES.values()) == set()


def test_entries_have_what_the_source_says() -> None:
    """Signature, docstring, and the text under a field."""
    text = reference()

    assert "wait(timeout: float | None = None) -> WaitOutcome" in text
    assert "| `sha256` | `str or None` |" in text
    assert "Cancelled, or the provider took the wish and the end will show." in text


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        (
            "def f(self, a: int, /, b=1, *c: str, d: str = 'x', **e): ...",
            "f(a: int, /, b=1, *c: str, d: str = 'x', **e)",
        ),
        ("async def f(*, a: int | None = None) -> str: ...", "await f(*, a: int | None = None) -> str"),
        ("@property\ndef f(self) -> int: ...", "f: int"),
        ("@property\ndef f(self): ...", "f: Any"),
        ("def f(self, /, a): ...", "f(a)"),
    ],
)
def test_a_call_is_shown_as_it_is_written(source: str, shown: str) -> None:
    """Without the object itself."""
    (node,) = ast.parse(source).body
    assert isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)

    assert _signature(node) == shown


def test_a_long_call_has_a_line_for_each_argument() -> None:
    """So that it can be read on a phone."""
    (node,) = ast.parse(f"def f({', '.join(f'argument_{number}: str' for number in range(9))}): ...").body
    assert isinstance(node, ast.FunctionDef)

    lines = _signature(node).splitlines()

    assert (len(lines), lines[1]) == (11, "    argument_0: str,")
