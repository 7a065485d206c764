"""Writes the generated parts of the documentation in place; `--check` shows what would change and exits with 1."""

from __future__ import annotations

import difflib
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

from api_pages import reference
from card_pages import card_operations, cards
from command_pages import commands, exit_codes
from operation_pages import operations
from settings_pages import metrics, settings
from word_pages import error_tree, failure_kinds, operation_document, statuses, task_document

ROOT = Path(__file__).parents[2]
PARTS: Mapping[str, Mapping[str, Callable[[], str]]] = {
    "core/docs/cli.md": {
        "commands": commands,
        "task document": task_document,
        "operation document": operation_document,
        "exit codes": exit_codes,
    },
    "core/docs/configuration.md": {"settings": settings},
    "core/docs/observability.md": {"metrics": metrics},
    "core/docs/python.md": {"statuses": statuses, "errors": error_tree, "failure kinds": failure_kinds},
    "core/docs/reference.md": {"reference": reference},
    "plugins/vap/README.md": {"operations": partial(operations, "vap")},
    "plugins/tripo/README.md": {"operations": partial(operations, "tripo")},
    "contrib/providers/README.md": {"cards": cards},
    "contrib/providers/operations.md": {"operations": card_operations},
}
"""What is generated, by page and by the name in its markers."""


def renewed(text: str, parts: Mapping[str, Callable[[], str]]) -> str:
    """Give a page with each part between its markers written anew; raise ValueError if a part has no markers."""
    for name, write in parts.items():
        start, end = f"<!-- generated: {name} -->", f"<!-- end of {name} -->"
        between = re.compile(f"{re.escape(start)}\n.*?{re.escape(end)}", re.DOTALL)
        if len(between.findall(text)) != 1:
            raise ValueError(f"The page has to have {start!r} and {end!r} once, each on a line of its own.")
        body = f"{start}\n<!-- by `make docs`; what is changed by hand here is lost -->\n\n{write().strip()}\n\n{end}"
        text = between.sub(lambda _, body=body: body, text)
    return text


def main(arguments: Sequence[str]) -> int:
    """Renew every page, or compare them with `--check`; give the exit code."""
    checking = "--check" in arguments
    changed = False
    for name, parts in PARTS.items():
        path = ROOT / name
        before = path.read_text("utf-8")
        after = renewed(before, parts)
        changed |= after != before
        if checking:
            print(
                "\n".join(difflib.unified_diff(before.splitlines(), after.splitlines(), name, "generated", lineterm=""))
            )
        elif after != before:
            path.write_text(after, "utf-8")
            print(f"{name} written anew")
    return int(checking and changed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
