"""The Python in README and core's pages, run as it stands: against stand-ins, and never beyond this machine."""

from __future__ import annotations

import ast
import inspect
import socket
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from docs_pages import Block, blocks, pages
from sources import ROOT, name_of
from taskferry import Ferry, WireError
from taskferry.sandbox import Running, running

SPEED = 50.0
PAGES = [
    page
    for page in (ROOT / "README.md", *sorted((ROOT / "core/docs").glob("*.md")))
    if any(block.language == "python" for block in blocks(page))
]


@pytest.fixture(scope="module")
def servers() -> Iterator[Mapping[str, Running]]:
    """Stand-ins of the bundled providers, much faster than the real services."""
    factories = {name: f"taskferry_{name}.sandbox:stand_in" for name in ("vap", "tripo")}
    with running(factories, speed=SPEED) as started:
        yield started


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, servers: Mapping[str, Running]) -> Iterator[Path]:
    """A working folder from which every ferry reaches the stand-ins alone, at their speed."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TASKFERRY_HOME", str(tmp_path / "home"))
    for server in servers.values():
        for name, value in server.env.items():
            monkeypatch.setenv(name, value)
    monkeypatch.setitem(Ferry.__init__.__kwdefaults__, "speed", SPEED)
    modules = set(sys.modules)
    monkeypatch.syspath_prepend(tmp_path)
    yield tmp_path
    for name in set(sys.modules) - modules:
        if str(getattr(sys.modules[name], "__file__", "")).startswith(str(tmp_path)):
            del sys.modules[name]


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
async def test_the_examples_of_a_page_run(page: Path, place: Path, reached: list[str]) -> None:
    """In their order and in one namespace, as a reader goes along; a test among them is run as one."""
    names: dict[str, Any] = {"__name__": "example"}

    ran = [block.line for block in blocks(page) if block.language == "python" and await ran_through(page, block, names)]

    assert ran
    assert reached == []


async def ran_through(page: Path, block: Block, names: dict[str, Any]) -> bool:
    """Run one block, or put it where it can be imported; tell whether that was done."""
    if block.not_run:
        return False
    if block.file:
        path = Path(block.file)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(block.code, "utf-8")
        return True
    before = dict(names)
    code = compile("\n" * (block.line - 1) + block.code, str(page), "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    await finished(eval(code, names))
    for name in [name for name in names if name.startswith("test_") and names[name] is not before.get(name)]:
        folder = Path.cwd() / name
        folder.mkdir()
        wanted = inspect.signature(names[name]).parameters
        await finished(names[name](**({"tmp_path": folder} if "tmp_path" in wanted else {})))
    return True


async def finished(value: Any) -> None:
    """Wait for what has to be waited for."""
    if inspect.isawaitable(value):
        await value


@pytest.mark.parametrize("page", pages(), ids=name_of)
def test_every_python_example_of_a_page_can_be_compiled(page: Path) -> None:
    """Also those of the plugins' pages, which are not run."""
    for block in blocks(page):
        if block.language == "python":
            code = "\n" * (block.line - 1) + block.code
            assert compile(code, str(page), "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)


async def test_an_example_that_would_leave_this_machine_is_noticed(place: Path, reached: list[str]) -> None:
    """So a page cannot reach a real provider by mistake."""
    code = 'async with Ferry(base_urls={"vap": "https://api.vapagent.com"}) as ferry:\n    await ferry.balance("vap")\n'
    block = Block(line=1, language="python", code=code)

    with pytest.raises(WireError):
        await ran_through(Path("page.md"), block, {"Ferry": Ferry})

    assert set(reached) == {"api.vapagent.com"}
