"""The gallery in a real browser, with a note of everything that went wrong in its pages."""

from __future__ import annotations

import os
import sys
from asyncio import create_subprocess_exec, subprocess
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

from axe_playwright_python.async_playwright import Axe
from PIL import Image
from playwright.async_api import Browser, Locator, Page, expect

from integration.card_stand_ins import ACME
from taskferry import Ferry, Registry
from taskferry.web import WebOptions, serving

SPEED = 100.0
EVERY = 0.1
"""Seconds between the gallery's looks at the ledger."""
PATIENCE = 30_000
"""Milliseconds."""
DRAWING = 60_000
"""Milliseconds; without a graphics card a first frame of a 3D model takes a busy processor its time."""
_LARGE = 150_000
"""Bytes of a picture beyond which the documentation does not want it."""
_NO_MATTER = (
    "WebAssembly.instantiate()",  # model-viewer tries a decoder out at its start, which our policy forbids
    "rAF timed out",  # model-viewer, where a processor draws
    "GL Driver Message",
    "Canvas2D: Multiple readback",  # tests look at pixels
)


def settings(home: Path, environ: Mapping[str, str]) -> dict[str, Any]:
    """Give what a ferry of these tests is set up with: the installed providers, and a card that can cancel."""
    return {"home": home, "environ": environ, "speed": SPEED, "registry": Registry(home=home, cards=[ACME])}


class Gallery:
    """A gallery, its ledger, and a page of a browser that is at it."""

    def __init__(self, url: str, home: Path, environ: Mapping[str, str], page: Page) -> None:
        self.url, self.home, self.environ, self.page = url.rstrip("/"), home, environ, page
        self.problems: list[str] = []
        self.asked: list[str] = []
        page.on("pageerror", lambda error: self._heard(str(error)))
        page.on("console", lambda said: said.type in {"error", "warning"} and self._heard(said.text))
        page.on("request", lambda sent: self.asked.append(sent.url))

    @property
    def elsewhere(self) -> list[str]:
        """Give what the pages asked of any other server."""
        return [url for url in self.asked if not url.startswith((self.url, "blob:", "data:"))]

    async def open(self, path: str = "/") -> Page:
        """Go to a page, until its scripts listen."""
        await self.page.goto(self.url + path)
        return self.page

    async def made(self, operation: str, **parameters: Any) -> str:
        """Make something in another process's place, to its end, and give its task's id."""
        async with Ferry(**settings(self.home, self.environ)) as ferry:
            task = await ferry.submit(operation, parameters)
            await task.wait()
            if task.snapshot.status.ok:
                await task.save()
        return task.id

    async def command(self, *arguments: str) -> None:
        """Run taskferry in a process of its own on the same ledger."""
        environ = {**os.environ, **self.environ, "TASKFERRY_HOME": str(self.home)}
        process = await create_subprocess_exec(
            sys.executable,
            "-m",
            "taskferry",
            *arguments,
            env=environ,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        _, said = await process.communicate()
        assert process.returncode == 0, said.decode()

    async def judged(self) -> list[str]:
        """Ask axe-core for what keeps people from using the page, and give what is serious."""
        before = list(self.problems)
        results = await Axe().run(self.page)
        self.problems[:] = before  # it asks for style sheets where they are not
        return [
            f"{found['id']}: {node['html'][:120]}"
            for found in results.response["violations"]
            if found["impact"] in {"serious", "critical"}
            for node in found["nodes"]
        ]

    async def is_too_wide(self) -> bool:
        """Tell whether the page has to be moved sideways to be read."""
        wide: bool = await self.page.evaluate("() => document.documentElement.scrollWidth > innerWidth")
        return wide

    async def picture(self, name: str, *, whole: bool = False) -> None:
        """Keep a screenshot where a person wants to look at it, with fewer colours where it is large."""
        if folder := os.environ.get("TASKFERRY_SCREENSHOTS"):
            shot = await self.page.screenshot(full_page=whole)
            with Image.open(BytesIO(shot)) as image:
                plain = image.convert("RGB")
                few = plain.quantize(256) if len(shot) > _LARGE else plain
                few.save(Path(folder) / f"gallery-{name}.png", optimize=True)

    def _heard(self, problem: str) -> None:
        if not any(known in problem for known in _NO_MATTER):
            self.problems.append(problem)


async def colours(drawn: Locator, many: int = 200) -> int:
    """Count the colours of something on the screen, once it has many; an empty stage has a handful."""
    for _ in range(50):
        with Image.open(BytesIO(await drawn.screenshot(timeout=2 * DRAWING))) as image:
            count = len(image.convert("RGB").getcolors(maxcolors=1 << 24) or ())
        if count > many:
            break
    return count


async def is_in(page: Page, status: str) -> None:
    """Wait until the task on the page is in a status."""
    await expect(page.locator("#task")).to_have_attribute("data-status", status, timeout=PATIENCE)


@asynccontextmanager
async def opened(browser: Browser, home: Path, environ: Mapping[str, str], **look: Any) -> AsyncIterator[Gallery]:
    """Serve a gallery and open a window on it; `look` is what Playwright takes of a window."""
    with serving(WebOptions(port=0), every=EVERY, **settings(home, environ)) as url:
        window = await browser.new_context(**{"viewport": {"width": 1160, "height": 800}, "locale": "en-GB", **look})
        window.set_default_timeout(PATIENCE)
        yield Gallery(url, home, environ, await window.new_page())
        await window.close()
