"""Kept files: found by task and name, never by path, and only if they still are what was kept."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import FileResponse, Response

from taskferry.errors import ArtifactError
from taskferry.task import Artifact
from taskferry.text import clean
from taskferry.web.failing import failed
from taskferry.web.policy import FILE_POLICY
from taskferry.web.state import state_of
from taskferry.web.views import INLINE

_FOR_EVER = "private, max-age=31536000, immutable"
_ASK_AGAIN = "private, no-cache"
_PLAIN = "application/octet-stream"
_REMEMBERED = 4096

_Mark = tuple[int, int, int, int]
_sums: dict[Path, tuple[_Mark, str]] = {}
"""By path, what a file's sum was when it last changed: a film is asked for in many parts and read through once."""


async def file(request: Request) -> Response:
    """Serve one file, whole or in parts."""
    ferry = state_of(request).ferry
    record = await ferry.engine.call(ferry.ledger.get, request.path_params["id"])
    name = request.path_params["name"]
    artifact = next((one for one in record.snapshot.artifacts if one.name == name), None)
    if artifact is None:
        return failed(request, f"Task {record.id} has no result {clean(name, 100)!r}.", 404)
    try:
        path = await asyncio.to_thread(_proven, artifact)
    except ArtifactError as error:
        return failed(request, str(error), 410)
    headers = _headers(request, artifact, path)
    if request.headers.get("if-none-match") == headers["etag"]:
        return Response(status_code=304, headers=headers)
    return FileResponse(path, media_type=_type(artifact), headers=headers)


def _type(artifact: Artifact) -> str:
    return artifact.media_type or _PLAIN


def _headers(request: Request, artifact: Artifact, path: Path) -> Mapping[str, str]:
    """Let browsers show what they can show and nothing can run in; all else is saved."""
    asked = "download" in request.query_params
    how = "inline" if _type(artifact) in INLINE and not asked else "attachment"
    lasting = request.query_params.get("v") == (artifact.sha256 or "")[:12]
    return {
        "content-disposition": f"{how}; filename*=utf-8''{quote(path.name)}",
        "content-security-policy": FILE_POLICY,
        "cache-control": _FOR_EVER if lasting else _ASK_AGAIN,
        "etag": f'"{artifact.sha256}"',
    }


def _proven(artifact: Artifact) -> Path:
    """Give the path of a kept file; raise ArtifactError for one that is gone or was changed. Blocks."""
    path, name = artifact.path, clean(artifact.name, 100)
    if path is None:
        state = "was removed since" if artifact.removed else "is not kept yet"
        raise ArtifactError(f"{name} {state}.")
    try:
        found = path.stat()
        mark = (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns)
        known = _sums.get(path)
        if known is None or known[0] != mark:
            with path.open("rb") as content:
                known = (mark, hashlib.file_digest(content, "sha256").hexdigest())
            while len(_sums) >= _REMEMBERED:
                _sums.pop(next(iter(_sums)))
            _sums[path] = known
    except OSError as error:
        raise ArtifactError(f"{name} cannot be read: {error.strerror or error}. Download it again.") from error
    if known[1] != artifact.sha256:
        raise ArtifactError(f"{name} is not the file that was kept any more. Download it again.")
    return path
