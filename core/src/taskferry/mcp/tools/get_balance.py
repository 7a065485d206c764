"""The tool that asks what an account at a provider has left."""

from __future__ import annotations

from typing import Annotated

from mcp_types import CallToolResult, TextContent, ToolAnnotations
from pydantic import BaseModel, Field

from taskferry.mcp.session import session_of
from taskferry.mcp.state import ToolContext
from taskferry.mcp.tool import tool


class BalanceResult(BaseModel):
    """What an account has left."""

    provider: str
    available: str = Field(description="Decimal number as text.")
    reserved: str | None = Field(description="Held by the provider for jobs under way; null where it does not say.")
    unit: str = Field(description="`USD`, or the provider's own unit such as `credits`.")


async def get_balance(
    context: ToolContext,
    provider: Annotated[
        str,
        Field(
            min_length=1,
            max_length=100,
            description="The provider: the part of an operation's name before the slash.",
            examples=["acme"],
        ),
    ],
) -> Annotated[CallToolResult, BalanceResult]:
    """Ask a provider what the user's account has left, in money or credits.

    Free; one look at the provider, changes nothing. Use it before a large job, or after one was refused for lack of
    funds. Some providers do not tell. Not for what taskferry itself spent or may spend: that is get_spend.
    """
    balance = await session_of(context).ferry.balance(provider)
    document = BalanceResult(
        provider=provider,
        available=f"{balance.available:f}",
        reserved=None if balance.reserved is None else f"{balance.reserved:f}",
        unit=balance.unit,
    )
    held = f", {document.reserved} {document.unit} held for jobs under way" if document.reserved else ""
    text = f"{provider}: {document.available} {document.unit} available{held}."
    return CallToolResult(
        content=[TextContent(type="text", text=text)], structured_content=document.model_dump(mode="json")
    )


TOOL = tool(
    get_balance,
    title="Ask for the balance",
    annotations=ToolAnnotations(
        read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=True
    ),
)
