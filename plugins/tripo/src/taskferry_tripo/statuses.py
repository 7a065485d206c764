"""What Tripo's words for a task's state mean, in both generations of its API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from taskferry import Status

STATUSES: Mapping[str, Status] = {
    "queued": Status.QUEUED,
    "running": Status.RUNNING,
    "success": Status.SUCCEEDED,
    "failed": Status.FAILED,
    "cancelled": Status.CANCELLED,
    "banned": Status.MODERATED,
    "expired": Status.EXPIRED,
}
"""v3's migration guide folds `banned` and `expired` into `failed` with a code, its lifecycle page still lists them."""

MODERATED_CODE = "2008"
EXPIRED_OR_TOO_COMPLEX_CODE = "2018"
_EXPIRED_WORDS = ("expire", "timeout", "timed out", "time out", "queue")


def status_of(task: Mapping[str, Any]) -> Status | None:
    """Give our word for a task's state; None for a word that is not in the table, such as `unknown`.

    Code 2018 means two things, a queue that timed out or a mesh too complex to rebuild: only the message tells.
    """
    word = task.get("status")
    status = STATUSES.get(word.lower()) if isinstance(word, str) else None
    if status is not Status.FAILED:
        return status
    code = str(task.get("error_code"))
    if code == MODERATED_CODE:
        return Status.MODERATED
    if code == EXPIRED_OR_TOO_COMPLEX_CODE and any(word in error_text(task).lower() for word in _EXPIRED_WORDS):
        return Status.EXPIRED
    return status


def error_text(task: Mapping[str, Any]) -> str:
    """Give the message of a task that failed: `error_message` in v3, `error_msg` in v2; empty if there is none."""
    return str(task.get("error_message") or task.get("error_msg") or "")
