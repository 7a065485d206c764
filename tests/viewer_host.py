"""A host of MCP Apps in a real browser: shows the viewer in a sandboxed frame and passes its calls to an MCP client."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from mcp import Client
from mcp.shared.exceptions import MCPError
from mcp_types import CallToolResult
from playwright.async_api import Browser, Frame, FrameLocator, Page, async_playwright

from taskferry.mcp.app import VIEWER_URI

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
BROWSER = next(filter(None, map(shutil.which, BROWSERS)), None)
_HOST = "http://host.test/"
_PAGE = Path(__file__).with_name("viewer_host.html")
_ARGUMENTS = ["--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
"""A container has no user namespaces and no graphics card; WebGL is then drawn by the processor."""


class Host:
    """The page around the viewer; everything that went wrong in either is in `problems`."""

    def __init__(self, page: Page, client: Client) -> None:
        self.page, self.client = page, client
        self.problems: list[str] = []
        self.called: list[str] = []
        self.refusals: list[dict[str, Any]] = []
        """Errors that the next tool calls are answered with."""

    @property
    def viewer(self) -> FrameLocator:
        """Give the viewer's own document."""
        return self.page.frame_locator("iframe")

    @property
    def frame(self) -> Frame:
        """Give the viewer's frame, to ask its scripts."""
        return self.page.frames[-1]

    async def prepare(self) -> None:
        """Open the host's page and give it its ways to the server."""
        await self.page.expose_function("callTool", self._call_tool)
        await self.page.expose_function("readResource", self._read_resource)
        self.page.on("pageerror", lambda error: self._heard(str(error)))
        self.page.on("console", lambda said: said.type == "error" and self._heard(said.text))
        self.page.on("request", lambda sent: sent.url.startswith("http") and self.called.append(sent.url))
        await self.page.route(_HOST, lambda route: route.fulfill(path=_PAGE))
        await self.page.goto(_HOST)

    async def show(self, **context: Any) -> None:
        """Open the viewer as the server gives it, and wait until it has introduced itself."""
        [content] = (await self.client.read_resource(VIEWER_URI)).contents
        await self.page.evaluate("([html, given]) => open(html, given)", [content.text, {"theme": "light", **context}])
        await self.page.wait_for_function("asked('ui/notifications/initialized').length > 0")

    async def notify(self, what: str, params: Mapping[str, Any]) -> None:
        """Send the viewer a notification."""
        await self.page.evaluate("([what, params]) => notify(`ui/notifications/${what}`, params)", [what, dict(params)])

    async def result(self, result: CallToolResult) -> None:
        """Hand a tool's result over."""
        await self.notify("tool-result", as_wire(result))

    async def asked(self, method: str) -> list[dict[str, Any]]:
        """Give what the viewer sent under one method."""
        sent: list[dict[str, Any]] = await self.page.evaluate("(method) => asked(method)", method)
        return sent

    def _heard(self, problem: str) -> None:
        """Note an error; but not that model-viewer tries a decoder out at its start, which hosts' policies forbid."""
        if not problem.startswith("WebAssembly.instantiate()"):
            self.problems.append(problem)

    async def _call_tool(self, name: str, arguments: dict[str, Any]) -> dict[str, Any]:
        if self.refusals:
            return {"error": self.refusals.pop(0)}
        return as_wire(await self.client.call_tool(name, arguments))

    async def _read_resource(self, uri: str) -> dict[str, Any]:
        try:
            return as_wire(await self.client.read_resource(uri))
        except MCPError as error:
            return {"error": {"code": error.code, "message": error.message}}


def as_wire(result: Any) -> dict[str, Any]:
    """Give a result as it travels."""
    wire: dict[str, Any] = result.model_dump(mode="json", by_alias=True, exclude_none=True)
    return wire


@asynccontextmanager
async def started() -> AsyncIterator[Browser]:
    """Start a browser."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=BROWSER, args=_ARGUMENTS)
        yield browser
        await browser.close()


@asynccontextmanager
async def opened(client: Client, browser: Browser) -> AsyncIterator[Host]:
    """Open the host's page in a window of its own."""
    async with await browser.new_context(viewport={"width": 768, "height": 860}) as window:
        host = Host(await window.new_page(), client)
        await host.prepare()
        yield host
