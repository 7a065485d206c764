"""Prompts: the jobs that people come with, as words that lead an agent through the tools."""

from __future__ import annotations

from typing import Annotated

from mcp.server.mcpserver import MCPServer
from pydantic import Field

from taskferry.mcp.state import State

_MAKE = """\
Make {kind}: {wish}

1. Call list_operations with kind "{media}" and choose the operation that fits; describe_operation gives its parameters.
2. Call quote and tell me the price. {limit}
3. Call generate once, with an idempotency_key of your own. If it gives a task that still runs, call wait_task until it
   ends; never submit the job a second time because a call timed out.
4. Give me the files, and say what it cost."""
_RESUME = """\
Find what is unfinished and bring it to its end.

1. Call list_tasks with the statuses prepared, submitting, unconfirmed, queued and running.
2. Call wait_task for each that is queued or running. Call list_tasks with the status succeeded, and download_task for
   each whose files are not all kept.
3. Submit nothing again. For a task that is unconfirmed tell me to run `taskferry reconcile ID`: a paid job may exist.
4. Tell me, task by task, how it stands, what it cost and where its files are."""
_SPENT = """\
Tell me what I spent in the last {days} days.

Call get_spend with days {days}, and get_balance for each provider in it. Give the sums per provider and unit, never
added across units, and what is still held for jobs that run. Say which amounts are estimates. Submit nothing."""
_ASK = "Go on only after I agreed."
_CAP = "Give {max_cost} as max_cost, and go on without asking if the price is below it."
_USUAL_DAYS, _MOST_DAYS = 30, 366

Wish = Annotated[str, Field(description="What it should show or sound like.")]
MaxCost = Annotated[str, Field(description='The most it may cost, as "1.50 USD" or "40 credits"; empty: ask me first.')]


def register(server: MCPServer[State]) -> None:
    """Add the prompts to a server."""

    @server.prompt(title="Make an image")
    def make_image(wish: Wish, max_cost: MaxCost = "") -> str:
        """Make one image from words."""
        return _make("an image", "image", wish, max_cost)

    @server.prompt(title="Make a film")
    def make_video(wish: Wish, max_cost: MaxCost = "") -> str:
        """Make one short film from words."""
        return _make("a short film", "video", wish, max_cost)

    @server.prompt(title="Make a song")
    def make_music(wish: Wish, max_cost: MaxCost = "") -> str:
        """Make one piece of music from words."""
        return _make("a piece of music", "audio", wish, max_cost)

    @server.prompt(title="Make a 3D model")
    def make_model(wish: Wish, max_cost: MaxCost = "") -> str:
        """Make one 3D model from words."""
        return _make("a 3D model", "model", wish, max_cost)

    @server.prompt(title="Resume what is unfinished")
    def resume_unfinished() -> str:
        """Bring jobs of earlier conversations to their end, without paying twice."""
        return _RESUME

    @server.prompt(title="What did I spend?")
    def what_did_i_spend(
        days: Annotated[str, Field(description="Over how many days, today among them; 30 if left out.")] = "",
    ) -> str:
        """Sum up what jobs cost, by provider."""
        whole = int(days) if days.strip().isdecimal() else _USUAL_DAYS
        return _SPENT.format(days=min(max(whole, 1), _MOST_DAYS))


def _make(kind: str, media: str, wish: str, max_cost: str) -> str:
    limit = _CAP.format(max_cost=max_cost.strip()) if max_cost.strip() else _ASK
    return _MAKE.format(kind=kind, media=media, wish=wish, limit=limit)
