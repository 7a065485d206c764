"""What is installed of the optional parts, and how to get the rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from types import MappingProxyType

from taskferry.errors import UsageError

EXTRAS: Mapping[str, tuple[str, Sequence[str]]] = MappingProxyType(
    {
        "fast": ("looks at thousands of jobs at once", ("pyreqwest",)),
        "mcp": ("`taskferry mcp`, for agents", ("mcp",)),
        "ui": ("`taskferry ui`, in the browser", ("jinja2", "python_multipart", "starlette", "uvicorn")),
        "sandbox": (
            "`taskferry demo` and `taskferry sandbox`",
            ("starlette", "uvicorn", "PIL", "av", "trimesh", "numpy"),
        ),
        "worker": ("health and metrics of `taskferry worker`", ("prometheus_client", "starlette", "uvicorn")),
        "author": ("`taskferry plugin new`", ("copier",)),
        "keyring": ("`taskferry login`, keys in the system's keyring", ("keyring",)),
        "otel": ("traces and metrics", ("opentelemetry",)),
    }
)
"""What each extra is for, and the modules that show whether it is installed."""


def missing(extra: str) -> list[str]:
    """Name the modules that an extra lacks."""
    return [module for module in EXTRAS[extra][1] if find_spec(module) is None]


def install_line(extra: str) -> str:
    """Give the command that installs an extra."""
    return f"pip install 'taskferry[{extra}]'"


def need(extra: str) -> None:
    """Raise UsageError with what to install, unless an extra is there."""
    lacking = missing(extra)
    if lacking:
        raise UsageError(f"This needs {', '.join(lacking)}: run `{install_line(extra)}`.")
