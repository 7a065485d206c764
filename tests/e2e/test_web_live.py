"""The gallery shows what happens while it happens, whoever makes it happen."""

from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("playwright.async_api", reason="the gallery is looked at with Playwright")
pytest.importorskip("axe_playwright_python", reason="the gallery is judged by axe-core")
from playwright.async_api import expect

from gallery_browser import PATIENCE

pytestmark = pytest.mark.asyncio(loop_scope="module")  # the browser belongs to one loop

BEFORE = """<li class="card" data-status="running">
<a class="preview" href="#">film</a><p class="facts">1</p><p>old</p><progress value="0.1"></progress></li>"""
AFTER = """<li class="card" data-status="succeeded">
<a class="preview" href="#">film</a><p class="facts">2</p><progress></progress><b>new</b></li>"""
PATCHES = """async ([before, after]) => {
  const { patched, remember } = await import("/static/parts.js");
  const parse = (html) => new DOMParser().parseFromString(html, "text/html").body.firstElementChild;
  const card = document.body.appendChild(document.importNode(parse(before), true));
  remember(card);
  const [film, facts, , bar] = card.children;
  film.append("drawn by a script");
  facts.textContent = "said by a script";
  const made = patched(card, parse(after));
  return {
    film: card.children[0] === film,
    bar: card.querySelector("progress") === bar,
    value: bar.hasAttribute("value"),
    status: card.dataset.status,
    tags: [...card.children].map((one) => one.tagName),
    made: made.map((one) => one.outerHTML),
  };
}"""
"""Gives what became of a card when the server sent another state of it."""


@pytest.mark.slow
async def test_a_task_of_another_process_comes_and_ends_before_ones_eyes(gallery: Any) -> None:
    """The first task of an empty gallery, submitted at the keyboard."""
    async with gallery() as desk:
        page = await desk.open()
        await expect(page.locator("#empty")).to_be_visible()

        await desk.command("run", "vap/image", "prompt=a fox in fresh snow")

        card = page.locator(".card")
        await expect(card).to_have_attribute("data-status", "succeeded", timeout=PATIENCE)
        await expect(card.locator("img")).to_have_js_property("complete", True, timeout=PATIENCE)
        await expect(page.locator("#empty")).to_be_hidden()
        assert desk.problems == []


@pytest.mark.slow
async def test_only_what_changed_is_replaced(gallery: Any) -> None:
    """What scripts drew, a film that plays and a bar that moves stay the elements that they were."""
    async with gallery() as desk:
        page = await desk.open("/new")

        became = await page.evaluate(PATCHES, [BEFORE, AFTER])

        assert became == {
            "film": True,
            "bar": True,
            "value": False,
            "status": "succeeded",
            "tags": ["A", "P", "PROGRESS", "B"],
            "made": ['<p class="facts">2</p>', "<b>new</b>"],
        }


@pytest.mark.slow
async def test_a_lost_connection_is_said_and_made_up_for(gallery: Any) -> None:
    """What happened meanwhile is shown once the connection is back."""
    async with gallery() as desk:
        await desk.page.route(f"{desk.url}/events", lambda route: route.abort())
        page = await desk.open()
        await expect(page.locator("#connection")).to_be_visible(timeout=PATIENCE)
        await desk.command("run", "vap/image", "prompt=a badger")
        assert await page.locator(".card").count() == 0

        await page.unroute(f"{desk.url}/events")

        await expect(page.locator(".card")).to_have_count(1, timeout=PATIENCE)
        await expect(page.locator("#connection")).to_be_hidden()


@pytest.mark.slow
async def test_tasks_are_found_by_filters(gallery: Any) -> None:
    """A choice is taken at once, words by Enter; the address can be kept."""
    async with gallery() as desk:
        await desk.made("vap/image", prompt="a red fox")
        await desk.made("vap/image", prompt="a grey wolf")
        await desk.made("vap/image", prompt="a red deer [[fail:internal]]")
        page = await desk.open()
        await expect(page.locator(".card")).to_have_count(3)

        await page.locator("select[name=status]").select_option("succeeded")
        await expect(page.locator(".card")).to_have_count(2)
        await page.locator("input[name=text]").fill("red")
        await page.keyboard.press("Enter")
        await expect(page.locator(".card")).to_have_count(1)

        await expect(page.locator(".card .prompt")).to_have_text("a red fox")
        assert "status=succeeded" in page.url
        assert "text=red" in page.url
        await page.locator("input[name=text]").fill("no such thing")
        await page.keyboard.press("Enter")
        await expect(page.locator("#empty")).to_be_visible()


@pytest.mark.slow
async def test_a_later_page_stays_and_says_that_there_is_more(gallery: Any) -> None:
    """New tasks do not push aside what one is looking at."""
    async with gallery() as desk:
        older, newer = [await desk.made("vap/image", prompt=prompt) for prompt in ("a red fox", "a grey wolf")]
        page = await desk.open(f"/?before={newer}")
        await expect(page.locator(f"#task-{older}")).to_be_visible()
        await expect(page.locator("#fresh")).to_be_hidden()

        await desk.command("run", "vap/image", "prompt=a badger")

        await expect(page.locator("#fresh a")).to_be_visible(timeout=PATIENCE)
        await expect(page.locator(".card")).to_have_count(1)
        await page.locator("#fresh a").click()
        await expect(page.locator(".card")).to_have_count(3)
        assert desk.problems == []
