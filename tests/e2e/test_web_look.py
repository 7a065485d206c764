"""The gallery can be used by everyone: by keyboard, on a phone, in the dark, by axe-core's judgement."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

pytest.importorskip("playwright.async_api", reason="the gallery is looked at with Playwright")
pytest.importorskip("axe_playwright_python", reason="the gallery is judged by axe-core")
from playwright.async_api import expect

from gallery_browser import PATIENCE, opened

pytestmark = pytest.mark.asyncio(loop_scope="module")  # the browser belongs to one loop

BACKGROUND = "() => getComputedStyle(document.body).backgroundColor"
LIGHT, DARK = "rgb(246, 246, 243)", "rgb(19, 19, 21)"
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
PAGES = ("/", "/new", "/new/vap/image", "/new/tripo/text-to-model", "/spend", "/speed", "/providers", "/tasks/{id}")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def home(
    tmp_path_factory: pytest.TempPathFactory, gallery_browser: Any, gallery_environ: dict[str, str]
) -> AsyncIterator[tuple[Path, str]]:
    """A ledger with a few tasks of several ends, and the id of one that succeeded."""
    home: Path = tmp_path_factory.mktemp("look") / "home"
    async with opened(gallery_browser, home, gallery_environ) as desk:
        for prompt in ("a fox", "an owl [[fail:internal]]", "a hare [[moderated]]", "a deer"):
            last = await desk.made("vap/image", prompt=prompt)
    yield home, last


@pytest.fixture
def window(home: tuple[Path, str], gallery_environ: dict[str, str], gallery_browser: Any) -> Any:
    """Opens a gallery on those tasks in a window of a given look."""
    return lambda **look: opened(gallery_browser, home[0], gallery_environ, **look)


@pytest.mark.parametrize(
    ("scheme", "pages"),
    [
        ("light", ["/", "/tasks/{id}"]),
        pytest.param("light", PAGES, marks=pytest.mark.slow),
        pytest.param("dark", PAGES, marks=pytest.mark.slow),
    ],
)
async def test_axe_finds_nothing_serious(
    window: Any, home: tuple[Path, str], scheme: str, pages: Sequence[str]
) -> None:
    """On every page, in both themes."""
    async with window(color_scheme=scheme, bypass_csp=True) as desk:  # axe-core tries styles of its own out
        found = {}
        for path in pages:
            page = await desk.open(path.format(id=home[1]))
            await page.evaluate("() => document.querySelectorAll('details').forEach((one) => { one.open = true; })")
            found[path] = await desk.judged()
            await desk.picture(f"{path.strip('/').replace('/', '-').format(id='task') or 'home'}-{scheme}", whole=True)

    assert {path: problems for path, problems in found.items() if problems} == {}
    assert desk.problems == []


@pytest.mark.slow
async def test_pages_fit_a_phone(window: Any, home: tuple[Path, str]) -> None:
    """None is wider than the screen."""
    async with window(**PHONE) as desk:
        wide = []
        for path in PAGES:
            await desk.open(path.format(id=home[1]))
            wide += [path] if await desk.is_too_wide() else []
            await desk.picture(f"{path.strip('/').replace('/', '-').format(id='task') or 'home'}-phone")

    assert wide == []


@pytest.mark.slow
async def test_the_theme_follows_the_system_until_it_is_chosen(window: Any) -> None:
    """A choice holds for further pages, from their first paint on."""
    async with window(color_scheme="dark") as desk:
        page = await desk.open()
        assert await page.evaluate(BACKGROUND) == DARK

        await page.get_by_role("button", name="Light theme").click()

        assert await page.evaluate(BACKGROUND) == LIGHT
        await desk.open("/new")
        assert await page.evaluate(BACKGROUND) == LIGHT
        await expect(page.get_by_role("button", name="Dark theme")).to_be_visible()


@pytest.mark.slow
async def test_the_keyboard_reaches_everything(window: Any) -> None:
    """First a link to the content; arrows go from card to card, a slash to the search, Enter opens."""
    async with window() as desk:
        page = await desk.open()
        focused = "() => document.activeElement.closest('.card')?.id ?? document.activeElement.className"
        await page.keyboard.press("Tab")
        assert await page.evaluate(focused) == "skip"
        await page.locator(".preview").first.focus()
        cards = [await card.get_attribute("id") for card in await page.locator(".card").all()]

        await page.keyboard.press("ArrowRight")
        assert await page.evaluate(focused) == cards[1]
        await page.keyboard.press("End")
        assert await page.evaluate(focused) == cards[-1]
        await page.keyboard.press("Home")
        assert await page.evaluate(focused) == cards[0]
        await page.keyboard.press("/")
        await expect(page.locator("input[type=search]")).to_be_focused()
        await page.locator(".preview").first.focus()
        await page.keyboard.press("Enter")

        await expect(page.locator("#task")).to_be_visible(timeout=PATIENCE)
        assert cards[0].endswith(page.url.rsplit("/", 1)[-1])


@pytest.mark.slow
async def test_motion_is_spared_who_asks_for_calm(window: Any) -> None:
    """No bar slides while nobody knows how far a job is."""
    async with window(reduced_motion="reduce") as desk:
        await desk.command("submit", "vap/image", "prompt=an owl [[stuck]]")
        page = await desk.open()
        await expect(page.locator("progress")).to_be_visible()

        moving = await page.evaluate("() => document.getAnimations().map((one) => one.animationName)")

        assert moving == []
