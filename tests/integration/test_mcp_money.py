"""What the MCP server says about money, and how it has the user asked before a dear job."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from mcp_types import ElicitResult

from mcp_desk import ERAS, SPEED, Desk, made, submit, text_of
from mcp_tasks_client import Tasks
from taskferry import Amount, UsageError
from taskferry.mcp.confirming import Confirming
from taskferry.sandbox import Running, running

GENERATE = {"operation": "vap/image", "parameters": {"prompt": "a small red fox"}}
ASKS = {"confirming": Confirming([Amount.parse("0.10 USD")])}


class User:
    """A user who is asked by the client, and answers always the same."""

    def __init__(self, action: str, **content: Any) -> None:
        self.asked: list[str] = []
        self._answer = ElicitResult(action=action, content=content or None)

    async def __call__(self, _: Any, params: Any) -> ElicitResult:
        self.asked.append(params.message)
        return self._answer


@pytest.fixture(scope="module")
def provider() -> Iterator[Running]:
    """A provider that is a hundred times faster than the real one."""
    with running({"vap": "taskferry_vap.sandbox:stand_in"}, speed=SPEED) as servers:
        yield servers["vap"]


@pytest.fixture
def desk(tmp_path: Path, provider: Running) -> Desk:
    """A place of work for one agent."""
    return Desk(tmp_path, provider)


async def test_a_quote_sends_nothing_and_shows_what_is_left(desk: Desk) -> None:
    """Price, the caps that hold, and what to do next; no key is needed."""
    desk.environ["TASKFERRY_CAP_DAY"] = "5 USD"
    desk.environ.pop("VAP_API_KEY")

    async with desk.client() as client:
        result = await client.call_tool("quote", GENERATE)

    assert result.structured_content["price"] == {"amount": "0.18", "unit": "USD"}
    assert result.structured_content["caps"][0]["left"] == "5"
    assert "About 0.18 USD" in text_of(result)
    assert desk.sandbox("requests") == []


async def test_a_quote_refuses_parameters_that_would_be_refused(desk: Desk) -> None:
    """So that a price is always that of a job that can be sent."""
    async with desk.client() as client:
        result = await client.call_tool("quote", {"operation": "vap/image", "parameters": {"promt": "a fox"}})

    assert result.is_error
    assert "Did you mean prompt?" in text_of(result)


async def test_the_balance_is_the_accounts(desk: Desk) -> None:
    """As the provider tells it."""
    async with desk.client() as client:
        result = await client.call_tool("get_balance", {"provider": "vap"})

    assert result.structured_content["unit"] == "USD"
    assert float(result.structured_content["available"]) > 0


async def test_spend_counts_what_was_made(desk: Desk) -> None:
    """By day and provider, with what is left of each cap."""
    desk.environ["TASKFERRY_CAP_DAY"] = "5 USD"

    async with desk.client() as client:
        await made(client)
        result = await client.call_tool("get_spend", {"days": 1})

    [line] = result.structured_content["lines"]
    assert (line["provider"], line["tasks"], float(line["actual"])) == ("vap", 1, 0.18)
    assert float(result.structured_content["caps"][0]["left"]) == 4.82


async def test_a_cap_stops_a_job_and_says_so(desk: Desk) -> None:
    """Nothing is sent, and the agent is told whom to ask."""
    desk.environ["TASKFERRY_CAP_DAY"] = "0.20 USD"

    async with desk.client() as client:
        await made(client, "a fox")
        result = await client.call_tool("generate", {**GENERATE, "idempotency_key": "second"})

    assert result.is_error
    assert "0.2" in text_of(result)
    assert "nothing was billed" in text_of(result)
    assert desk.creates() == 1


@pytest.mark.parametrize("era", ERAS)
@pytest.mark.parametrize("tool", ["generate", "submit_task"])
async def test_the_user_is_asked_before_a_dear_job(desk: Desk, era: str, tool: str) -> None:
    """By the client, in either era, with the price; then the job goes out once."""
    user = User("accept", confirm=True)

    async with desk.client(era, server=ASKS, elicitation_callback=user) as client:
        result = await client.call_tool(tool, GENERATE)

    assert not result.is_error
    assert user.asked == ["Submit vap/image for about 0.18 USD? The provider bills the account."]
    assert desk.creates() == 1


@pytest.mark.parametrize("era", ERAS)
@pytest.mark.parametrize("answer", [User("decline"), User("cancel"), User("accept"), User("accept", confirm=False)])
async def test_a_user_who_does_not_agree_pays_nothing(desk: Desk, era: str, answer: User) -> None:
    """Whatever way of not agreeing the client knows."""
    async with desk.client(era, server=ASKS, elicitation_callback=answer) as client:
        result = await client.call_tool("generate", GENERATE)

    assert result.is_error
    assert "did not agree" in text_of(result)
    assert "nothing was billed" in text_of(result)
    assert desk.creates() == 0


async def test_a_task_begins_only_after_the_user_agreed(desk: Desk) -> None:
    """The question comes before the task; the task itself asks nothing."""
    user = User("accept", confirm=True)

    async with desk.client(server=ASKS, elicitation_callback=user, extensions=[Tasks()]) as client:
        result = await client.call_tool("generate", GENERATE)

    assert result.structured_content["status"] == "succeeded"
    assert len(user.asked) == 1
    assert desk.creates() == 1


@pytest.mark.parametrize("era", ERAS)
async def test_a_client_that_cannot_ask_is_never_asked(desk: Desk, era: str) -> None:
    """For it there are max_cost and the caps."""
    async with desk.client(era, server=ASKS) as client:
        result = await submit(client, "a fox")

    assert not result.is_error
    assert desk.creates() == 1


async def test_a_cheap_job_is_not_asked_about(desk: Desk) -> None:
    """Up to the limit nobody is disturbed."""
    user = User("decline")
    server = {"confirming": Confirming([Amount.parse("0.18 USD")])}

    async with desk.client(server=server, elicitation_callback=user) as client:
        result = await submit(client, "a fox")

    assert not result.is_error
    assert user.asked == []


async def test_a_price_in_a_unit_without_a_limit_is_asked_about(desk: Desk) -> None:
    """What cannot be compared is taken for dear."""
    user = User("decline")
    server = {"confirming": Confirming([Amount.parse("40 credits")])}

    async with desk.client(server=server, elicitation_callback=user) as client:
        result = await submit(client, "a fox")

    assert result.is_error
    assert len(user.asked) == 1


@pytest.mark.parametrize("text", ["much", "1 USD, 5", "-1 USD"])
def test_a_limit_that_is_no_amount_is_told(text: str) -> None:
    """With the variable's name."""
    with pytest.raises(UsageError, match="TASKFERRY_CONFIRM_ABOVE"):
        Confirming.read({"TASKFERRY_CONFIRM_ABOVE": text})
