"""The server over streamable HTTP: who may connect, from where, and how it stops."""

from __future__ import annotations

from taskferry.mcp.http.oauth import OAuth
from taskferry.mcp.http.options import HttpOptions
from taskferry.mcp.http.serving import application, serve_http
from taskferry.mcp.http.tokens import StaticTokens

__all__ = ["HttpOptions", "OAuth", "StaticTokens", "application", "serve_http"]
