"""The documentation as a site: every page is in its menu, links lead on, and nothing is loaded from elsewhere."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml

from docs.site_pages import BESIDE, with_site_links
from sources import ROOT
from taskferry import Status

CONFIG = ROOT / "core/mkdocs.yml"
DOCS = ROOT / "core/docs"


def in_menu(entry: Any) -> Iterator[str]:
    """Give the pages of a part of the menu."""
    if isinstance(entry, str):
        yield entry
    else:
        for part in entry.values() if isinstance(entry, dict) else entry:
            yield from in_menu(part)


def test_every_page_is_in_the_menu_once() -> None:
    """And the menu has no other."""
    menu = list(in_menu(yaml.safe_load(CONFIG.read_text("utf-8"))["nav"]))

    beside = {path.relative_to(ROOT).as_posix() for path in BESIDE}
    assert len(menu) == len(set(menu))
    assert set(menu) - beside == {path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md")}


@pytest.mark.parametrize(
    ("page", "before", "after"),
    [
        ("index.md", "../../plugins/vap/README.md#limits", "plugins/vap/README.md#limits"),
        ("index.md", "start.md", "start.md"),
        ("mcp-viewer/README.md", "../mcp.md", "../mcp.md"),
        ("plugins/vap/README.md", "../../core/docs/cli.md#variables", "../../cli.md#variables"),
        ("plugins/vap/README.md", "../../README.md", "../../index.md"),
        ("contrib/providers/README.md", "operations.md", "operations.md"),
        ("start.md", "#install", "#install"),
        ("start.md", "https://example.com/a.md", "https://example.com/a.md"),
    ],
)
def test_links_lead_to_the_same_page_as_in_the_workspace(page: str, before: str, after: str) -> None:
    """Or to the first one, where a page is not on the site."""
    assert with_site_links(f"[there]({before})", page) == f"[there]({after})"


def test_the_picture_of_a_jobs_way_knows_every_status() -> None:
    """And says in words what it shows, for those who do not see it."""
    picture = ElementTree.parse(DOCS / "way-of-a-job.svg").getroot()

    words = " ".join(picture.itertext())

    assert [status for status in Status if status not in words] == []
    assert picture.find("{*}title") is not None
    assert picture.find("{*}desc") is not None


@pytest.mark.slow
def test_the_site_is_built_and_loads_nothing_from_elsewhere(tmp_path: Path) -> None:
    """Strictly: a broken link or anchor, or a page that is in no menu, would end it."""
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "-f", str(CONFIG), "-d", str(tmp_path)]

    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "NO_MKDOCS_2_WARNING": "1"})

    assert done.returncode == 0, done.stderr
    loaded = re.compile(r"<(?:script|link|img|iframe|source)\b[^>]*(?:src|href)=\"?(https?:[^\s\">]+)")
    foreign = {link for page in tmp_path.rglob("*.html") for link in loaded.findall(page.read_text("utf-8"))}
    assert foreign == set()
