"""The workspace as text and syntax trees, for the tests of its own rules."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
CORE = ROOT / "core/src/taskferry"
PROVIDERS = sorted(folder.name for folder in (ROOT / "plugins").iterdir() if (folder / "pyproject.toml").is_file())


def python_files(*places: str) -> list[Path]:
    """List the Python files below some folders of the workspace."""
    return sorted(path for place in places for path in (ROOT / place).rglob("*.py"))


def outside_core() -> list[Path]:
    """List the shipped Python files of every distribution but core."""
    return [path for path in python_files("plugins", "contrib") if "tests" not in path.parts]


def name_of(path: Path) -> str:
    """Give a path as people of the workspace know it."""
    return path.relative_to(ROOT).as_posix()


@cache
def tree_of(path: Path) -> ast.Module:
    """Parse a file, once."""
    return ast.parse(path.read_text("utf-8"), str(path))


@cache
def nodes_of(path: Path) -> tuple[ast.AST, ...]:
    """List what a file's tree is made of, once."""
    return tuple(ast.walk(tree_of(path)))


@cache
def imports(path: Path) -> tuple[tuple[int, str, str | None], ...]:
    """List every import of a file, at whatever depth, as line, module and name (None for a whole module)."""
    return tuple(_imports(path))


def _imports(path: Path) -> Iterator[tuple[int, str, str | None]]:
    for node in nodes_of(path):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name, None
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            if node.level:
                package = package_of(path).split(".")
                module = ".".join([*package[: len(package) - node.level + 1], *module.split(".")]).rstrip(".")
            for alias in node.names:
                yield node.lineno, module, alias.name


def package_of(path: Path) -> str:
    """Give the dotted name of the package that a file of a distribution lies in."""
    parts = path.parts[path.parts.index("src") + 1 : -1] if "src" in path.parts else ()
    return ".".join(parts)


def tracked_files() -> list[Path]:
    """List the files of the workspace that git keeps or would keep; none where this is not a checkout."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"], cwd=ROOT, capture_output=True
    )
    names = listed.stdout.decode().split("\0") if listed.returncode == 0 else []
    return [ROOT / name for name in names if name and (ROOT / name).is_file()]
