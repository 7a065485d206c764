"""The tools that say what a job would cost, by the price list; the create's own answer has VAP's amount."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from attrs import field, frozen

from taskferry import ProfileAnswer, ProfileContext, ProfileTool
from taskferry_vap.mcp import inputs
from taskferry_vap.mcp.documents import money

_ANY_PROMPT = "anything"
"""The price does not depend on it, but no job is valid without one."""


@frozen(kw_only=True)
class Estimating:
    """One tool that estimates."""

    name: str
    operation: str
    kind: str
    schema: Mapping[str, Any]
    names: Mapping[str, str] = field(factory=dict)
    """Our name of an argument where it is another; empty for one that our operation does not have."""
    requires: str

    async def estimate(self, context: ProfileContext, arguments: Mapping[str, Any]) -> ProfileAnswer:
        """Give the price of the job that the arguments describe."""
        told = {name: arguments.get(name, rule["default"]) for name, rule in self.schema["properties"].items()}
        asked = {self.names.get(name, name): value for name, value in told.items()}
        asked.pop("", None)
        operation = context.ferry.operation(self.operation)
        price = context.ferry.quote(self.operation, {**asked, "prompt": _ANY_PROMPT})
        total = None if price is None else price.value * told.get("num_outputs", 1)
        lines = [
            f"{self.kind} Generation Cost: ${money(total) or 'N/A'} {price.unit if price else 'USD'} (estimate)",
            "",
            *(f"{name}: {json.dumps(value)}" for name, value in told.items()),
            f"Requires: {self.requires}",
            f"Note: {operation.price_note} VAP's own amount is told when a task is created.",
        ]
        document = {"estimated_cost": money(total), "currency": price.unit if price else "USD"}
        return ProfileAnswer(text="\n".join(lines), structured=document)

    def tool(self) -> ProfileTool:
        """Make the tool."""
        return ProfileTool(
            name=self.name,
            title=f"Estimate {self.kind.lower()} cost",
            description=f"Say what generate_{self.kind.lower()} with these arguments would cost in US dollars. {_FREE}",
            parameters=self.schema,
            handler=self.estimate,
            read_only=True,
            idempotent=True,
            open_world=False,
        )


_FREE = (
    "Free; asks VAP nothing, starts nothing: it reads the last published price list, which VAP may have left. Call it "
    "before a job whose price the user wants to know. What the account has is told by check_balance."
)

TABLE: Sequence[Estimating] = (
    Estimating(
        name="estimate_cost",
        operation="vap/image",
        kind="Image",
        schema=inputs.IMAGE_PRICE,
        names=MappingProxyType({"num_outputs": ""}),
        requires="Tier 1+",
    ),
    Estimating(
        name="estimate_video_cost",
        operation="vap/video",
        kind="Video",
        schema=inputs.VIDEO_PRICE,
        requires="Tier 2+",
    ),
    Estimating(
        name="estimate_music_cost",
        operation="vap/music",
        kind="Music",
        schema=inputs.MUSIC_PRICE,
        names=MappingProxyType({"audio_format": "output_format"}),
        requires="Tier 2+",
    ),
)
ESTIMATING: Sequence[ProfileTool] = tuple(row.tool() for row in TABLE)
