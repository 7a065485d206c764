"""`taskferry ui`: the gallery, pages that show every task and start new ones."""

from __future__ import annotations

from taskferry.web.options import WebOptions
from taskferry.web.serving import serve, serving

__all__ = ["WebOptions", "serve", "serving"]
