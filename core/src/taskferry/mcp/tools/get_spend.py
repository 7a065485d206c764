"""The tool that tells what was spent, and what is left of the user's caps."""

from __future__ import annotations

from typing import Annotated

from mcp_types import CallToolResult, TextContent, ToolAnnotations
from pydantic import BaseModel, Field

from taskferry.mcp.money import CapDocument, SpendLineDocument, cap_documents, cap_words, spend_documents
from taskferry.mcp.session import session_of
from taskferry.mcp.state import ToolContext
from taskferry.mcp.tool import tool
from taskferry.mcp.tools.arguments import ProviderName

_NOTHING = "Nothing was spent in this time."


class SpendResult(BaseModel):
    """What tasks came to and still hold, and how the caps stand."""

    lines: list[SpendLineDocument] = Field(description="Newest day first.")
    caps: list[CapDocument]


async def get_spend(
    context: ToolContext,
    days: Annotated[int, Field(ge=1, le=366, description="How many days, today among them, in UTC.", examples=[7])] = 7,
    provider: ProviderName = None,
) -> Annotated[CallToolResult, SpendResult]:
    """Tell what taskferry's jobs of the last days cost and still hold, by day and provider, and what the caps leave.

    Free; asks no provider. Counts every job of this ledger, whoever started it. Use it when the user asks what was
    spent, or after a job was refused because of a cap. Not for the account's balance: that is get_balance.
    """
    spend = await session_of(context).ferry.spend(days, provider=provider)
    document = SpendResult(lines=spend_documents(spend.lines), caps=cap_documents(spend.caps))
    lines = [_words(line) for line in document.lines] or [_NOTHING]
    text = "\n".join([*lines, cap_words(document.caps)])
    return CallToolResult(
        content=[TextContent(type="text", text=text)], structured_content=document.model_dump(mode="json")
    )


def _words(line: SpendLineDocument) -> str:
    tasks = "1 task" if line.tasks == 1 else f"{line.tasks} tasks"
    if line.unit is None:
        return f"{line.day} {line.provider}: {tasks} of unknown price"
    return (
        f"{line.day} {line.provider}: {tasks}, {line.actual} {line.unit} taken, {line.estimated} estimated, "
        f"{line.reserved} reserved"
    )


TOOL = tool(
    get_spend,
    title="Show what was spent",
    annotations=ToolAnnotations(
        read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False
    ),
)
