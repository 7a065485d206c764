"""The public names as Markdown: signatures, fields and docstrings, from the source of the modules they live in."""

from __future__ import annotations

import ast
import importlib
import inspect
from collections.abc import Iterator, Sequence

import taskferry

GROUPS = {
    "Ferry and tasks": "ferry handle task status operation cost spend poller.deadlines ledger.record",
    "Errors and failures": "errors failures",
    "Providers": "adapter call reply cards parameters registry hookspecs text",
    "MCP profiles": "mcp.profile",
}
"""The names of `taskferry` itself, by the rooms they live in; a room that is not named comes under the first."""

MODULES = ("taskferry.sync", "taskferry.tools", "taskferry.testing", "taskferry.testing.fixtures")
"""What else is public and documented name by name."""

_WIDTH = 110
_Definition = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def reference() -> str:
    """Write every public name with what it takes, has and does."""
    rooms = {room: title for title, names in GROUPS.items() for room in names.split()}
    grouped: dict[str, list[str]] = {title: [] for title in GROUPS}
    for name in taskferry.__all__:
        grouped[rooms.get(taskferry._HOMES[name], next(iter(GROUPS)))].append(name)
    lines: list[str] = []
    for title, names in grouped.items():
        lines += [f"## taskferry: {title}", ""]
        for name in sorted(names, key=str.lower):
            lines += _entry(f"taskferry.{taskferry._HOMES[name]}", name)
    for module in MODULES:
        text = inspect.getdoc(importlib.import_module(module)) or ""
        lines += [f"## {module}", "", text.partition("\n\n")[0], ""]
        for name in public_names(module):
            lines += _entry(module, name)
    return "\n".join(lines)


def public_names(module: str) -> Sequence[str]:
    """Give what a module offers: its `__all__`, or what it defines without an underscore."""
    listed: Sequence[str] | None = getattr(importlib.import_module(module), "__all__", None)
    if listed is not None:
        return sorted(listed, key=str.lower)
    return [node.name for node in _tree(module).body if isinstance(node, _Definition) and not node.name.startswith("_")]


def _entry(module: str, name: str) -> Iterator[str]:
    yield from (f"### {name}", "")
    node, text = _found(module, name)
    if isinstance(node, ast.ClassDef):
        yield from _class(node)
    elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        yield from (*_code(_signature(node)), *_text(node))
    elif node is not None:
        yield from (*_code(ast.unparse(node)), text, "")


def _found(module: str, name: str) -> tuple[ast.stmt | None, str]:
    """Give the statement that defines a name, followed through imports, and the text under it if it is a value."""
    body = _tree(module).body
    for node, after in zip(body, [*body[1:], ast.Pass()], strict=True):
        if isinstance(node, _Definition) and node.name == name:
            return node, ""
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        if any(isinstance(target, ast.Name) and target.id == name for target in targets):
            return node, _string(after)
    for node in ast.walk(_tree(module)):
        if isinstance(node, ast.ImportFrom) and any(alias.name == name for alias in node.names):
            return _found(str(node.module), name)
    raise LookupError(f"{module} has no {name}")


def _tree(module: str) -> ast.Module:
    return ast.parse(inspect.getsource(importlib.import_module(module)))


def _class(node: ast.ClassDef) -> Iterator[str]:
    bases = [ast.unparse(base) for base in node.bases]
    start = next((one for one in node.body if isinstance(one, ast.FunctionDef) and one.name == "__init__"), None)
    head = _signature(start, node.name) if start else f"{node.name}({', '.join(bases)})" if bases else ""
    yield from (*(_code(head) if head else ()), *_text(node), *(_text(start) if start else ()))
    yield from _fields(node)
    for method in node.body:
        if isinstance(method, ast.FunctionDef | ast.AsyncFunctionDef) and not method.name.startswith("_"):
            yield from (*_code(_signature(method)), *_text(method))


def _fields(node: ast.ClassDef) -> Iterator[str]:
    rows = []
    for field, after in zip(node.body, [*node.body[1:], ast.Pass()], strict=True):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
            name, kind = field.target.id, ast.unparse(field.annotation)
        elif isinstance(field, ast.Assign) and isinstance(field.targets[0], ast.Name):
            name, kind = field.targets[0].id, ast.unparse(field.value)
        else:
            continue
        if not name.startswith("_"):
            rows.append(f"| `{name}` | `{kind.replace(' | ', ' or ')}` | {_string(after).replace('|', '&#124;')} |")
    if rows:
        yield from ("| name | type or value | |", "|---|---|---|", *rows, "")


def _signature(node: ast.FunctionDef | ast.AsyncFunctionDef, name: str = "") -> str:
    """Write a call, `self` left out, on several lines where one would be long."""
    decorators = {ast.unparse(decorator) for decorator in node.decorator_list}
    if "property" in decorators:
        return f"{node.name}: {ast.unparse(node.returns) if node.returns else 'Any'}"
    given = [part for part in _parts(node.args) if part not in ("self", "cls")]
    given = given[1:] if given[:1] == ["/"] else given
    before = "await " if isinstance(node, ast.AsyncFunctionDef) else ""
    returns = f" -> {ast.unparse(node.returns)}" if node.returns and not name else ""
    line = f"{before}{name or node.name}({', '.join(given)}){returns}"
    if len(line) <= _WIDTH:
        return line
    return f"{before}{name or node.name}(\n" + "".join(f"    {part},\n" for part in given) + f"){returns}"


def _parts(arguments: ast.arguments) -> Iterator[str]:
    plain = [*arguments.posonlyargs, *arguments.args]
    defaults: list[ast.expr | None] = [None] * (len(plain) - len(arguments.defaults)) + list(arguments.defaults)
    for place, (one, default) in enumerate(zip(plain, defaults, strict=True), 1):
        yield _part(one, default)
        if place == len(arguments.posonlyargs):
            yield "/"
    if arguments.vararg:
        yield f"*{_part(arguments.vararg, None)}"
    elif arguments.kwonlyargs:
        yield "*"
    yield from (_part(one, default) for one, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True))
    if arguments.kwarg:
        yield f"**{_part(arguments.kwarg, None)}"


def _part(one: ast.arg, default: ast.expr | None) -> str:
    kind = f": {ast.unparse(one.annotation)}" if one.annotation else ""
    given = "" if default is None else f"{' = ' if kind else '='}{ast.unparse(default)}"
    return f"{one.arg}{kind}{given}"


def _code(text: str) -> list[str]:
    return ["```py", text, "```", ""]


def _text(node: _Definition) -> list[str]:
    text = ast.get_docstring(node)
    return [text, ""] if text else []


def _string(node: ast.stmt) -> str:
    """Give the text of a statement that is nothing but one, on a line."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
        return " ".join(node.value.value.split())
    return ""
