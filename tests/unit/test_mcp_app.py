"""The viewer's page: whole, from here alone, and bound to its tools."""

from __future__ import annotations

import hashlib
import re
from importlib.resources import files

import pytest
from mcp.server.apps import APP_MIME_TYPE

from taskferry.mcp.app import VIEWER_META, VIEWER_URI, extension
from taskferry.mcp.app.app import page

MODEL_VIEWER = "18b2e711035aa4705ee281530a55dc2338ff05eed3d70ae16d54105282a75ed5"
"""SHA-256 of `dist/model-viewer.min.js` of @google/model-viewer 4.4.0."""
LIBRARY = re.compile(r'<script type="text/plain" id="model-viewer">(.*?)</script>', re.DOTALL)


def test_the_library_is_the_published_one() -> None:
    """Byte for byte, so that anybody can compare it."""
    library = LIBRARY.search(page())

    assert library is not None
    assert hashlib.sha256(library[1].encode()).hexdigest() == MODEL_VIEWER
    assert MODEL_VIEWER in files("taskferry.vendor").joinpath("README").read_text("utf-8")


def test_our_part_of_the_page_asks_nothing_of_the_network() -> None:
    """No address, no import, no style or script by link; and provider's words never become markup."""
    ours = LIBRARY.sub("", page())

    assert re.findall(r"https?://|@import|<link|src=\"|\bimport\b|innerHTML|insertAdjacentHTML|\beval\b", ours) == []
    assert "/*" not in ours.replace("/**", "")
    assert len(ours) < 30_000


def test_the_page_and_its_policy_are_served() -> None:
    """Hosts build the sandbox from it: nothing may be loaded, framed or reached."""
    [binding] = extension().resources()

    assert binding.resource.uri == VIEWER_URI
    assert binding.resource.mime_type == APP_MIME_TYPE
    policy = (binding.resource.meta or {})["ui"]["csp"]
    assert policy == {"connectDomains": [], "resourceDomains": [], "frameDomains": [], "baseUriDomains": []}
    assert VIEWER_META["ui"]["resourceUri"] == VIEWER_URI


@pytest.mark.parametrize("name", ["viewer.js", "bridge.js", "task.js", "words.js", "media.js", "viewer.css"])
def test_every_part_is_in_the_page(name: str) -> None:
    """One document: hosts load no second one."""
    source = files("taskferry.mcp.app").joinpath(name).read_text("utf-8")

    assert source in page()
