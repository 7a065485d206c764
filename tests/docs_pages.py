"""The documentation as its readers get it: pages, the code in them, and where their links lead."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from attrs import frozen

from sources import ROOT

_FENCE = re.compile(r"^```(?P<language>\w*)\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL)
_MARK = re.compile(r"<!-- (?P<word>not run|file): (?P<rest>.+?) -->\s*\Z")
_PART = re.compile(r"^<!-- (?:generated: |end of )", re.MULTILINE)
_LINK = re.compile(r"(?<!!)\[[^\]]*\]\((?P<target>[^)\s]+)\)")
_HEADING = re.compile(r"^#{1,6} (?P<text>.+)$", re.MULTILINE)


@frozen(kw_only=True)
class Block:
    """One fenced piece of code."""

    line: int
    """Where its code begins, counted from 1."""
    language: str
    code: str
    not_run: str | None = None
    """Why it is not run; from `<!-- not run: reason -->` just above."""
    file: str | None = None
    """The file that it is, from `<!-- file: path -->` just above; later blocks can import it."""
    generated: bool = False
    """Whether it is in a part that `make docs` writes."""


def pages() -> list[Path]:
    """List every page of the workspace's documentation."""
    return sorted(
        [*ROOT.glob("*.md"), *ROOT.glob("core/**/*.md"), *ROOT.glob("plugins/*/*.md"), *ROOT.glob("contrib/**/*.md")]
    )


def blocks(page: Path) -> Iterator[Block]:
    """Give the pieces of code of a page, in order."""
    text = page.read_text("utf-8")
    for fence in _FENCE.finditer(text):
        mark = _MARK.search(text[: fence.start()])
        marked = {mark["word"]: mark["rest"]} if mark else {}
        yield Block(
            line=text.count("\n", 0, fence.start("code")) + 1,
            language=fence["language"],
            code=fence["code"],
            not_run=marked.get("not run"),
            file=marked.get("file"),
            generated=len(_PART.findall(text, 0, fence.start())) % 2 == 1,
        )


def links(page: Path) -> list[str]:
    """Give the targets of a page's links, code left out."""
    prose = re.sub(r"`[^`\n]*`", lambda code: "`" * len(code[0]), _FENCE.sub("", page.read_text("utf-8")))
    return [link["target"] for link in _LINK.finditer(prose)]


def anchors(page: Path) -> set[str]:
    """Give the names by which a page's headings can be linked to, as GitHub makes them."""
    headings = (heading["text"] for heading in _HEADING.finditer(_FENCE.sub("", page.read_text("utf-8"))))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}
