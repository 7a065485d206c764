"""Files inside of JSON bodies: checked before a call is promised, read and encoded while it is sent."""

from __future__ import annotations

import asyncio
import base64
import json
from typing import Any

from taskferry.call import Call, InlineFile
from taskferry.errors import NotSent, UsageError
from taskferry.media import media_type_of

AT_MOST = 20 * 1024 * 1024
"""Bytes of all files of one call together, before they are encoded."""


def inline_files(body: Any) -> list[InlineFile]:
    """Find the files in a body."""
    found: list[InlineFile] = []
    waiting = [body]
    while waiting:
        value = waiting.pop()
        if isinstance(value, InlineFile):
            found.append(value)
        elif isinstance(value, dict):
            waiting.extend(value.values())
        elif isinstance(value, list | tuple):
            waiting.extend(value)
    return found


def check_inline(call: Call) -> None:
    """Raise UsageError for files in a call's body that cannot be read or are too large."""
    total = 0
    for file in inline_files(call.json):
        try:
            total += file.path.stat().st_size
        except OSError as error:
            raise UsageError(f"{file.path} cannot be read: {error.strerror}.") from error
        if total > AT_MOST:
            raise UsageError(
                f"{file.path} cannot be sent inside of a request: with it, the files have {total:,} bytes, and at most "
                f"{AT_MOST:,} can travel so. Give a smaller file, or the address of one where the provider takes that."
            )


async def encoded(call: Call) -> bytes:
    """Give a body with its files in it; raise NotSent where one changed or went away since it was checked."""
    try:
        check_inline(call)
        return await asyncio.to_thread(_encoded, call.json)
    except (UsageError, OSError) as error:
        raise NotSent(f"Nothing was sent: {error}") from error


def _encoded(body: Any) -> bytes:
    return json.dumps(body, default=_text, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def _text(value: object) -> str:
    if not isinstance(value, InlineFile):
        raise TypeError(f"{type(value).__name__} is not JSON")
    plain = base64.b64encode(value.path.read_bytes()).decode("ascii")
    if value.form == "base64":
        return plain
    return f"data:{value.media_type or media_type_of(value.path.name) or 'application/octet-stream'};base64,{plain}"
