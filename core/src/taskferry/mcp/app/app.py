"""Offers the viewer as a `ui://` resource of the MCP Apps extension."""

from __future__ import annotations

import gzip
import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from mcp.server.apps import APP_MIME_TYPE, Apps, ResourceCsp
from mcp.server.mcpserver.resources import FunctionResource

from taskferry.vendor import model_viewer

VIEWER_URI = "ui://taskferry/viewer.html"
VIEWER_META: Mapping[str, Any] = MappingProxyType({"ui": {"resourceUri": VIEWER_URI, "visibility": ["model", "app"]}})
"""The `_meta` of a tool whose result is one task: hosts that know MCP Apps then show it in the viewer."""

_NO_NETWORK = ResourceCsp(connect_domains=[], resource_domains=[], frame_domains=[], base_uri_domains=[])
_RESOURCE_META = {"ui": {"csp": _NO_NETWORK.model_dump(by_alias=True), "prefersBorder": True}}
_PART = re.compile(r"/\*([a-z-]+(?:\.[a-z]+)+)\*/")
_LIBRARY = "model-viewer.min.js"


def extension() -> Apps:
    """Give the extension that serves the viewer; tools are bound to it by VIEWER_META."""
    apps = Apps()
    apps.add_resource(
        FunctionResource(
            fn=page,
            uri=VIEWER_URI,
            name="viewer",
            title="Task viewer",
            description="Shows a task's progress, then its image, video, sound or 3D model, its cost and its files.",
            mime_type=APP_MIME_TYPE,
            meta=_RESOURCE_META,
        )
    )
    return apps


@cache
def page() -> str:
    """Give the viewer as one HTML document with every style and script in it; it asks nothing of the network."""
    folder = files(__package__)
    return _PART.sub(lambda part: _source(part[1]), folder.joinpath("viewer.html").read_text("utf-8"))


def _source(name: str) -> str:
    if name == _LIBRARY:
        return gzip.decompress(model_viewer()).decode()
    return files(__package__).joinpath(name).read_text("utf-8")
