"""What tests of the gallery share: stand-ins, a browser, and a way to open a gallery in it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from integration.card_stand_ins import ACME
from taskferry.sandbox import CardStandIn, running

_STAND_INS = {
    "acme": partial(CardStandIn, ACME),  # can cancel, which the others cannot
    "vap": "taskferry_vap.sandbox:stand_in",
    "tripo": "taskferry_tripo.sandbox:stand_in",
}


@pytest.fixture(scope="module")
def gallery_environ() -> Iterator[dict[str, str]]:
    """Stand-ins, a hundred times faster than life."""
    with running(_STAND_INS, speed=100.0) as servers:
        yield {name: value for server in servers.values() for name, value in server.env.items()}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def gallery_browser() -> AsyncIterator[Any]:
    """One browser for a module: it takes seconds to start."""
    pytest.importorskip("playwright.async_api", reason="the gallery is looked at with Playwright")
    pytest.importorskip("axe_playwright_python", reason="the gallery is judged by axe-core")
    from viewer_host import BROWSER, started

    if BROWSER is None:
        pytest.skip("there is no Chromium here: install Debian's chromium")
    async with started() as browser:
        yield browser


@pytest.fixture
def gallery(tmp_path: Path, gallery_environ: dict[str, str], gallery_browser: Any) -> Any:
    """Open a gallery with an empty ledger of its own, and a window on it."""

    def open_gallery(**look: Any) -> AbstractAsyncContextManager[Any]:
        from gallery_browser import opened

        return opened(gallery_browser, tmp_path / "home", gallery_environ, **look)

    return open_gallery
