"""A task as pages and events show it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from attrs import frozen

from taskferry.cli import words
from taskferry.ledger.record import Record
from taskferry.task import Artifact, Kind
from taskferry.text import clean

_LONGEST_PROMPT = 300
GLB = "model/gltf-binary"
_BROWSER_TYPES: Mapping[Kind, frozenset[str]] = {
    Kind.IMAGE: frozenset(f"image/{name}" for name in ("png", "jpeg", "gif", "webp", "avif", "bmp")),
    Kind.VIDEO: frozenset({"video/mp4", "video/webm", "video/quicktime"}),
    Kind.AUDIO: frozenset(f"audio/{name}" for name in ("mpeg", "wav", "x-wav", "flac", "ogg", "mp4", "aac", "webm")),
    Kind.MODEL: frozenset({GLB}),
}
INLINE = frozenset().union(*_BROWSER_TYPES.values())
"""What browsers show and cannot be made to run: all else is only ever saved."""
_BEST = (Kind.MODEL, Kind.VIDEO, Kind.AUDIO, Kind.IMAGE)


@frozen(kw_only=True)
class ResultView:
    """One result."""

    name: str
    kind: str
    media_type: str
    size: int | None
    url: str | None
    """None where there is no file."""
    shown: bool
    """Whether a browser can show it."""
    removed: bool


@frozen(kw_only=True)
class TaskView:
    """A task on a card, in an event, and at the head of its page."""

    id: str
    version: int
    status: str
    terminal: bool
    kept: bool
    """Whether it succeeded and every file is there."""
    kind: str
    """Of what it makes; empty where that is not known."""
    operation: str
    provider: str
    prompt: str
    cost: str
    progress: float | None
    queue: str
    """How many are ahead, in words."""
    provider_status: str | None
    problem: str
    created_at: float
    results: Sequence[ResultView]

    @property
    def best(self) -> ResultView | None:
        """Give the result that stands for all."""
        return next((one for kind in _BEST for one in self.results if one.shown and one.kind == kind), None)

    @property
    def picture(self) -> ResultView | None:
        """Give a picture of it, if there is one."""
        return next((one for one in self.results if one.shown and one.kind == Kind.IMAGE), None)

    @property
    def title(self) -> str:
        """Give what people know it by."""
        return self.prompt or self.operation


def task_view(record: Record, kind: str = "") -> TaskView:
    """Show a task; `kind` is what its operation makes, for as long as there is no result that tells."""
    snapshot = record.snapshot
    results = [result_view(record.id, artifact) for artifact in snapshot.artifacts]
    shown = next((one.kind for best in _BEST for one in results if one.kind == best), kind)
    problem = snapshot.failure.message if snapshot.failure else snapshot.parked or snapshot.look_problem or ""
    return TaskView(
        id=record.id,
        version=record.version,
        status=snapshot.status.value,
        terminal=snapshot.status.terminal,
        kept=snapshot.status.ok and snapshot.kept,
        kind=shown,
        operation=clean(snapshot.operation, 100),
        provider=clean(snapshot.provider, 60),
        prompt=clean(record.job.prompt, _LONGEST_PROMPT),
        cost=words.cost(snapshot),
        progress=None if snapshot.status.terminal else snapshot.progress,
        queue=words.queue_place(snapshot),
        provider_status=None if snapshot.provider_status is None else clean(snapshot.provider_status, 60),
        problem=clean(problem),
        created_at=snapshot.created_at,
        results=results,
    )


def result_view(task_id: str, artifact: Artifact) -> ResultView:
    """Show a result by its kept file alone: the provider's address is signed, and a secret."""
    url = None
    if artifact.path is not None:
        url = f"/files/{task_id}/{quote(artifact.name, safe='')}?v={(artifact.sha256 or '')[:12]}"
    return ResultView(
        name=artifact.name,
        kind=artifact.kind.value,
        media_type=artifact.media_type or "",
        size=artifact.size,
        url=url,
        shown=url is not None and (artifact.media_type or "") in _BROWSER_TYPES.get(artifact.kind, ()),
        removed=artifact.removed,
    )


def event_document(view: TaskView, *, new: bool) -> dict[str, Any]:
    """Give what an event tells of a task."""
    names = (
        "id", "status", "provider_status", "progress", "queue", "cost", "version", "terminal", "kept", "kind",
        "prompt", "operation", "problem",
    )  # fmt: skip
    return {**{name: getattr(view, name) for name in names}, "new": new}
