"""How a task stands, in the vendor's words, and what to do next."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from taskferry import FailureKind, Snapshot, Status

SUCCESS = "SUCCESS"

STATUSES: Mapping[Status, str] = MappingProxyType(
    {
        Status.PREPARED: "QUEUED",
        Status.SUBMITTING: "QUEUED",
        Status.UNCONFIRMED: "UNKNOWN",
        Status.QUEUED: "QUEUED",
        Status.RUNNING: "RUNNING",
        Status.SUCCEEDED: SUCCESS,
        Status.FAILED: "FAILED",
        Status.MODERATED: "BANNED",
        Status.EXPIRED: "EXPIRED",
        Status.CANCELLED: "CANCELLED",
        Status.REFUSED: "FAILED",
    }
)
"""The words that the vendor's tools tell agents to look for. Its own server says `TaskStatus.SUCCESS`, by accident."""

CREATED = "Task created successfully. The 3D model generation is in progress."
ON_ITS_WAY = "Tripo has not answered yet; the job is kept and goes on by itself. Do not create it again."
CALL_STATUS = "You MUST now call get_task_status with this task_id to check progress."
TAKES_MINUTES = (
    "3D model generation takes 3-5 minutes. Each call of get_task_status waits up to 25 seconds for it; call it again "
    "until completion."
)
DONE = "Task completed successfully! You can now use the pbr_model_url."
USE_URL = "Use the pbr_model_url to access the 3D model, download it through import_tripo_glb_model tool"
GO_ON = "IMPORTANT: You must call get_task_status again with this task_id to continue checking progress."
PATIENCE = "3D model generation typically takes 3-5 minutes. Please be patient and keep checking."
NO_PBR = "Model generated but PBR model URL is not available."
AGAIN = (
    "This very job was asked for in the last minutes, so nothing was sent or billed again; another one of the same "
    "needs another description or face_limit."
)
LOST = "Tripo's reply was lost, so a paid job may exist."

_UNCHANGED = "Do not send it again unchanged: content rules stopped it. Tell the user."
_AFTER_END: Mapping[Status, str] = MappingProxyType(
    {
        Status.UNCONFIRMED: "Do not create it again. Ask the user to run `taskferry reconcile {id}`.",
        Status.MODERATED: _UNCHANGED,
        Status.EXPIRED: "Tell the user that Tripo was too busy to begin; create it again only if the user wants to.",
        Status.CANCELLED: "Create a new model only if the user wants one.",
    }
)
_AFTER_FAILURE: Mapping[FailureKind, str] = MappingProxyType(
    {
        FailureKind.MODERATED: _UNCHANGED,
        FailureKind.AUTH: "Ask the user to set a valid TRIPO_API_KEY for this server and to restart it.",
        FailureKind.FUNDS: "Ask the user to buy credits at Tripo.",
        FailureKind.FORBIDDEN: "Tell the user that the Tripo account may not do this.",
        FailureKind.VALIDATION: "Correct the arguments as the error says.",
    }
)
_AFTER_ANY = "Tell the user what Tripo said; try with a different description only if the user wants to."


def status_word(snapshot: Snapshot) -> str:
    """Give the vendor's word for how a task stands."""
    return STATUSES[snapshot.status]


def percent(snapshot: Snapshot) -> int:
    """Give the progress as the vendor does, 0 to 100."""
    return 100 if snapshot.status.ok else round((snapshot.progress or 0.0) * 100)


def next_step(snapshot: Snapshot) -> str:
    """Say what to do after an end without success; never to try moderated or unconfirmed work again."""
    kind = None if snapshot.failure is None else snapshot.failure.kind
    words = _AFTER_END.get(snapshot.status) or (_AFTER_FAILURE.get(kind) if kind else None) or _AFTER_ANY
    return words.format(id=snapshot.id)
