"""Writes a planned change: the old file is kept beside the new one, and readers see either, never a half."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from taskferry.errors import UsageError
from taskferry.mcp.install.plan import Plan


def write(plan: Plan) -> Path | None:
    """Write the file; give where the old one was copied to, if there was one. Raise UsageError if it changed meanwhile.

    A link stays a link, and the file keeps its mode.
    """
    path = plan.path.resolve()
    present = path.read_text("utf-8") if path.exists() else None
    if present != plan.before:
        raise UsageError(f"{path} was changed in the meantime. Nothing was written: run the command again.")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        backup = None if present is None else _copied(path)
        _replace(path, plan.after)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror or error}. The old file is as it was.") from error
    return backup


def _copied(path: Path) -> Path:
    """Copy a file beside itself under a name that is free."""
    number = 1
    while (backup := path.with_name(f"{path.name}.backup-{number}")).exists():
        number += 1
    shutil.copy2(path, backup)
    return backup


def _replace(path: Path, text: str) -> None:
    descriptor, made = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    temporary = Path(made)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
            file.write(text)
        if path.exists():
            shutil.copymode(path, temporary)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
