"""What an error of httpx means: only a failed connect proves that nothing was received."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from taskferry.errors import MalformedReply, NotSent, ReplyLost, WireError
from taskferry.text import clean

HTTPX_ERRORS = (httpx.HTTPError, httpx.InvalidURL, httpx.CookieConflict, httpx.StreamError)
"""All families of errors that httpx has."""


def wire_error(error: Exception, what: str) -> WireError:
    """Translate any error of httpx; only a failed connect proves that nothing was received."""
    what = clean(what, 300)
    # What h11 refuses to send it quotes, headers and all.
    shown = not isinstance(error, httpx.LocalProtocolError)
    detail = (clean(error, 200) if shown else "") or type(error).__name__
    if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout):
        return NotSent(f"{what}: could not connect ({detail}).")
    if isinstance(error, httpx.DecodingError | httpx.TooManyRedirects):
        return MalformedReply(f"{what}: {detail}.")
    return ReplyLost(f"{what}: the reply was lost ({type(error).__name__}: {detail}).")


@contextmanager
def translated(what: str) -> Iterator[None]:
    """Raise what httpx raises inside as a WireError of ours."""
    try:
        yield
    except HTTPX_ERRORS as error:
        raise wire_error(error, what) from None  # httpx's own error carries the request, and so the key
