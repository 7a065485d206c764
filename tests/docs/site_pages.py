"""What the site needs beyond core's pages: those that lie beside the code, and links as they are on the site."""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File

ROOT = Path(__file__).parents[2]
BESIDE = [
    ROOT / "CHANGELOG.md",
    *ROOT.glob("plugins/*/README.md"),
    *ROOT.glob("contrib/**/README.md"),
    ROOT / "contrib/providers/operations.md",
]
"""Pages outside of the site's folder; on the site they have the path that they have in the workspace."""

_LINK = re.compile(r"\]\((?!\w+:|#)(?P<place>[^)#\s]+)(?P<anchor>#[^)\s]*)?\)")
_DOCS = "core/docs"
_FRONT = "index.md"
"""Where a link to the README of the workspace leads on the site."""


def on_files(files: Any, config: Any) -> Any:
    """Add the pages that lie elsewhere."""
    for path in BESIDE:
        source = path.relative_to(ROOT).as_posix()
        files.append(File.generated(config, source, content=path.read_text("utf-8")))
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Write the links of a page as they are on the site."""
    return with_site_links(markdown, page.file.src_uri)


def with_site_links(markdown: str, source: str) -> str:
    """Turn links between places of the workspace into links on the site; what is not on it becomes its first page."""
    is_beside = (ROOT / source).is_file() and not (ROOT / _DOCS / source).is_file()
    here = source if is_beside else f"{_DOCS}/{source}"
    known = {path.relative_to(ROOT).as_posix() for path in BESIDE}

    def changed(link: re.Match[str]) -> str:
        target = posixpath.normpath(posixpath.join(posixpath.dirname(here), link["place"]))
        if target.startswith(f"{_DOCS}/"):
            place = target.removeprefix(f"{_DOCS}/")
        elif target in known:
            place = target
        else:
            place = _FRONT
        return f"]({posixpath.relpath(place, posixpath.dirname(source) or '.')}{link['anchor'] or ''})"

    return _LINK.sub(changed, markdown)
