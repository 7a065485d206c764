"""The hooks: each is documented with its signature, has a test of its own, and does what its page says."""

from __future__ import annotations

import ast
import inspect
import logging
import re
import textwrap
from functools import cache
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import click
import pytest
from attrs import evolve

from cli_records import record
from sources import ROOT, nodes_of, python_files
from taskferry import Change, Engine, Provider, Registry, Snapshot, Status, Typical, hookimpl, hookspecs
from taskferry.cli.group import LazyGroup
from taskferry.clock import SystemClock
from taskferry.poller.books import Books
from taskferry.poller.deadlines import Deadlines
from taskferry.poller.durations import Durations
from taskferry.poller.flight import Flight
from taskferry.poller.watched import Watched

HOOKS = {name: hook for name, hook in vars(hookspecs).items() if name.startswith("taskferry_")}
PAGE = (ROOT / "core/docs/hooks.md").read_text("utf-8")


@pytest.mark.parametrize("name", HOOKS)
def test_every_hook_is_documented_with_its_signature(name: str) -> None:
    """On one page, and in its own docstring, argument by argument."""
    arguments = list(inspect.signature(HOOKS[name]).parameters)

    assert f"## `{name}({', '.join(arguments)})`\n" in PAGE
    assert all(f":param {argument}:" in (HOOKS[name].__doc__ or "") for argument in arguments)


def test_the_page_documents_no_hook_that_is_not_there() -> None:
    """A removed hook leaves the page too."""
    assert set(re.findall(r"^## `(\w+)\(", PAGE, re.MULTILINE)) == set(HOOKS)


@pytest.mark.parametrize("name", HOOKS)
def test_every_hook_has_a_test(name: str) -> None:
    """Named after it."""
    tests = [
        node.name
        for path, text in texts_of_tests()
        if f"def test_{name}" in text  # parsing all of them takes seconds
        for node in nodes_of(path)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith(f"test_{name}")
    ]

    assert tests


@cache
def texts_of_tests() -> list[tuple[Path, str]]:
    return [(path, path.read_text("utf-8")) for path in python_files("tests")]


def plugged(source: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Registry:
    """Give a registry of one plugin, whose module holds the source."""
    module = f"hooked_{folder.name}"
    (folder / f"{module}.py").write_text(textwrap.dedent(source))
    monkeypatch.syspath_prepend(folder)
    return Registry(entry_points=[EntryPoint(name="acme", value=module, group="taskferry")], disabled="")


def test_taskferry_providers_registers_what_the_page_shows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The example on the page is run as it stands."""
    example = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)[0]

    found = plugged(example, tmp_path, monkeypatch)

    assert found.provider("acme") == Provider(
        name="acme", title="Acme Images", adapters={"v1": "taskferry_acme.adapter:AcmeAdapter"}
    )


def test_taskferry_engines_are_listed_by_scheme(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of them is imported yet."""
    found = plugged(
        """
        from taskferry import Engine, hookimpl

        @hookimpl
        def taskferry_engines(register):
            register(Engine(scheme="acmedb", factory="nowhere.at.all:Engine"))
        """,
        tmp_path,
        monkeypatch,
    )

    assert found.engines == {"acmedb": Engine(scheme="acmedb", factory="nowhere.at.all:Engine")}


class Greets:
    """A plugin with a command of its own."""

    @hookimpl
    def taskferry_commands(self, group: click.Group) -> None:
        """Add `greet`, and try to take `list` over."""
        group.add_command(click.Command("greet", callback=lambda: click.echo("hello")))
        group.add_command(click.Command("list", callback=lambda: click.echo("mine now")))


class Stumbles:
    """A plugin whose hook raises."""

    @hookimpl
    def taskferry_commands(self, group: click.Group) -> None:
        """Fail."""
        raise RuntimeError(f"no commands for {group.name}")


@pytest.fixture
def group(monkeypatch: pytest.MonkeyPatch) -> LazyGroup:
    """Give a command group beside two plugins, one of them broken."""
    registry = Registry(entry_points=[], disabled="")
    registry.manager.register(Greets(), "greets")
    registry.manager.register(Stumbles(), "stumbles")
    monkeypatch.setattr("taskferry.registry.Registry", lambda: registry)
    return LazyGroup("taskferry")


def test_taskferry_commands_adds_commands_and_replaces_none(
    group: LazyGroup, capsys: pytest.CaptureFixture[str]
) -> None:
    """One broken plugin does not take the others' commands away."""
    context = click.Context(group)

    greet, own = group.get_command(context, "greet"), group.get_command(context, "list")

    assert greet is not None
    assert greet.name == "greet"
    assert own is not None
    assert getattr(own.callback, "__module__", None) == "taskferry.cli.commands.list"
    assert "stumbles cannot be used: no commands for taskferry" in capsys.readouterr().err


class Observer:
    """A plugin that remembers what it was told."""

    def __init__(self, *, fails: bool = False) -> None:
        self.changes: list[Change] = []
        self.fails = fails

    @hookimpl
    def taskferry_task_changed(self, change: Change) -> None:
        """Remember, or fail."""
        if self.fails:
            raise RuntimeError("the observer stumbled")
        self.changes.append(change)


def published(task: Watched, snapshot: Snapshot, *plugins: Any) -> None:
    """Publish a snapshot as the engine does once it has kept it."""
    registry = Registry(entry_points=[], disabled="")
    for plugin in plugins:
        registry.manager.register(plugin)
    books = Books(None, None, registry, SystemClock())  # type: ignore[arg-type]  # nothing is written here
    before = task.record
    books.publish(task, evolve(before, snapshot=snapshot, version=before.version + 1), before.snapshot)


@pytest.fixture
def task() -> Watched:
    row = record(Status.QUEUED, looked_at=10.0)
    return Watched(row, Flight(row, Durations(Typical(median=1, slow=2)), Deadlines(), foreign=False, now=0.0))


def test_taskferry_task_changed_hears_of_each_change(task: Watched) -> None:
    """With the task before and after it."""
    observer, before = Observer(), task.snapshot
    after = evolve(before, status=Status.RUNNING)

    published(task, after, observer)

    assert observer.changes == [Change(before=before, after=after)]


@pytest.mark.parametrize("news", [{}, {"looked_at": 40.0}, {"looked_at": 40.0, "raw": b"{}"}], ids=str)
def test_taskferry_task_changed_hears_of_no_unchanged_look(task: Watched, news: dict[str, Any]) -> None:
    """That somebody looked is not news."""
    observer = Observer()

    published(task, evolve(task.snapshot, **news), observer)

    assert observer.changes == []
    assert task.snapshot == evolve(task.snapshot, **news)


@pytest.mark.parametrize("order", [1, -1])
def test_taskferry_task_changed_reaches_the_others_when_one_observer_fails(
    task: Watched, order: int, caplog: pytest.LogCaptureFixture
) -> None:
    """The fault is logged, and the task goes on."""
    sound, broken = Observer(), Observer(fails=True)

    with caplog.at_level(logging.WARNING, "taskferry"):
        published(task, evolve(task.snapshot, progress=0.5), *[sound, broken][::order])

    assert task.snapshot.progress == 0.5
    assert "the observer stumbled" in caplog.text
    assert len(sound.changes) == 1
