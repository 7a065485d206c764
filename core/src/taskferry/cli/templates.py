"""The templates that installed distributions bring, and how a distribution is made of one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib import metadata, resources
from pathlib import Path

from taskferry.errors import UnknownName, UsageError

GROUP = "taskferry.templates"
"""Entry points named like a folder of the package they point to; the folder holds a copier template."""
LONGEST = 40
"""Characters of a provider's name, as in a card."""
_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_TITLE = re.compile(r"[^\x00-\x1f\x7f\"\\{}]{1,80}")


def checked_name(name: str) -> str:
    """Give a provider's name as it is; raise UsageError that says what one may look like."""
    if not _NAME.fullmatch(name) or len(name) > LONGEST:
        raise UsageError(
            f"{name!r} cannot be a provider's name: it is small letters, digits and single dashes between them, begins "
            f"with a letter and has at most {LONGEST} characters, as acme or open-videos."
        )
    if name.startswith("taskferry"):
        raise UsageError(f"{name!r} cannot be a provider's name: say it without taskferry, which is put before it.")
    return name


def checked_title(title: str) -> str:
    """Give a provider's title as it is; raise UsageError that says what one may look like."""
    if not _TITLE.fullmatch(title) or not title.strip():
        raise UsageError(
            f'{title!r} cannot be a title: it is one line of at most 80 characters, none of them " \\ {{ }}.'
        )
    return title


def templates() -> Mapping[str, metadata.EntryPoint]:
    """Give the installed templates by name."""
    return {point.name: point for point in metadata.entry_points(group=GROUP)}


def template_named(name: str, install: str) -> metadata.EntryPoint:
    """Find a template; raise UsageError with what to `install` where there is none at all."""
    found = templates()
    if not found:
        raise UsageError(f"No template is installed: run `{install}`.")
    if name not in found:
        raise UnknownName("template", name, list(found), f"There are: {', '.join(sorted(found))}.")
    return found[name]


def render(template: metadata.EntryPoint, folder: Path, answers: Mapping[str, object]) -> list[Path]:
    """Make a distribution in a folder that is not there yet, or is empty; give its files, by their names.

    Raise UsageError if the folder cannot be used.
    """
    from copier import run_copy  # only here: it is large, and an extra

    try:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise UsageError(f"{folder} is there already, and nothing is overwritten: choose another --out.")
        folder.mkdir(parents=True, exist_ok=True)
        with resources.as_file(resources.files(template.module).joinpath(template.name)) as source:
            run_copy(str(source), folder, data=dict(answers), defaults=True, quiet=True)
    except OSError as error:
        raise UsageError(f"{folder} cannot be written: {error.strerror}.") from error
    return sorted(path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
