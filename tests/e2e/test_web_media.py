"""Pictures, films, sounds and models are seen and heard in the gallery, in a real browser."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from PIL import Image

pytest.importorskip("playwright.async_api", reason="the gallery is looked at with Playwright")
pytest.importorskip("axe_playwright_python", reason="the gallery is judged by axe-core")
from playwright.async_api import expect

from gallery_browser import DRAWING, PATIENCE, Gallery, colours, opened

pytestmark = pytest.mark.asyncio(loop_scope="module")  # the browser belongs to one loop

JOBS = {
    "image": ("vap/image", "a lighthouse in fog, oil painting"),
    "video": ("vap/video", "slow pan over waves at dusk"),
    "audio": ("vap/music", "warm lo-fi hip hop with soft piano"),
    "model": ("tripo/text-to-model", "a small red fox"),
}
OTHERS = (
    ("vap/image", "a harbour at dawn, long exposure"),
    ("vap/image", "a kite over dry hills [[moderated]]"),
    ("tripo/text-to-model", "a brass astrolabe"),
    ("vap/music", "a slow waltz for two cellos"),
    ("vap/video", "a paper boat on a stream"),
)
"""More for a grid that people look at."""
SOUGHT = "(one) => !one.seeking || new Promise((done) => one.addEventListener('seeked', () => done(true)))"
PLAYS = "(one) => new Promise((done) => { one.ontimeupdate = () => one.currentTime > 0 && done(true); })"
HAS_A_FRAME = "(one) => one.readyState > 1 || new Promise((done) => { one.onloadeddata = () => done(true); })"
PAINTED = """(canvas) => {
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  return new Set(new Uint32Array(data.buffer)).size;
}"""
"""Counts the colours of a canvas; an empty one has one."""
TURNS = """async (one) => {
  const before = one.turntableRotation;
  while (one.turntableRotation === before) await new Promise(requestAnimationFrame);
  return true;
}"""
CAMERA_MOVES = """(one) => {
  const angle = () => one.getCameraOrbit().theta;
  const before = angle();
  one.moved = new Promise((done) => one.addEventListener("camera-change", () => angle() !== before && done(angle())));
  return before;
}"""
"""Gives where the camera is, and promises where it is next."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def made(
    tmp_path_factory: pytest.TempPathFactory, gallery_browser: Any, gallery_environ: dict[str, str]
) -> AsyncIterator[tuple[Gallery, dict[str, str]]]:
    """A gallery with one result of each kind, and the ids of their tasks."""
    home: Path = tmp_path_factory.mktemp("media") / "home"
    async with opened(gallery_browser, home, gallery_environ) as desk:
        for operation, prompt in OTHERS:
            await desk.made(operation, prompt=prompt)
        yield desk, {kind: await desk.made(operation, prompt=prompt) for kind, (operation, prompt) in JOBS.items()}


@pytest.fixture
def desk(made: tuple[Gallery, dict[str, str]]) -> Gallery:
    """The gallery, with nothing noted yet."""
    made[0].problems.clear()
    return made[0]


@pytest.mark.slow
async def test_a_model_is_drawn_and_turned(desk: Gallery, made: Any) -> None:
    """Its canvas is not blank; it turns until it is stopped, then arrow keys move it."""
    await desk.page.set_viewport_size({"width": 640, "height": 500})
    page = await desk.open(f"/tasks/{made[1]['model']}")
    model = page.locator("#results model-viewer")
    await expect(model).to_have_js_property("loaded", True, timeout=DRAWING)
    drawn = await colours(model)

    turned = await model.evaluate(TURNS)
    await page.get_by_role("button", name="Stop turning").click()
    await page.keyboard.press("Shift+Tab")
    before = await model.evaluate(CAMERA_MOVES)
    await page.keyboard.press("ArrowLeft")
    after = await model.evaluate("(one) => one.moved")

    assert drawn > 200
    assert turned
    assert before != after
    assert "a small red fox" in (await model.get_attribute("alt") or "")
    await page.evaluate("() => document.activeElement.blur()")
    await page.emulate_media(color_scheme="dark")
    await page.set_viewport_size({"width": 1160, "height": 800})
    await desk.picture("model")
    await page.emulate_media(color_scheme="light")
    assert desk.problems == []
    assert desk.elsewhere == []


async def test_every_kind_has_a_preview(desk: Gallery) -> None:
    """The grid shows pictures, a frame of the film, the sound's waveform and the model's own preview."""
    page = await desk.open()
    await expect(page.locator(".card")).to_have_count(len(JOBS) + len(OTHERS))
    wave = page.locator(".card[data-kind=audio] canvas").first
    await expect(wave).to_have_attribute("data-drawn", "", timeout=PATIENCE)
    film = page.locator(".card[data-kind=video] video").first
    await expect(film).to_have_js_property("error", None)

    assert await film.evaluate(HAS_A_FRAME)
    assert await wave.evaluate(PAINTED) > 1
    for picture in await page.locator(".card img").all():
        assert await picture.evaluate("async (one) => { await one.decode(); return one.naturalWidth; }") > 100
    await desk.picture("grid")
    await page.set_viewport_size({"width": 390, "height": 844})
    await desk.picture("phone")
    await page.set_viewport_size({"width": 1160, "height": 800})
    assert desk.problems == []


@pytest.mark.slow
async def test_film_plays(desk: Gallery, made: Any) -> None:
    """With the browser's own controls; the card's plays while it is pointed at."""
    page = await desk.open(f"/tasks/{made[1]['video']}")
    film = page.locator("#results video")
    await film.evaluate("(one) => { one.muted = true; return one.play(); }")
    played = await film.evaluate(PLAYS)
    await desk.picture("video")
    await desk.open()
    card = page.locator(".card[data-kind=video]").first

    await card.hover()

    assert played
    assert await card.locator("video").evaluate(PLAYS)
    assert desk.problems == []


@pytest.mark.slow
async def test_sound_has_a_waveform_that_leads_to_its_moments(desk: Gallery, made: Any) -> None:
    """What was played is of another colour; a click goes there."""
    page = await desk.open(f"/tasks/{made[1]['audio']}")
    wave = page.locator("#results canvas.waveform")
    sound = page.locator("#results audio")
    await expect(wave).to_have_attribute("data-drawn", "", timeout=PATIENCE)
    unplayed = await wave.evaluate(PAINTED)

    box = await wave.bounding_box()
    await wave.click(position={"x": box["width"] / 2, "y": 20})
    moment = await sound.evaluate("(one) => one.currentTime / one.duration")
    await sound.evaluate(SOUGHT)
    await desk.picture("sound")

    assert 0.45 < moment < 0.55
    assert await wave.evaluate(PAINTED) > unplayed
    assert await sound.evaluate("(one) => one.controls && one.error === null")
    assert desk.problems == []


@pytest.mark.slow
async def test_a_card_draws_a_model_that_has_no_picture(gallery: Any, tmp_path: Path) -> None:
    """It stands still until it is pointed at."""
    picture = tmp_path / "fox.png"
    Image.new("RGB", (64, 64), "teal").save(picture)
    async with gallery(viewport={"width": 500, "height": 500}) as desk:
        await desk.made("acme/model", image=picture)
        page = await desk.open()
        model = page.locator(".card model-viewer")
        await expect(model).to_have_js_property("loaded", True, timeout=DRAWING)
        drawn = await colours(model)
        still = await model.evaluate("(one) => one.turntableRotation")

        await page.locator(".card").hover()

        assert await model.evaluate(TURNS)
        assert still == 0
        assert drawn > 200
        assert desk.problems == []
