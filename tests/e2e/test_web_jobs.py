"""Jobs are sent, followed, stopped and repeated in the gallery, in a real browser."""

from __future__ import annotations

import re
from typing import Any

import pytest

pytest.importorskip("playwright.async_api", reason="the gallery is looked at with Playwright")
pytest.importorskip("axe_playwright_python", reason="the gallery is judged by axe-core")
from playwright.async_api import expect

from gallery_browser import PATIENCE, is_in

pytestmark = pytest.mark.asyncio(loop_scope="module")  # the browser belongs to one loop

TASK_PAGE = re.compile(r"/tasks/[0-9a-z]{26}")


async def test_a_job_is_sent_from_its_form_and_watched_to_its_end(gallery: Any) -> None:
    """The page of the task goes from the first status to the picture without being loaded again."""
    async with gallery() as desk:
        page = await desk.open("/new/vap/image")
        await page.get_by_label("prompt").first.fill("a lighthouse in fog, oil painting [[run:300]]")
        await expect(page.locator("#price")).to_contain_text("$0.18", timeout=PATIENCE)

        await page.locator("#submit").click()
        await page.wait_for_url(TASK_PAGE)
        await page.evaluate("() => { window.unbroken = true; }")
        await is_in(page, "running")
        await desk.picture("running")
        await is_in(page, "succeeded")
        picture = page.locator("#results img").first
        await expect(picture).to_have_js_property("complete", True, timeout=PATIENCE)

        assert await picture.evaluate("(one) => one.naturalWidth") > 100
        assert await page.evaluate("() => window.unbroken")
        await expect(page.locator("#progress")).to_have_count(0)
        await expect(page.locator("#cancel")).to_have_count(0)
        await expect(page.locator("#timeline li").last).to_have_attribute("data-status", "succeeded")
        assert desk.problems == []
        assert desk.elsewhere == []


@pytest.mark.slow
async def test_a_job_is_cancelled(gallery: Any) -> None:
    """With a button of its page, which says what became of the wish."""
    async with gallery() as desk:
        page = await desk.open("/new/acme/video")
        await page.get_by_label("prompt").first.fill("an owl [[stuck]]")
        await page.locator("#submit").click()
        await page.wait_for_url(TASK_PAGE)
        await is_in(page, "running")

        await page.locator("#cancel button").click()

        await is_in(page, "cancelled")
        await expect(page.locator("#said")).to_contain_text("Cancelled")
        await expect(page.locator("#cancel")).to_have_count(0)
        assert desk.problems == []


@pytest.mark.slow
async def test_a_provider_that_cannot_cancel_is_said_to_be_so(gallery: Any) -> None:
    """The job goes on, and so does its page."""
    async with gallery() as desk:
        page = await desk.open("/new/vap/image")
        await page.get_by_label("prompt").first.fill("an owl [[run:500]]")
        await page.locator("#submit").click()
        await page.wait_for_url(TASK_PAGE)

        await page.locator("#cancel button").click()

        await expect(page.locator("#said")).to_contain_text("cannot cancel")
        await is_in(page, "succeeded")


@pytest.mark.slow
async def test_the_price_follows_what_is_chosen(gallery: Any) -> None:
    """It is asked for while the form is filled in, and what cannot be is said beside its field."""
    async with gallery() as desk:
        page = await desk.open("/new/vap/image")
        price = page.locator("#price")
        await page.get_by_label("prompt").first.fill("a lighthouse in fog, oil painting")
        await expect(price).to_contain_text("$0.18", timeout=PATIENCE)

        await page.locator("#more > summary").click()
        await page.get_by_label("quality").select_option("high")
        await expect(price).to_contain_text("$0.27", timeout=PATIENCE)
        await desk.picture("form")
        await page.locator("[name='p.webhook_url']").fill("not an address")

        await expect(page.locator("#error-webhook_url")).not_to_be_empty(timeout=PATIENCE)
        await expect(page.locator("[name='p.webhook_url']")).to_have_attribute("aria-invalid", "true")
        assert desk.problems == []


@pytest.mark.slow
async def test_a_job_is_run_again_with_another_prompt(gallery: Any) -> None:
    """The form comes filled with what the task was made from."""
    async with gallery() as desk:
        first = await desk.made("vap/image", prompt="a red kite over hills", aspect_ratio="16:9")
        page = await desk.open(f"/tasks/{first}")

        await page.locator("#again").click()
        prompt = page.get_by_label("prompt").first
        await expect(prompt).to_have_value("a red kite over hills")
        await expect(page.locator("[name='p.aspect_ratio']")).to_have_value('"16:9"')
        await prompt.fill("a blue kite over hills")
        await page.locator("#submit").click()
        await page.wait_for_url(TASK_PAGE)

        await expect(page.locator("h1")).to_contain_text("a blue kite")
        assert first not in page.url
        await is_in(page, "succeeded")


@pytest.mark.slow
async def test_two_presses_send_one_job(gallery: Any) -> None:
    """The second finds the button at rest; were it quicker, the form's own key would find the same task."""
    async with gallery() as desk:
        page = await desk.open("/new/vap/image")
        await page.get_by_label("prompt").first.fill("one heron [[run:100]]")

        await page.locator("#submit").dblclick()
        await page.wait_for_url(TASK_PAGE)
        await desk.open("/")

        await expect(page.locator(".card")).to_have_count(1)


@pytest.mark.slow
async def test_a_refused_prompt_says_why_and_what_to_do(gallery: Any) -> None:
    """As an alert on the task's page, with the provider's words as text."""
    async with gallery() as desk:
        page = await desk.open(f"/tasks/{await desk.made('vap/image', prompt='a <b>bad</b> thing [[moderated]]')}")

        await expect(page.locator("#problem")).to_be_visible()
        await expect(page.locator("h1")).to_contain_text("<b>bad</b>")
        await desk.picture("moderated")
        assert await desk.judged() == []
