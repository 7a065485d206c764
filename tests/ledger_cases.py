"""The cases that every ledger has to pass: those of the SQLite ledger, run once more on another one."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

TESTS = Path(__file__).parent


def cases(path: str, open_ledger: Callable[..., Any], *, without: Collection[str] = (), **names: Any) -> dict[str, Any]:
    """Give the tests and fixtures of a test module, but with another `open_ledger` and other `names` in it."""
    name = f"{Path(path).stem}_once_more"
    spec = importlib.util.spec_from_file_location(name, TESTS / path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # where annotations are looked up
    spec.loader.exec_module(module)
    module.open_ledger = open_ledger  # type: ignore[attr-defined]  # each of these modules has it
    vars(module).update(names)
    assert set(without) <= vars(module).keys()
    return {
        name: value
        for name, value in vars(module).items()
        if name not in without and (name.startswith(("test_", "Test")) or _is_fixture(value))
    }


def _is_fixture(value: object) -> bool:
    return type(value).__name__ == "FixtureFunctionDefinition"
