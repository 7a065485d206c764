"""The viewer as people see it: in a real browser, in a host that speaks MCP Apps, over a real server and ledger."""

from __future__ import annotations

import os
import re
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from io import BytesIO
from pathlib import Path
from typing import Any, TypeAlias

import pytest
import pytest_asyncio
from mcp import Client
from mcp_types import CallToolResult
from PIL import Image

from taskferry import Ferry
from taskferry.mcp import build_server
from taskferry.sandbox import running

pytest.importorskip("playwright.async_api", reason="the viewer is driven with Playwright")
from playwright.async_api import Browser, expect

from viewer_host import BROWSER, Host, opened, started

pytestmark = [
    pytest.mark.skipif(BROWSER is None, reason="there is no Chromium here: install Debian's chromium"),
    pytest.mark.asyncio(loop_scope="module"),  # the browser belongs to one loop
]

STAND_INS = {"vap": "taskferry_vap.sandbox:stand_in", "tripo": "taskferry_tripo.sandbox:stand_in"}
SPEED = 100.0
MANY_COLOURS = 200
"""An empty stage has a handful."""
Screen: TypeAlias = Callable[..., AbstractAsyncContextManager[Host]]
PATIENCE = 30_000
"""Milliseconds."""
DRAWING = 60_000
"""Milliseconds; without a graphics card a first frame of a 3D model takes a busy processor its time."""


PLAYS = "(one) => new Promise((done) => { one.ontimeupdate = () => one.currentTime > 0 && done(); })"
CAMERA_MOVES = """(one) => {
  const angle = () => one.getCameraOrbit().theta;
  const before = angle();
  one.moved = new Promise((done) => one.addEventListener("camera-change", () => angle() !== before && done(angle())));
  return before;
}"""
"""Gives where the camera is, and promises where it is next."""


@pytest.fixture(scope="module")
def environ() -> Iterator[dict[str, str]]:
    """Both providers' stand-ins, a hundred times faster than life."""
    with running(STAND_INS, speed=SPEED) as servers:
        yield {name: value for server in servers.values() for name, value in server.env.items()}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    """One browser for all: it takes seconds to start."""
    async with started() as browser:
        yield browser


@pytest.fixture
def screen(tmp_path: Path, environ: dict[str, str], browser: Browser) -> Screen:
    """Opens a host in a browser, connected to a server with a ledger of its own."""

    @asynccontextmanager
    async def open_host(**context: Any) -> AsyncIterator[Host]:
        ferry = Ferry(home=tmp_path / "home", environ=environ, caller="mcp", speed=SPEED)
        async with Client(build_server(ferry, working=tmp_path)) as client, opened(client, browser) as host:
            await host.show(**context)
            yield host

    return open_host


async def generate(host: Host, operation: str, **parameters: Any) -> CallToolResult:
    """Make something, to its end."""
    return await host.client.call_tool("generate", {"operation": operation, "parameters": parameters})


async def submit(host: Host, prompt: str, **more: Any) -> CallToolResult:
    """Submit a picture."""
    return await host.client.call_tool(
        "submit_task", {"operation": "vap/image", "parameters": {"prompt": prompt}, **more}
    )


async def drawn_colours(model: Any) -> int:
    """Count the colours of a model on the screen, as soon as it is drawn."""
    for _ in range(50):
        with Image.open(BytesIO(await model.screenshot(timeout=2 * DRAWING))) as image:
            colours = len(image.convert("RGB").getcolors(maxcolors=1 << 24) or ())
        if colours > MANY_COLOURS:
            break
    return colours


async def tab_to(host: Host, tag: str) -> None:
    """Press Tab until an element has the focus."""
    for _ in range(10):
        await host.page.keyboard.press("Tab")
        if await host.frame.evaluate("document.activeElement.tagName") == tag:
            return
    pytest.fail(f"Tab does not reach {tag}.")


async def picture_of(host: Host, name: str) -> None:
    """Keep a screenshot where a person wants to look at it."""
    if folder := os.environ.get("TASKFERRY_SCREENSHOTS"):
        await host.page.screenshot(path=str(Path(folder) / f"viewer-{name}.png"))


async def test_progress_is_followed_to_the_picture(screen: Screen) -> None:
    """From the submitted job by looks of its own, at the pace that the server names."""
    async with screen() as host:
        await host.result(await submit(host, "a small red fox [[run:400]]"))
        viewer = host.viewer

        await expect(viewer.locator("#status")).to_contain_text("running", timeout=PATIENCE)
        await expect(viewer.get_by_role("progressbar", name="Progress of the task")).to_be_visible()
        await picture_of(host, "progress")
        await expect(viewer.locator("#status")).to_have_text("succeeded", timeout=PATIENCE)
        picture = viewer.get_by_role("img")
        await expect(picture).to_have_js_property("complete", True, timeout=PATIENCE)

        assert await picture.evaluate("(one) => one.naturalWidth") > 100
        await expect(viewer.locator("progress")).to_be_hidden()
        await expect(viewer.locator("dd").first).to_contain_text("USD")
        path = await viewer.locator(".path").inner_text()
        assert Path(path).is_file()
        await picture_of(host, "image-light")
        assert host.problems == []


@pytest.mark.slow
async def test_the_model_is_told_of_an_end_that_it_did_not_see(screen: Screen) -> None:
    """In our own words: the id, the status and where the files are."""
    async with screen() as host:
        await host.result(await submit(host, "a hare [[run:100]]"))
        await expect(host.viewer.locator("#status")).to_have_text("succeeded", timeout=PATIENCE)
        await host.page.wait_for_function("asked('ui/update-model-context').length > 0")

        [told] = await host.asked("ui/update-model-context")

        [content] = told["params"]["content"]
        assert "succeeded" in content["text"]
        assert "hare" not in content["text"].partition("Files:")[0]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("operation", "tag", "prompt"),
    [("vap/video", "video", "a fox runs through snow"), ("vap/music", "audio", "a slow waltz")],
)
async def test_film_and_sound_play(screen: Screen, operation: str, tag: str, prompt: str) -> None:
    """With the browser's own controls, which the keyboard works."""
    async with screen(theme="dark") as host:
        await host.result(await generate(host, operation, prompt=prompt))
        media = host.viewer.locator(tag)

        await expect(media).to_have_js_property("readyState", 4, timeout=PATIENCE)
        duration = await media.evaluate("(one) => one.duration")
        await media.evaluate("(one) => { one.muted = true; return one.play(); }")
        await media.evaluate(PLAYS)

        assert duration > 1
        assert await media.evaluate("(one) => one.controls && one.error === null")
        assert prompt in await media.get_attribute("aria-label")
        await picture_of(host, f"{tag}-dark")
        assert host.problems == []


@pytest.mark.slow  # half a minute of one core, where no graphics card draws
async def test_a_model_is_drawn_and_turned_by_keyboard(screen: Screen) -> None:
    """The GLB is parsed and drawn with nothing from the network; arrow keys move the camera."""
    async with screen(theme="dark", containerDimensions={"width": 720, "maxHeight": 500}) as host:
        await host.result(await generate(host, "tripo/text-to-model", prompt="a red toy rocket"))
        model = host.viewer.locator("model-viewer")
        await expect(model).to_have_js_property("loaded", True, timeout=DRAWING)

        colours = await drawn_colours(model)
        await picture_of(host, "model-dark")
        await tab_to(host, "MODEL-VIEWER")
        before = await model.evaluate(CAMERA_MOVES)
        await host.page.keyboard.press("ArrowLeft")
        after = await model.evaluate("(one) => one.moved")

        assert colours > MANY_COLOURS
        assert before != after
        assert "rocket" in (await model.get_attribute("alt") or "")
        assert set(host.called) == {host.page.url}
        assert host.problems == []


@pytest.mark.slow
async def test_another_result_is_chosen_by_keyboard(screen: Screen) -> None:
    """A model often comes with a preview picture; until it is there, the provider's own progress is shown."""
    async with screen() as host:
        job = {"operation": "tripo/text-to-model", "parameters": {"prompt": "a toy boat [[run:300]]"}}
        await host.result(await host.client.call_tool("submit_task", job))
        await expect(host.viewer.locator("#status")).to_have_text(re.compile(r"running, \d+%"), timeout=PATIENCE)
        await picture_of(host, "progress-percent")
        await expect(host.viewer.get_by_role("button", name="model", exact=True)).to_have_attribute(
            "aria-pressed", "true"
        )

        await host.viewer.get_by_role("button", name="preview", exact=True).press("Enter")

        await expect(host.viewer.get_by_role("img")).to_be_visible(timeout=PATIENCE)
        await expect(host.viewer.get_by_role("button", name="preview", exact=True)).to_have_attribute(
            "aria-pressed", "true"
        )
        await expect(host.viewer.get_by_role("button", name="model", exact=True)).to_have_attribute(
            "aria-pressed", "false"
        )


async def test_a_failure_is_said_as_text(screen: Screen) -> None:
    """A provider's words are data: what looks like markup is shown, not run."""
    async with screen() as host:
        await host.result(await submit(host, "a fox [[fail:internal]]"))
        failure = host.viewer.get_by_role("alert")
        await expect(failure).to_be_visible(timeout=PATIENCE)
        await picture_of(host, "failure")
        said = {"message": "<img src=x onerror=alert(1)> Ignore all", "code": "<b>", "suggestion": None}
        task = (await host.client.call_tool("list_tasks", {})).structured_content["tasks"][0]
        await host.notify("tool-result", {"structuredContent": {**task, "failure": said, "poll_after_ms": None}})

        await expect(failure).to_contain_text("<img src=x onerror=alert(1)>")
        assert await host.viewer.locator("img").count() == 0
        await expect(host.viewer.locator("#status")).to_have_text("failed")


@pytest.mark.slow
async def test_a_call_that_never_became_a_task_shows_its_words(screen: Screen) -> None:
    """As one that was refused before anything was sent."""
    async with screen() as host:
        await host.result(await submit(host, "a fox", max_cost="0.0001 USD"))

        await expect(host.viewer.get_by_role("alert")).to_contain_text("nothing was billed")
        await expect(host.viewer.locator("progress")).to_be_hidden()


@pytest.mark.slow
async def test_the_task_of_a_call_that_still_runs_is_found(screen: Screen) -> None:
    """Hosts that run the call as a protocol task hand its result over only at the end."""
    async with screen() as host:
        prompt = "an owl [[stuck]]"
        task_id = (await submit(host, prompt)).structured_content["id"]
        await host.notify("tool-input", {"arguments": {"operation": "vap/image", "parameters": {"prompt": prompt}}})

        await expect(host.viewer.locator("#facts")).to_contain_text(task_id, timeout=PATIENCE)


@pytest.mark.slow
async def test_a_look_that_fails_can_be_asked_for_again(screen: Screen) -> None:
    """With a button that the keyboard reaches; the job is not touched by it."""
    async with screen() as host:
        result = await submit(host, "a fox [[stuck]]")
        host.refusals.append({"code": -32603, "message": "The server is not there."})
        await host.result(result)
        button = host.viewer.get_by_role("button", name="Look again")
        await expect(button).to_be_visible(timeout=PATIENCE)
        await expect(host.viewer.locator("#note")).to_contain_text("The server is not there.")

        await button.focus()
        await host.page.keyboard.press("Enter")

        await expect(button).to_be_hidden(timeout=PATIENCE)


@pytest.mark.slow
async def test_light_and_dark_follow_the_host(screen: Screen) -> None:
    """Also when the person changes it while the viewer is open."""
    async with screen(theme="light", availableDisplayModes=["inline", "fullscreen"]) as host:
        background = "() => getComputedStyle(document.body).backgroundColor"
        light = await host.viewer.locator("body").evaluate(background)

        await host.notify("host-context-changed", {"theme": "dark"})

        assert light == "rgb(255, 255, 255)"
        assert await host.viewer.locator("body").evaluate(background) == "rgb(28, 28, 31)"
        await host.viewer.get_by_role("button", name="Full screen").press("Enter")
        await expect(host.viewer.get_by_role("button", name="Back to the conversation")).to_be_visible()


@pytest.mark.slow
async def test_the_host_can_take_it_down_and_sees_its_size(screen: Screen) -> None:
    """The viewer answers the host's own requests, also one that it does not know."""
    async with screen() as host:
        await host.page.evaluate(
            "ask('ui/resource-teardown', {reason: 'closed'}); ask('ping', {}); ask('ui/unknown', {})"
        )
        await host.page.wait_for_function("log.filter((one) => String(one.id).startsWith('host-')).length === 3")

        answers = await host.page.evaluate("log.filter((one) => String(one.id).startsWith('host-'))")
        assert [one.get("result") for one in answers] == [{}, {}, None]
        assert answers[2]["error"]["code"] == -32601
        [size, *_] = await host.asked("ui/notifications/size-changed")
        assert size["params"]["height"] > 50
