"""Files made on demand, behind signed URLs that expire."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import re
import secrets
from collections import OrderedDict
from collections.abc import Callable

from attrs import frozen
from starlette.requests import Request
from starlette.responses import Response

from taskferry.sandbox.connection import CutReply
from taskferry.sandbox.jobs import Job

_KEPT = 32
_RANGE = re.compile(r"bytes=(\d+)-(\d*)")


@frozen
class Media:
    """The bytes of a file and what they are."""

    content: bytes
    media_type: str


class Files:
    """The files of one stand-in: signs their URLs, makes them when they are first asked for, keeps the last few."""

    def __init__(self, produce: Callable[[Job, str], Media]) -> None:
        self._produce = produce
        self._secret = secrets.token_bytes(32)
        self._made: OrderedDict[tuple[str, str], asyncio.Future[Media]] = OrderedDict()

    def query(self, job_id: str, name: str, expires: float) -> str:
        """Sign a file until `expires` (epoch seconds)."""
        return f"exp={int(expires)}&sig={self._signature(job_id, name, str(int(expires)))}"

    def valid(self, request: Request, job_id: str, name: str, now: float) -> bool:
        """Tell whether the URL was signed here and has not expired."""
        expires, signature = request.query_params.get("exp", ""), request.query_params.get("sig", "")
        signed = hmac.compare_digest(signature.encode(), self._signature(job_id, name, expires).encode())
        return signed and now < int(expires)

    async def media(self, job: Job, name: str) -> Media:
        """Make the file, or give the one made before; a second request waits for the first."""
        key = (job.id, name)
        if key not in self._made:
            self._made[key] = asyncio.ensure_future(asyncio.to_thread(self._produce, job, name))
            while len(self._made) > _KEPT:
                self._made.popitem(last=False)
        try:
            return await asyncio.shield(self._made[key])
        except Exception:  # whatever went wrong in making it is raised, and the next request tries again
            self._made.pop(key, None)
            raise

    def _signature(self, job_id: str, name: str, expires: str) -> str:
        return hmac.new(self._secret, f"{job_id}/{name}:{expires}".encode(), hashlib.sha256).hexdigest()


def expired_page() -> Response:
    """Answer as object stores do for a URL that is no longer signed."""
    return _error_page(403, "AccessDenied", "Request has expired")


def missing_page() -> Response:
    """Answer as object stores do for a file that is not there."""
    return _error_page(404, "NoSuchKey", "The specified key does not exist.")


def _error_page(status: int, code: str, message: str) -> Response:
    page = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code><Message>{message}</Message></Error>'
    return Response(page, status_code=status, media_type="application/xml")


def file_reply(request: Request, media: Media, *, cut: bool, short: bool) -> Response:
    """Serve a file or the asked part of it; `cut` drops the connection midway, `short` serves half as if all."""
    content = media.content[: len(media.content) // 2] if short else media.content
    headers = {"Accept-Ranges": "bytes"}
    if cut:
        return CutReply(content, media.media_type, headers)
    asked = _RANGE.fullmatch(request.headers.get("range", ""))
    if asked is None:
        return Response(content, media_type=media.media_type, headers=headers)
    first, last = int(asked[1]), min(int(asked[2] or len(content) - 1), len(content) - 1)
    if first > last:
        return Response(status_code=416, headers={"Content-Range": f"bytes */{len(content)}"})
    headers["Content-Range"] = f"bytes {first}-{last}/{len(content)}"
    return Response(content[first : last + 1], status_code=206, media_type=media.media_type, headers=headers)
