"""A task in VAP's own words: its status, the fields of its document, and amounts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from taskferry import Artifact, Kind, Snapshot, Status, clean
from taskferry_vap.statuses import STATUSES

_LONGEST_URL = 8000

WORDS: Mapping[Status, str] = MappingProxyType(
    {
        Status.PREPARED: "pending",
        Status.SUBMITTING: "pending",
        Status.UNCONFIRMED: "unknown",
        Status.QUEUED: "queued",
        Status.RUNNING: "executing",
        Status.SUCCEEDED: "completed",
        Status.FAILED: "failed",
        Status.MODERATED: "failed",
        Status.EXPIRED: "failed",
        Status.CANCELLED: "failed",
        Status.REFUSED: "failed",
    }
)
"""The vendor's clients know `unknown` as the word for a reply without a status."""

FILTERS: Mapping[str, tuple[Status, ...]] = MappingProxyType(
    {
        "pending": (Status.PREPARED, Status.SUBMITTING, Status.QUEUED),
        "processing": (Status.RUNNING,),
        "completed": (Status.SUCCEEDED,),
        "failed": (Status.FAILED, Status.MODERATED, Status.EXPIRED, Status.CANCELLED, Status.REFUSED),
    }
)
"""What `list_tasks` can be asked for."""

URL_FIELDS: Mapping[Kind, str] = MappingProxyType(
    {Kind.IMAGE: "image_url", Kind.VIDEO: "video_url", Kind.AUDIO: "audio_url"}
)
"""Where a result's URL stands, by what it is."""


def status_word(snapshot: Snapshot) -> str:
    """Give VAP's own word where the last look brought one that still holds, else the one for our status."""
    said = snapshot.provider_status or ""
    return said if STATUSES.get(said) is snapshot.status else WORDS[snapshot.status]


def type_word(snapshot: Snapshot) -> str:
    """Give VAP's word for what is made: `image`, `video_trim`."""
    return snapshot.operation.partition("/")[2].replace("-", "_")


def money(amount: Decimal | None) -> str | None:
    """Write an amount in full; None for one that is not known."""
    return None if amount is None else f"{amount:f}"


def url_of(artifact: Artifact) -> str | None:
    """Give an artifact's address at VAP, if it is one that can stand in a line of text as it is."""
    url = artifact.url or ""
    fits = url.startswith(("https://", "http://")) and url == clean(url, _LONGEST_URL) and " " not in url
    return url if fits else None


def task_document(snapshot: Snapshot) -> dict[str, Any]:
    """Give a task with the fields of VAP's own document, and the kept files beside them."""
    failure = snapshot.failure if status_word(snapshot) == "failed" else None
    return {
        "task_id": snapshot.id,
        "type": type_word(snapshot),
        "status": status_word(snapshot),
        "estimated_cost": money(snapshot.cost.estimated),
        "actual_cost": money(snapshot.cost.actual),
        "result": _result(snapshot) if snapshot.status.ok else None,
        "error_message": None if failure is None else clean(failure.message),
        "created_at": _iso(snapshot.created_at),
        "completed_at": _iso(snapshot.finished_at) if snapshot.status.ok else None,
        "files": [str(artifact.path) for artifact in snapshot.artifacts if artifact.path is not None],
    }


def _result(snapshot: Snapshot) -> dict[str, Any]:
    """Give the URL of the first result, where older clients look for it, and of every one."""
    items = [
        {URL_FIELDS.get(artifact.kind, "output_url"): url}
        for artifact in snapshot.artifacts
        if (url := url_of(artifact)) is not None
    ]
    first = next((url for item in items for url in item.values()), None)
    return {**(items[0] if items else {}), "output_url": first, "items": items}


def _iso(epoch: float | None) -> str | None:
    return None if epoch is None else datetime.fromtimestamp(epoch, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
