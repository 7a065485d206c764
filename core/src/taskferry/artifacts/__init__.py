"""The artifact store: brings results to disk whole and checked, or says why it could not."""

from __future__ import annotations

from taskferry.artifacts.copying import copy_into
from taskferry.artifacts.limits import DownloadLimits
from taskferry.artifacts.names import folder_for
from taskferry.artifacts.store import Store

__all__ = ["DownloadLimits", "Store", "copy_into", "folder_for"]
