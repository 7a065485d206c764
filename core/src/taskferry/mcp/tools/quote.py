"""The tool that tells what a job would cost."""

from __future__ import annotations

from typing import Annotated

from mcp_types import CallToolResult, TextContent, ToolAnnotations
from pydantic import BaseModel, Field

from taskferry.mcp.money import AmountDocument, CapDocument, amount_document, cap_documents, cap_words
from taskferry.mcp.paying import price
from taskferry.mcp.profile import Submission
from taskferry.mcp.session import session_of
from taskferry.mcp.state import ToolContext
from taskferry.mcp.tool import tool
from taskferry.mcp.tools.arguments import JobParameters, OperationName
from taskferry.tools.texts import describe

_PRICED = "If the user agrees, call generate or submit_task with the same parameters and this price as max_cost."
_UNPRICED = "Tell the user that the price is not known before; max_cost would refuse it unless allow_unpriced is given."


class QuoteResult(BaseModel):
    """What a job would cost, and what may still be spent."""

    operation: str
    price: AmountDocument | None = Field(
        description="Estimated before the job; null is not known, which never means free."
    )
    price_note: str | None = Field(description="What the price depends on.")
    caps: list[CapDocument] = Field(description="The user's caps that hold for this provider.")
    next: str = Field(description="What to do next.")


async def quote(
    context: ToolContext, operation: OperationName, parameters: JobParameters
) -> Annotated[CallToolResult, QuoteResult]:
    """Price a job and tell what the caps leave."""
    session = session_of(context)
    found = session.ferry.operation(operation)
    amount = await price(session, Submission(operation=operation, parameters=parameters))
    spend = await session.ferry.spend(1, provider=found.provider)
    document = QuoteResult(
        operation=found.name,
        price=amount_document(amount),
        price_note=found.price_note,
        caps=cap_documents(spend.caps),
        next=_UNPRICED if amount is None else _PRICED,
    )
    said = "The price is not known before." if amount is None else f"About {amount}."
    text = f"{found.name}: {said} {cap_words(document.caps)}\nNext: {document.next}"
    return CallToolResult(
        content=[TextContent(type="text", text=text)], structured_content=document.model_dump(mode="json")
    )


TOOL = tool(
    quote,
    title="Quote a job",
    description=describe("quote"),
    annotations=ToolAnnotations(
        read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False
    ),
)
