"""Turns a task into a tool result: a short text, the structured document and links to kept files."""

from __future__ import annotations

from typing import Any

from mcp_types import CallToolResult, ContentBlock, ResourceLink, TextContent

from taskferry.ledger.record import Record
from taskferry.task import Artifact
from taskferry.tools.advice import billing, next_step, poll_after_ms
from taskferry.tools.summary import bounded_document, summary, word


def task_result(
    record: Record, *, heading: str = "", is_error: bool = False, pause: float | None = None, **more: Any
) -> CallToolResult:
    """Give the result of a tool that is about one task; `more` joins the structured document.

    `pause` are the seconds between this process's own looks at it.
    """
    step = next_step(record)
    text = " ".join(part for part in (heading, summary(record), billing(record)) if part)
    content: list[ContentBlock] = [TextContent(type="text", text=f"{text}\nNext: {step}")]
    content += [file_link(artifact) for artifact in record.snapshot.artifacts if artifact.path is not None]
    structured = {**bounded_document(record), "next": step, "poll_after_ms": poll_after_ms(record, pause), **more}
    return CallToolResult(content=content, structured_content=structured, is_error=is_error)


def file_link(artifact: Artifact) -> ResourceLink:
    """Give the link to a kept file."""
    assert artifact.path is not None, "only kept files have a link"
    return ResourceLink(
        type="resource_link",
        uri=artifact.path.absolute().as_uri(),
        name=artifact.path.name,
        title=word(artifact.name),
        mime_type=artifact.media_type,
        size=artifact.size,
    )
