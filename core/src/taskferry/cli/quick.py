"""Answers `list` and `status` as scripts and prompts call them, in the time that Python itself takes to start."""

from __future__ import annotations

import os
import time

from taskferry.cli import showing
from taskferry.ledger.glance import UNUSUAL, Glance
from taskferry.ledger.schema import FILE
from taskferry.settings import home_folder, shared_ledger

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


def answer(given: list[str]) -> int | None:
    """Answer from the ledger as it lies there; None for a line, or a ledger, that needs the whole command."""
    name, *rest = given
    as_json = "--json" in rest
    plain = [one for one in rest if one != "--json"]
    asked = _ASKED[name](plain)
    if shared_ledger(os.environ):
        return None
    home = home_folder()
    if asked is None or not (home / FILE).exists():
        return _nothing(as_json) if asked is not None and name == "list" else None
    try:
        glance = Glance(home)
        try:
            records = asked(glance)
            watched = {record.id for record in records if glance.is_watched(record)}
        finally:
            glance.close()
    except UNUSUAL:
        return None
    if name == "list":
        limit = int(plain[1]) if plain else showing.ROWS
        return showing.show_list(records, watched, time.time(), as_json=as_json, limit=limit)
    return showing.show_status(records[0], time.time(), watched=bool(watched), as_json=as_json)


def _nothing(as_json: bool) -> int:
    return showing.show_list([], set(), time.time(), as_json=as_json)


def _newest(rest: list[str]) -> Callable[[Glance], list[Any]] | None:
    if not rest:
        return lambda glance: glance.newest(showing.ROWS)
    if len(rest) == 2 and rest[0] == "--limit" and rest[1].isascii() and rest[1].isdigit() and 0 < len(rest[1]) < 10:
        return (lambda glance: glance.newest(int(rest[1]))) if int(rest[1]) else None
    return None


def _one(rest: list[str]) -> Callable[[Glance], list[Any]] | None:
    if len(rest) != 1 or not rest[0].isalnum() or len(rest[0]) < showing.SHORTEST:
        return None
    return lambda glance: [glance.beginning(rest[0].lower())]


_ASKED = {"list": _newest, "status": _one}
