"""What browsers may do with our pages and files."""

from __future__ import annotations

import base64
import gzip
import hashlib
import re
from collections.abc import Mapping
from types import MappingProxyType

from taskferry.vendor import model_viewer

_STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)


def _hashes_of_styles() -> str:
    """Allow the style sheets that model-viewer brings along, and no other that is written into a page."""
    found = _STYLE.findall(gzip.decompress(model_viewer()).decode())
    sums = [base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in found]
    return " ".join(f"'sha256-{one}'" for one in sums)


_PAGE = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": f"'self' {_hashes_of_styles()}",
    "img-src": "'self' data: blob:",
    "media-src": "'self' blob:",
    "connect-src": "'self' blob:",
    "font-src": "'self'",
    "worker-src": "'self' blob:",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}

PAGE_HEADERS: Mapping[str, str] = MappingProxyType(
    {
        "content-security-policy": "; ".join(f"{name} {value}" for name, value in _PAGE.items()),
        "x-content-type-options": "nosniff",
        "referrer-policy": "same-origin",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
        "cache-control": "private, no-cache",
    }
)
"""On every reply that does not say otherwise."""

FILE_POLICY = "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; sandbox"
"""For a provider's files: whatever is in them, nothing of it runs."""
