"""Values of options that people half remember: names among a few, and moments."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import click
from click.shell_completion import CompletionItem

from taskferry.errors import UnknownName

_AGO = re.compile(r"([0-9]{1,6}) *(s|m|min|h|d|w)(?: ago)?")
_SECONDS = {"s": 1, "m": 60, "min": 60, "h": 3600, "d": 86400, "w": 7 * 86400}


class Among(click.ParamType[Any]):
    """One name among some, or several parted by commas; another one is answered with the nearest."""

    name = "name"

    def __init__(self, what: str, names: Iterable[str], *, many: bool = False) -> None:
        self._what = what
        self._names = tuple(str(name) for name in names)
        self._many = many

    def convert(
        self,
        value: str | tuple[str, ...],
        param: click.Parameter | None,  # noqa: ARG002 -- click's
        ctx: click.Context | None,  # noqa: ARG002 -- click's
    ) -> str | tuple[str, ...]:
        """Give the name, or a tuple of them; raise UnknownName."""
        if isinstance(value, tuple):
            return value
        given = [part.strip().lower() for part in value.split(",")] if self._many else [value.strip().lower()]
        for one in given:
            if one not in self._names:
                raise UnknownName(self._what, one, self._names, f"There are: {', '.join(self._names)}.")
        return tuple(given) if self._many else given[0]

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:  # noqa: ARG002 -- click's
        """Complete the last name."""
        done, comma, last = incomplete.rpartition(",")
        return [CompletionItem(f"{done}{comma}{name}") for name in self._names if name.startswith(last)]


def moment(_: click.Context, param: click.Parameter, text: str | None) -> float | None:
    """Read `2h`, `7d` or a date, with a time or without, as epoch seconds; a date is meant in local time."""
    if text is None:
        return None
    ago = _AGO.fullmatch(text.strip().lower())
    if ago is not None:
        return time.time() - int(ago[1]) * _SECONDS[ago[2]]
    try:
        return datetime.fromisoformat(text.strip()).astimezone().timestamp()
    except (ValueError, OverflowError):
        raise click.BadParameter(
            f"{text!r} is no moment: write 2h, 7d, 2026-11-21 or 2026-11-21T14:00.", param=param
        ) from None
