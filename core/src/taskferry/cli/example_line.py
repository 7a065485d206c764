"""An operation's own example as a line that can be pasted."""

from __future__ import annotations

import json
import re
import shlex
from typing import Any

from taskferry.operation import Operation

_PLAIN = re.compile(r"[\w./:+-]+")


def example_line(operation: Operation, verb: str = "run") -> str:
    """Give the command line of the operation's own small example."""
    return " ".join(["taskferry", verb, operation.name, *(_pair(*item) for item in operation.example.items())])


def _pair(key: str, value: Any) -> str:
    if isinstance(value, bool):
        return f"{key}={'yes' if value else 'no'}"
    if isinstance(value, str):
        return f"{key}={value}" if _PLAIN.fullmatch(value) else f"{key}={_quoted(value)}"
    if isinstance(value, int | float):
        return f"{key}={value}"
    return f"{key}:={shlex.quote(json.dumps(value))}"


def _quoted(text: str) -> str:
    return shlex.quote(text) if re.search(r'["$`\\!]', text) else f'"{text}"'
