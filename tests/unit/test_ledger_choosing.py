"""Which ledger is opened: the file of the home, or a shared one that the environment names."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest

from taskferry import Engine, Ferry, LedgerError, LedgerProtocol, PluginError, Registry, hookimpl
from taskferry.ledger import open_ledger
from taskferry.ledger.choosing import open_ledger_for
from taskferry.ledger.opening import FILE

OPENED: list[tuple[str, Mapping[str, str], dict[str, Any]]] = []


def open_elsewhere(url: str, environ: Mapping[str, str], **how: Any) -> LedgerProtocol:
    """Open a file, and note by what it was asked for."""
    OPENED.append((url, environ, how))
    return open_ledger(Path(environ["PLACE"]), **how)


@hookimpl
def taskferry_engines(register: Callable[[Engine], None]) -> None:
    """Register one ledger that can be opened and one that cannot."""
    register(Engine(scheme="elsewhere", factory="ledger_elsewhere:open_elsewhere"))
    register(Engine(scheme="broken", factory="no_such_module:open_it"))


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> Registry:
    """A registry that knows this module alone."""
    monkeypatch.setitem(sys.modules, "ledger_elsewhere", sys.modules[__name__])
    OPENED.clear()
    return Registry(entry_points=[EntryPoint("here", "ledger_elsewhere", "taskferry")], disabled="")


@pytest.mark.parametrize("said", [{}, {"TASKFERRY_LEDGER": ""}, {"TASKFERRY_LEDGER": " "}], ids=str)
def test_a_home_has_its_own_file_unless_a_shared_ledger_is_named(tmp_path: Path, said: dict[str, str]) -> None:
    """Set to nothing is not set."""
    with open_ledger_for(tmp_path, said) as ledger:
        place = ledger.place

    assert place == str(tmp_path / FILE)


async def test_a_ferry_uses_the_shared_ledger_that_is_named(tmp_path: Path, registry: Registry) -> None:
    """Opened by its plugin, with the whole environment; the home has no ledger then."""
    environ = {"TASKFERRY_LEDGER": "elsewhere://me:secret@db/x", "PLACE": str(tmp_path / "shared")}

    async with Ferry(home=tmp_path / "home", registry=registry, environ=environ) as ferry:
        place = ferry.ledger.place

    assert place == str(tmp_path / "shared" / FILE)
    assert not (tmp_path / "home" / FILE).exists()
    assert [(url, environ["PLACE"]) for url, environ, _ in OPENED] == [
        ("elsewhere://me:secret@db/x", str(tmp_path / "shared"))
    ]


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("postgresql://me:secret@db/x", "needs the package taskferry-postgres: install it"),
        ("mysql://me:secret@db/x", r"known here: broken://\.\.\., elsewhere://"),
        ("/a/path/secret", "has to be a URL"),
    ],
)
def test_a_ledger_that_nobody_offers_is_told_without_the_url(
    tmp_path: Path, registry: Registry, url: str, said: str
) -> None:
    """A password may be in it."""
    with pytest.raises(LedgerError, match=said) as raised:
        open_ledger_for(tmp_path, {"TASKFERRY_LEDGER": url}, registry)

    assert "secret" not in str(raised.value)
    assert list(tmp_path.iterdir()) == []


def test_a_plugin_that_cannot_be_loaded_is_an_error_of_the_plugin(tmp_path: Path, registry: Registry) -> None:
    """With its import path."""
    with pytest.raises(PluginError, match="no_such_module"):
        open_ledger_for(tmp_path, {"TASKFERRY_LEDGER": "broken://x"}, registry)
