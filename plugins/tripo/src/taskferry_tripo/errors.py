"""What Tripo's error codes mean, in replies and in tasks that failed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from taskferry import (
    Failure,
    FailureKind,
    MalformedReply,
    Reply,
    Status,
    clean,
    failure,
    failure_from_status,
    status_kind,
)
from taskferry_tripo.statuses import error_text

KINDS: Mapping[str, FailureKind] = {
    "2": FailureKind.AUTH,
    "1000": FailureKind.UNAVAILABLE,
    "1001": FailureKind.UNAVAILABLE,
    "1002": FailureKind.AUTH,
    "1003": FailureKind.VALIDATION,
    "1004": FailureKind.VALIDATION,
    "1005": FailureKind.FORBIDDEN,
    "1007": FailureKind.RATE_LIMITED,
    "2000": FailureKind.RATE_LIMITED,
    "2001": FailureKind.NOT_FOUND,
    "2002": FailureKind.VALIDATION,
    "2003": FailureKind.VALIDATION,
    "2004": FailureKind.VALIDATION,
    "2005": FailureKind.VALIDATION,
    "2006": FailureKind.VALIDATION,
    "2007": FailureKind.VALIDATION,
    "2008": FailureKind.MODERATED,
    "2009": FailureKind.VALIDATION,
    "2010": FailureKind.FUNDS,
    "2011": FailureKind.VALIDATION,
    "2012": FailureKind.VALIDATION,
    "2013": FailureKind.FORBIDDEN,
    "2014": FailureKind.UNAVAILABLE,
    "2015": FailureKind.VALIDATION,
    "2016": FailureKind.VALIDATION,
    "2017": FailureKind.VALIDATION,
    "2018": FailureKind.VALIDATION,
    "2019": FailureKind.VALIDATION,
    "2021": FailureKind.VALIDATION,
    "2022": FailureKind.VALIDATION,
}
"""The documented table, read 2026-06-03; v3 keeps the codes. One HTTP status can mean several things: 403 is 1005, 2010
or 2013. Codes that are missing here, such as those of the router (4001, 9xxx), go by the HTTP status."""

_TASK_KINDS: Mapping[Status, FailureKind] = {
    Status.MODERATED: FailureKind.MODERATED,
    Status.EXPIRED: FailureKind.TIMEOUT,
}
_SUGGESTIONS: Mapping[FailureKind, str] = {
    FailureKind.MODERATED: "Rephrase before trying again.",
    FailureKind.TIMEOUT: "Submit it again; Tripo was too busy to begin.",
}


def reply_failure(reply: Reply) -> Failure | None:
    """Read a failure from a reply: a code other than 0 or the word `error`, also under HTTP 200, or the HTTP status."""
    try:
        body = reply.json
    except MalformedReply:
        body = None  # a gateway's page: its HTTP status says what there is to say
    if not isinstance(body, dict):
        return failure_from_status(reply)
    code = body.get("code")
    if code in (None, 0) and body.get("status") != "error":
        return failure_from_status(reply)
    return failure(
        reply,
        _kind(reply.status, str(code)),
        message=body.get("message") or f"Tripo answered HTTP {reply.status} with code {code} and no message.",
        code=code,
        suggestion=body.get("suggestion"),
        trace_id=None if reply.trace_id else body.get("request_id"),
    )


def _kind(http_status: int, code: str) -> FailureKind:
    """Give the kind; 401 is always the key, whose code the sources give as 2, 1000, 1001 or 1002."""
    if http_status == 401:
        return FailureKind.AUTH
    return KINDS.get(code) or status_kind(http_status)


def task_failure(task: Mapping[str, Any], status: Status | None) -> Failure | None:
    """Say why a task ended without success; None where it did not, or where Tripo gives no reason."""
    code, message = task.get("error_code"), error_text(task)
    if status not in (Status.FAILED, Status.MODERATED, Status.EXPIRED) or (code is None and not message):
        return None
    kind = _TASK_KINDS.get(status) or (FailureKind.VALIDATION if str(code) == "2018" else FailureKind.PROVIDER)
    return Failure.of(
        kind,
        clean(message) or f"Tripo ended the task with code {clean(code, 80)} and no message.",
        code=None if code is None else clean(code, 80),
        suggestion=_SUGGESTIONS.get(kind),
    )
