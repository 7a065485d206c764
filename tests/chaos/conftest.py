"""What the tests of several processes share: a place where processes are forked, a home, and a stand-in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from chaos.members import Members, nursery
from chaos.script import SPEED
from taskferry.sandbox import running


@pytest.fixture(scope="module")
def at(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where processes are forked, quickly."""
    with nursery(tmp_path_factory.mktemp("at")) as made:
        yield made


@pytest.fixture
def members(at: Path, tmp_path: Path) -> Iterator[Members]:
    """A home, a stand-in, and no process yet."""
    with (
        running({"vap": "taskferry_vap.sandbox:stand_in"}, speed=SPEED, limits=False) as servers,
        Members(at, tmp_path / "home", servers["vap"]) as made,
    ):
        yield made
