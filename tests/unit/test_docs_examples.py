"""The examples of the documentation, Python and shell, run as they stand: at stand-ins, never beyond this machine."""

from __future__ import annotations

import ast
import asyncio
import csv
import inspect
import io
import json
import os
import socket
import sys
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from cli_keyboard import SPEED
from docs_pages import Block, blocks, pages
from docs_sessions import SHELLS, Session
from media_samples import png
from sources import ROOT, name_of
from taskferry import Ferry, WireError
from taskferry.sandbox import Running, running

ELSEWHERE = {
    "core/docs/tutorial.md": "tests/integration/test_tutorial.py",
    "contrib/frameworks": "tests/frameworks",
    "contrib/template": "tests/integration/test_plugin_new.py",
    "contrib/blender": "tests/integration/test_blender_command.py",
}
"""Pages, or folders of them, whose examples another test goes through."""


def is_run(block: Block) -> bool:
    """Tell whether an example is run here: generated ones are held against their schemas, some say why they are not."""
    return block.language in ("python", *SHELLS) and block.not_run is None and not block.generated


PAGES = [
    page
    for page in pages()
    if not name_of(page).startswith(tuple(ELSEWHERE)) and any(is_run(block) for block in blocks(page))
]


@pytest.fixture(scope="module")
def servers() -> Iterator[Mapping[str, Running]]:
    """Stand-ins of the bundled providers, much faster than the real services."""
    factories = {name: f"taskferry_{name}.sandbox:stand_in" for name in ("vap", "tripo")}
    with running(factories, speed=SPEED) as started:
        yield started


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, servers: Mapping[str, Running]) -> Iterator[Path]:
    """A working folder from which every ferry reaches the stand-ins alone; with a picture, a card, a list of jobs."""
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    (work / "fox.png").write_bytes(png(64, 64))
    (work / "jobs.csv").write_text("operation,prompt\nvap/image,a fox\nvap/image,an owl\n")
    *_, card = (block for block in blocks(ROOT / "core/docs/tutorial.md") if block.file == "wisp.toml")
    (work / "acme.toml").write_text(card.code.replace("wisp", "acme").replace("WISP", "ACME"))
    for name in [name for name in os.environ if name.startswith("TASKFERRY_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("TASKFERRY_HOME", str(tmp_path / "home"))
    for server in servers.values():
        for name, value in server.env.items():
            monkeypatch.setenv(name, value)
    monkeypatch.setitem(Ferry.__init__.__kwdefaults__, "speed", SPEED)
    modules = set(sys.modules)
    monkeypatch.syspath_prepend(work)
    yield work
    for name in set(sys.modules) - modules:
        if str(getattr(sys.modules[name], "__file__", "")).startswith(str(tmp_path)):
            del sys.modules[name]


@pytest.fixture
def session(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    """Somebody at a shell."""
    found = Session(capsys, monkeypatch)
    yield found
    found.close()


@pytest.fixture
def reached(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The hosts beyond this machine that something tried to reach; none of them answers."""
    hosts: list[str] = []
    look_up = socket.getaddrinfo

    def looked_up(host: Any, *arguments: Any, **options: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        if name not in ("127.0.0.1", "localhost", None):
            hosts.append(name)
            raise socket.gaierror(socket.EAI_NONAME, f"examples do not reach {name}")
        return look_up(host, *arguments, **options)

    monkeypatch.setattr(socket, "getaddrinfo", looked_up)
    monkeypatch.setitem(sys.modules, "pyreqwest", None)  # it looks names up by itself, where nobody sees it
    return hosts


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_the_examples_of_a_page_run(page: Path, place: Path, session: Session, reached: list[str]) -> None:
    """In their order, in one folder and one namespace, as a reader goes along; a test among them is run as one."""
    names: dict[str, Any] = {"__name__": "example"}

    with asyncio.Runner() as runner:
        for block in blocks(page):
            if is_run(block) or block.file:
                run_through(page, block, names, session, runner)

    assert reached == []


def run_through(page: Path, block: Block, names: dict[str, Any], session: Session, runner: asyncio.Runner) -> None:
    """Run one block, or put it where it can be imported or read."""
    if block.file:
        path = Path(block.file)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(block.code, "utf-8")
    elif block.language in SHELLS:
        session.go_through(block, name_of(page))
    elif block.language == "python":
        before = dict(names)
        code = compile("\n" * (block.line - 1) + block.code, str(page), "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        finish(eval(code, names), runner)
        for name in [name for name in names if name.startswith("test_") and names[name] is not before.get(name)]:
            folder = Path.cwd() / name
            folder.mkdir()
            wanted = inspect.signature(names[name]).parameters
            finish(names[name](**({"tmp_path": folder} if "tmp_path" in wanted else {})), runner)


def finish(value: Any, runner: asyncio.Runner) -> None:
    """Run what has to be waited for; all of a page in one loop."""
    if inspect.iscoroutine(value):
        runner.run(value)


@pytest.mark.parametrize("page", pages(), ids=name_of)
def test_every_python_example_of_a_page_can_be_compiled(page: Path) -> None:
    """Also those of the plugins' pages, which are not run."""
    for block in blocks(page):
        if block.language == "python":
            code = "\n" * (block.line - 1) + block.code
            assert compile(code, str(page), "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)


@pytest.mark.parametrize("page", pages(), ids=name_of)
def test_every_document_that_is_shown_can_be_read(page: Path) -> None:
    """JSON, TOML and CSV, whole or in part."""
    readers = {"json": json.loads, "toml": tomllib.loads, "csv": lambda text: next(csv.reader(io.StringIO(text)))}

    for block in blocks(page):
        if read := readers.get(block.language):
            assert read(block.code), f"{name_of(page)}:{block.line}"


def test_an_example_that_would_leave_this_machine_is_noticed(place: Path, session: Session, reached: list[str]) -> None:
    """So a page cannot reach a real provider by mistake."""
    code = 'async with Ferry(base_urls={"vap": "https://api.vapagent.com"}) as ferry:\n    await ferry.balance("vap")\n'
    block = Block(line=1, language="python", code=code)

    with asyncio.Runner() as runner, pytest.raises(WireError):
        run_through(ROOT / "README.md", block, {"Ferry": Ferry}, session, runner)

    assert set(reached) == {"api.vapagent.com"}


@pytest.mark.parametrize(
    ("code", "problem"),
    [
        ("$ taskferry operations vap/nothing\n", "ended with 2"),
        ("$ taskferry --version\ntaskferry 99\n", "but printed is"),
        ("$ make nothing\n", "ended with 2"),
        ("$ pip install 'taskferry[nothing]'\n", "ended with 1"),
    ],
)
def test_a_console_that_shows_what_does_not_come_is_noticed(
    place: Path, session: Session, code: str, problem: str
) -> None:
    """With what came instead."""
    block = Block(line=1, language="console", code=code)

    with pytest.raises(AssertionError, match=problem):
        session.go_through(block, "page.md")


def test_the_pages_that_are_run_elsewhere_are_there() -> None:
    """And so are the tests that run them."""
    assert [name for pair in ELSEWHERE.items() for name in pair if not (ROOT / name).exists()] == []
