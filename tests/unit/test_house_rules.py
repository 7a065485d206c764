"""What every file of the workspace keeps to: sizes, docstrings, reasons, and nothing of the machine it was made on."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

from sources import ROOT, name_of, nodes_of, python_files, tracked_files, tree_of

pytestmark = pytest.mark.no_cover  # it reads what others run
FILES = python_files("core", "plugins", "contrib", "tests")
EXCUSE = re.compile(
    r"type: ignore(?:\[[\w-]+(?:, *[\w-]+)*\])?|noqa(?:: *[A-Z]+\d+(?:, *[A-Z]+\d+)*)?|pragma: no cover"
)
"""Marks that switch a check off, with the names of what they switch off."""


def test_files_stay_small() -> None:
    """At most 400 lines."""
    lengths = {name_of(path): path.read_text("utf-8").count("\n") for path in FILES}

    assert {name: lines for name, lines in lengths.items() if lines > 400} == {}


def test_functions_stay_small() -> None:
    """At most 60 lines."""
    lengths = {
        f"{name_of(path)}:{node.lineno} {node.name}": (node.end_lineno or 0) - node.lineno + 1
        for path in FILES
        for node in nodes_of(path)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }

    assert {name: lines for name, lines in lengths.items() if lines > 60} == {}


def test_every_file_says_what_it_is_for() -> None:
    """In one sentence, at its top."""
    assert [name_of(path) for path in FILES if not (ast.get_docstring(tree_of(path)) or "").strip()] == []


def test_no_error_is_swallowed() -> None:
    """A handler does something, or there is none."""
    silent = [
        f"{name_of(path)}:{node.lineno}"
        for path in FILES
        for node in nodes_of(path)
        if isinstance(node, ast.ExceptHandler) and all(is_nothing(statement) for statement in node.body)
    ]

    assert silent == []


def is_nothing(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
        return True
    return isinstance(statement, ast.Pass)


def test_every_check_that_is_switched_off_has_its_reason_beside_it() -> None:
    """And the mark says which check it is."""
    unexplained = [
        f"{name_of(path)}:{comment}"
        for path in FILES
        for comment in comments(path)
        if EXCUSE.search(comment) and not is_explained(comment)
    ]

    assert unexplained == []


def comments(path: Path) -> Iterator[str]:
    """Yield the comments of a file that may switch a check off, each with its line."""
    text = path.read_text("utf-8")
    if not EXCUSE.search(text):  # taking a file apart is slow
        return
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            yield f"{token.start[0]}: {token.string}"


def is_explained(comment: str) -> bool:
    marks = EXCUSE.findall(comment)
    named = all(mark not in ("noqa", "type: ignore") for mark in marks)
    return named and bool(re.search(r"[a-z]{3}", EXCUSE.sub("", comment)))


@pytest.mark.parametrize(
    ("comment", "explained"),
    [
        ("# noqa: BLE001 -- a plugin may raise anything", True),
        ("# type: ignore[no-untyped-call]  # respx ships none", True),
        ("# pragma: no cover -- not on Windows", True),
        ("# noqa: BLE001", False),
        ("# noqa -- a reason, but for which check?", False),
        ("# type: ignore  # a reason, but for what?", False),
        ("# type: ignore[arg-type]", False),
    ],
)
def test_a_reason_is_words_beside_a_named_check(comment: str, explained: bool) -> None:
    """The rule above, shown."""
    assert is_explained(comment) is explained


def machine_paths() -> list[str]:
    """Give patterns for this checkout, the folder it lies in, and the user's home."""
    places = {str(ROOT), f"{ROOT.parent}/", str(Path.home())} - {"/", "//"}
    return [rf"(?<![\w/.:-]){re.escape(place)}(?![\w-])" for place in places]


ADDRESSES = [
    r"https?://[^\s\"'<>]*(?:\bp[y]pi\b|p[y]thonhosted|artif[a]ctory|n[e]xus|/s[i]mple\b)",
    r"(?:extra[-_])?ind[e]x[-_]url",
    r"PIP_IND[E]X",
]
"""Package registries; each pattern is written so that it does not fit itself."""


def test_no_file_tells_of_a_registry_or_of_this_machine() -> None:
    """A checkout works wherever it lies, from whatever registry its user has."""
    files = tracked_files()
    if not files:
        pytest.skip("this is not a git checkout, so nobody says which files belong to it")
    forbidden = re.compile("|".join([*ADDRESSES, *machine_paths()]), re.IGNORECASE)

    telling = [
        f"{name_of(path)}: {found.group()}"
        for path in files
        if (found := forbidden.search(path.read_text("utf-8", "replace")))
    ]

    assert telling == []
