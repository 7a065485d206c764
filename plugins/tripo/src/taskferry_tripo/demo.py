"""The job that `taskferry demo` runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

JOBS: Sequence[tuple[str, Mapping[str, Any]]] = (("tripo/text-to-model", {"prompt": "a small red fox"}),)
