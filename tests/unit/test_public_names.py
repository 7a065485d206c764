"""The package as it is imported: what `import taskferry` loads, and what it offers."""

from __future__ import annotations

import ast
import json
import subprocess
import sys

import pytest

import taskferry
from sources import CORE, tree_of


def loaded_by(statement: str) -> set[str]:
    """Give the top-level modules outside the standard library that a statement loads in a fresh interpreter."""
    code = (
        "import sys, json; before = set(sys.modules)\n"
        f"{statement}\n"
        "print(json.dumps(sorted({name.partition('.')[0] for name in set(sys.modules) - before})))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout)) - sys.stdlib_module_names - {"taskferry"}


@pytest.mark.parametrize(
    ("statement", "allowed"),
    [
        ("import taskferry", set()),
        ("from taskferry import Status, FailureKind", {"attr", "attrs"}),
        ("from taskferry import Task, Status, hookimpl", {"attr", "attrs", "pluggy"}),
        ("from taskferry import Accepted, Call, Operation, Provider, Reply, failure", {"attr", "attrs", "pluggy"}),
        ("from taskferry.ledger import open_ledger", {"attr", "attrs"}),
    ],
)
def test_an_import_loads_no_more_than_it_needs(statement: str, allowed: set[str]) -> None:
    """`import taskferry` itself needs nothing but the standard library."""
    assert loaded_by(statement) - allowed == set()


def test_the_list_of_public_names_is_what_the_lazy_table_offers() -> None:
    """Nothing is promised that cannot be had, and nothing is had that is not promised."""
    assert len(taskferry.__all__) == len(set(taskferry.__all__))
    assert set(taskferry.__all__) == set(taskferry._HOMES)


def test_type_checkers_see_the_same_names_from_the_same_rooms() -> None:
    """What is imported for types only is the lazy table once more."""
    node = next(node for node in tree_of(CORE / "__init__.py").body if isinstance(node, ast.If))

    seen = {
        alias.name: str(statement.module).removeprefix("taskferry.")
        for statement in node.body
        if isinstance(statement, ast.ImportFrom)
        for alias in statement.names
    }

    assert seen == taskferry._HOMES


def test_every_public_name_can_be_had() -> None:
    """And shows in `dir`."""
    values = {name: getattr(taskferry, name) for name in taskferry.__all__}

    assert None not in values.values()
    assert values.keys() <= set(dir(taskferry))


def test_a_name_that_is_not_offered_is_an_attribute_error() -> None:
    """As of any module."""
    with pytest.raises(AttributeError, match="'taskferry' has no attribute 'Taxi'"):
        taskferry.Taxi  # noqa: B018 -- the look-up is the act


def test_the_version_is_that_of_the_installed_distribution() -> None:
    """There is no second place to keep in step."""
    from importlib.metadata import version

    assert taskferry.__version__ == version("taskferry")
