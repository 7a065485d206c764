"""The tool that gives fresh addresses of a task's results at the provider."""

from __future__ import annotations

from typing import Annotated

from mcp_types import CallToolResult, TextContent, ToolAnnotations
from pydantic import BaseModel, Field

from taskferry.mcp.session import session_of
from taskferry.mcp.state import ToolContext
from taskferry.mcp.tool import tool
from taskferry.mcp.tools.arguments import TaskId
from taskferry.text import clean

_NEXT = "Give the user the links now: they expire. The kept files stay; get_task shows where they are."
_NONE = "The provider gives no links for this task. download_task gives its kept files."
_LONGEST_URL = 8000


class LinkDocument(BaseModel):
    """Where the provider serves one result."""

    name: str
    url: str = Field(description="Often signed: whoever has it can fetch the file.")
    expires_at: float | None = Field(description="Seconds since 1970, where the provider says so.")
    needs_key: bool = Field(description="Whether it is served only with the provider's key: a browser gets nothing.")


class LinkList(BaseModel):
    """The results of one task at the provider."""

    id: str
    links: list[LinkDocument]
    next: str = Field(description="What to do next.")


async def refresh_urls(context: ToolContext, task_id: TaskId) -> Annotated[CallToolResult, LinkList]:
    """Look at a finished task once more and give the provider's own, fresh links to its results.

    Free; changes nothing, neither there nor here. Use it when the user needs a link that others can open, or when one
    of earlier has expired. The files themselves are kept on this machine already: for those call get_task or
    download_task. Not for a task under way or one that failed.
    """
    session = session_of(context)
    task = await session.find(task_id)
    if not task.snapshot.status.ok:
        return session.result(task, heading="There are no results to link.", is_error=True)
    links = [
        LinkDocument(
            name=clean(artifact.name, 100),
            url=artifact.url,
            expires_at=artifact.expires_at,
            needs_key=artifact.needs_key,
        )
        for artifact in await session.fresh_urls(task)
        if artifact.url and artifact.url.startswith("http") and len(artifact.url) <= _LONGEST_URL
    ]
    document = LinkList(id=task.id, links=links, next=_NEXT if links else _NONE)
    lines = [*(f"{link.name}: {link.url}" for link in links), f"Next: {document.next}"]
    return CallToolResult(
        content=[TextContent(type="text", text="\n".join(lines))], structured_content=document.model_dump(mode="json")
    )


TOOL = tool(
    refresh_urls,
    title="Get fresh result links",
    annotations=ToolAnnotations(
        read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=True
    ),
)
