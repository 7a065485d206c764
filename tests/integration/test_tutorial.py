"""The tutorial, gone through as its reader does: each block in order, and what it shows is what comes."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from importlib import invalidate_caches
from pathlib import Path

import pytest

from cli_keyboard import SPEED, HastyClock
from docs_pages import Block, blocks
from media_samples import png
from sources import ROOT
from taskferry import check_card, load_card
from taskferry.cli import opening
from taskferry.cli.start import main

PAGE = ROOT / "core/docs/tutorial.md"
CARD = "wisp.toml"
ID = "01…"
"""How the page writes the id of the task that was spoken of last."""
_HEADER = re.compile(r"^(?=\[)", re.MULTILINE)
_TASK = re.compile(r"\b01[0-9a-z]{24}\b")
_EXPORT = re.compile(r"^export (\w+)=(.*)$", re.MULTILINE)


class Reader:
    """Somebody at a keyboard, with the page beside it."""

    def __init__(self, folder: Path, capture: pytest.CaptureFixture[str], patch: pytest.MonkeyPatch) -> None:
        self.folder, self.capture, self.patch = folder, capture, patch
        self.site = folder / "site"
        self.stand_in: subprocess.Popen[str] | None = None
        self.task = ""
        self.typed = 0

    def go_through(self, block: Block) -> None:
        """Do what a block says."""
        if block.file:
            Path(block.file).write_text(block.code)
        elif block.language == "toml":
            self.add_tables(block.code)
        elif block.language == "console":
            for command, shown in commands(block.code):
                at = f"{PAGE.name}:{block.line}: $ {command}"
                code, printed = self.type(command)
                assert shown or code == 0, f"{at}\nended with {code}:\n{printed}"
                assert is_shown(shown, printed), f"{at}\nshows\n{shown}\nbut printed is\n{printed}"
        else:
            assert block.code.startswith("pip install "), f"{PAGE.name}:{block.line} is of no known kind"

    def add_tables(self, text: str) -> None:
        """Put whole tables into the card: those of the same name are replaced, others come last."""
        card = Path(CARD)
        tables = [table.strip() for table in _HEADER.split(card.read_text())]
        for table in [table.strip() for table in _HEADER.split(text)[1:]]:
            header = table.partition("\n")[0]
            there = [place for place, old in enumerate(tables) if old.partition("\n")[0] == header]
            if there and not header.startswith("[["):
                tables[there[0]] = table
            else:
                tables.append(table)
        card.write_text("\n\n".join(tables).lstrip() + "\n")

    def type(self, command: str) -> tuple[int, str]:
        """Run a command; give its exit code and everything that it prints."""
        self.typed += 1
        words = shlex.split(command)
        if words[:2] == ["taskferry", "sandbox"]:
            return 0, self.serve(words)
        if words[0] == "taskferry":
            self.capture.readouterr()
            code = main([self.task if word == ID else word for word in words[1:]])
            printed = "".join(self.capture.readouterr())
            self.task = next(iter(_TASK.findall(printed)), self.task)
            return code, printed
        if words[0] == "cd":
            self.patch.chdir(words[1])
            return 0, ""
        if words[:2] == ["pip", "install"]:  # into a place of this test, from what is installed here
            quiet = ("--quiet", "--no-index", "--no-deps", "--no-build-isolation", "--target", str(self.site))
            words = ["pip", "install", *quiet, "."]
        if words[0] in ("pip", "pytest"):
            command = shlex.join([sys.executable, "-m", *words])
        done = subprocess.run(command, shell=True, capture_output=True, text=True)
        invalidate_caches()
        return done.returncode, done.stdout + done.stderr

    def serve(self, words: list[str]) -> str:
        """Start the stand-in, faster than the page does, and paste its variables; give what it printed."""
        self.stop()
        words[words.index("--speed") + 1] = str(SPEED)
        command = [sys.executable, "-m", *words]
        self.stand_in = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        assert self.stand_in.stdout is not None
        printed = ""
        while "Ctrl-C" not in printed:
            line = self.stand_in.stdout.readline()
            assert line, f"the stand-in has ended: {printed}"
            printed += line
        for name, value in _EXPORT.findall(printed):
            self.patch.setenv(name, value)
        return printed

    def stop(self) -> None:
        """Stop the stand-in, if there is one."""
        if self.stand_in is not None:
            self.stand_in.terminate()
            self.stand_in.communicate(timeout=10)


def commands(code: str) -> Iterator[tuple[str, list[str]]]:
    """Give each command of a console with the lines that are shown of its output."""
    for part in code.removeprefix("$ ").split("\n$ "):
        command, *shown = part.splitlines()
        yield command, [line for line in shown if line.strip()]


def is_shown(shown: list[str], printed: str) -> bool:
    """Tell whether every line shown is among those printed; `…` stands for anything within a line."""
    wanted = (re.compile(".*".join(re.escape(part) for part in squeezed(line).split("…"))) for line in shown)
    lines = [squeezed(line) for line in printed.splitlines()]
    return all(any(pattern.fullmatch(line) for line in lines) for pattern in wanted)


def squeezed(line: str) -> str:
    """Give a line with its runs of spaces as one."""
    return re.sub(r" +", " ", line).strip()


@pytest.fixture
def reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Reader]:
    """A reader in an empty folder, with a picture in it."""
    for name in [name for name in os.environ if name.startswith(("TASKFERRY_", "WISP_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("TASKFERRY_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "site"))
    monkeypatch.syspath_prepend(tmp_path / "site")
    monkeypatch.setitem(opening.SETTINGS, "clock", HastyClock())
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    (work / "fox.png").write_bytes(png(8, 8))
    found = Reader(tmp_path, capsys, monkeypatch)
    yield found
    found.stop()


@pytest.mark.slow  # it installs, serves and tests
@pytest.mark.timeout(300)
def test_every_block_of_the_tutorial_does_what_it_shows(reader: Reader) -> None:
    """From twelve lines to an installed distribution, and to the same in code."""
    for block in blocks(PAGE):
        reader.go_through(block)

    assert reader.typed > 20


def test_every_card_on_the_way_is_sound(reader: Reader) -> None:
    """Also without its commands, so that a mistake in a block shows at once."""
    problems: dict[int, list[str]] = {}

    for block in blocks(PAGE):
        if block.language == "toml":
            reader.go_through(block)
            problems[block.line] = [str(problem) for problem in check_card(load_card(CARD))]

    first, *others = problems.values()
    assert all("has no example" in problem for problem in first)
    assert others == [[]] * len(others)


def test_the_first_card_is_as_long_as_the_heading_says() -> None:
    """Twelve lines."""
    first = next(block for block in blocks(PAGE) if block.language == "toml")

    assert len(first.code.splitlines()) == 12
    assert "## Twelve lines that work" in PAGE.read_text()
