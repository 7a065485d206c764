"""What was asked of a stand-in, oldest first, for scripts that check how a client behaves."""

from __future__ import annotations

from typing import Any, Literal

from attrs import define

Kind = Literal["create", "read", "file", "other"]


@define(kw_only=True)
class Entry:
    """One request."""

    at: float
    """Epoch seconds of its arrival."""
    method: str
    path: str
    """Without the query."""
    kind: Kind = "other"
    status: int | None = None
    """HTTP status of the reply; None when the connection was dropped before it."""
    task_ids: tuple[str, ...] = ()
    """The job created, or every job that was read."""

    def document(self) -> dict[str, Any]:
        """Give it as JSON."""
        return {
            "at": self.at,
            "method": self.method,
            "path": self.path,
            "status": self.status,
            "kind": self.kind,
            "task_ids": list(self.task_ids),
        }


class RequestLog:
    """Every request but those to the admin endpoints."""

    def __init__(self) -> None:
        self._entries: list[Entry] = []

    def open(self, *, at: float, method: str, path: str) -> Entry:
        """Note a request as it arrives."""
        entry = Entry(at=at, method=method, path=path)
        self._entries.append(entry)
        return entry

    def document(self) -> list[dict[str, Any]]:
        """Give all of it as JSON, oldest first."""
        return [entry.document() for entry in self._entries]
