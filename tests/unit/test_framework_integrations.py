"""The integrations with agent frameworks as files: how long they are, and which versions they say that they know."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

import pytest

from sources import ROOT, name_of, tree_of
from taskferry.tools import require_version, versions

INTEGRATIONS = sorted(path.parent for path in ROOT.glob("contrib/frameworks/*/pyproject.toml"))
PINS = dict(
    line.split("==")
    for line in (ROOT / "contrib/frameworks/constraints.txt").read_text().splitlines()
    if not line.startswith("#")
)
NEEDS = re.compile(r"(?P<name>[\w-]+)>=(?P<least>[\d.]+),<(?P<below>[\d.]+)")


def needs_of(integration: Path) -> set[tuple[str, ...]]:
    """Give the frameworks that a distribution depends on, each with its bounds."""
    project = tomllib.loads((integration / "pyproject.toml").read_text())["project"]
    found = {NEEDS.fullmatch(text) for text in project["dependencies"]}
    return {match.groups() for match in found if match is not None and match["name"] != "taskferry"}


@pytest.mark.parametrize("integration", INTEGRATIONS, ids=name_of)
def test_an_integration_is_short(integration: Path) -> None:
    """At most 120 lines with something in them: what is longer belongs into the toolbox."""
    files = [*integration.rglob("src/**/*.py")]
    lines = [line for path in files for line in path.read_text("utf-8").splitlines() if line.strip()]

    assert 10 < len(lines) <= 120


@pytest.mark.parametrize("integration", INTEGRATIONS, ids=name_of)
def test_an_integration_checks_the_versions_that_it_depends_on(integration: Path) -> None:
    """When it is imported, by the bounds that pip knows."""
    (package,) = integration.glob("src/*/__init__.py")

    checked = {
        tuple(ast.literal_eval(argument) for argument in node.args)
        for node in ast.walk(tree_of(package))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "require_version"
    }

    assert checked == needs_of(integration)


@pytest.mark.parametrize("integration", INTEGRATIONS, ids=name_of)
def test_the_guide_names_the_versions_tested(integration: Path) -> None:
    """As they are pinned."""
    guide = (ROOT / "core/docs/frameworks.md").read_text("utf-8")

    missing = [name for name, *_ in needs_of(integration) if f"{name} {PINS[name]}" not in guide]

    assert missing == []


@pytest.mark.parametrize("found", ["2.1", "2.1.0", "2.9.9", "2.10rc1", "2.1.post2"])
def test_a_version_between_the_bounds_is_taken(found: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The lower bound is one of them."""
    monkeypatch.setattr(versions, "version", lambda _: found)

    assert require_version("loom", "2.1", "3") is None


@pytest.mark.parametrize(
    ("found", "words"),
    [
        ("2.0.9", "loom 2.0.9 is too old, 2.1 is needed."),
        ("3.0.0", "loom 3.0.0 is too new, below 3 is known."),
        ("3.0.0rc1", "loom 3.0.0rc1 is too new, below 3 is known."),
    ],
)
def test_another_version_is_named_with_the_remedy(found: str, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Instead of an AttributeError somewhere within."""
    monkeypatch.setattr(versions, "version", lambda _: found)

    with pytest.raises(ImportError) as caught:
        require_version("loom", "2.1", "3")

    assert str(caught.value) == f"{words} Install one that fits: pip install 'loom>=2.1,<3'"


def test_a_missing_framework_is_named_with_the_remedy() -> None:
    """The integration alone was installed."""
    with pytest.raises(ImportError, match=r"no-such-loom is not installed\. .* pip install 'no-such-loom>=2,<3'"):
        require_version("no-such-loom", "2", "3")
