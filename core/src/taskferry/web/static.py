"""Style sheets and scripts, read once at the start and served from memory."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Iterator, Mapping
from importlib.resources import files
from importlib.resources.abc import Traversable

from attrs import frozen
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from taskferry.vendor import model_viewer

_TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
_MODEL_VIEWER = "model-viewer.js"
_FOR_EVER = "public, max-age=31536000, immutable"
_ASK_AGAIN = "no-cache"


@frozen(kw_only=True)
class Asset:
    """One file."""

    content: bytes
    """Compressed."""
    media_type: str
    version: str


class Static:
    """Every file that pages name."""

    def __init__(self) -> None:
        """Read them all."""
        read = {name: gzip.compress(entry.read_bytes(), mtime=0) for name, entry in _found(files(__package__), "")}
        read[_MODEL_VIEWER] = model_viewer()
        self._assets: Mapping[str, Asset] = {
            name: Asset(
                content=content,
                media_type=_TYPES[name[name.rindex(".") :]],
                version=hashlib.sha256(content).hexdigest()[:12],
            )
            for name, content in read.items()
        }

    def url(self, name: str) -> str:
        """Give an address that changes with the file, so that browsers keep it for ever."""
        asset = self._assets.get(name)
        return f"/static/{name}" if asset is None else f"/static/{name}?v={asset.version}"

    async def serve(self, request: Request) -> Response:
        """Answer a request for a file."""
        asset = self._assets.get(request.path_params["name"])
        if asset is None:
            return PlainTextResponse("There is no such file.", status_code=404)
        tag = f'"{asset.version}"'
        lasting = request.query_params.get("v") == asset.version
        headers = {"cache-control": _FOR_EVER if lasting else _ASK_AGAIN, "etag": tag, "vary": "accept-encoding"}
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers=headers)
        content = asset.content
        if "gzip" in request.headers.get("accept-encoding", ""):
            headers["content-encoding"] = "gzip"
        else:
            content = gzip.decompress(content)
        return Response(content, media_type=asset.media_type, headers=headers)


def _found(folder: Traversable, before: str) -> Iterator[tuple[str, Traversable]]:
    for entry in folder.joinpath("static").iterdir() if not before else folder.iterdir():
        name = f"{before}{entry.name}"
        if entry.is_dir():
            yield from _found(entry, f"{name}/")
        elif name.endswith(tuple(_TYPES)):
            yield name, entry
