"""What a user's confirmation stands for: the one job that was asked about, and no other of the same price."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

import pytest
import respx
from mcp import Client
from mcp.shared.exceptions import MCPError
from mcp_types import ElicitResult, InputRequiredResult

import taskferry.testing  # noqa: F401 -- registers the mocker that sees every call
from acme import BASE, ferry
from taskferry import Amount, FerryTask, Profile, ProfileContext, ProfileTool, Submission
from taskferry.mcp.confirming import Confirming
from taskferry.mcp.server import build_server

FOX = {"operation": "acme/image", "parameters": {"prompt": "a fox"}}
BEAR = {"operation": "acme/image", "parameters": {"prompt": "a bear"}}
YES = ElicitResult(action="accept", content={"confirm": True})
ASKS = Confirming([Amount.parse("0.10 USD")])


async def agreed(_: Any, params: Any) -> ElicitResult:
    """Agree, whatever is asked."""
    return YES


@pytest.fixture
def creates() -> Iterator[respx.Route]:
    """Take every job, and hear of it."""
    with respx.mock(using="taskferry", assert_all_called=False) as mock:
        mock.get(url__startswith=f"{BASE}/jobs/").respond(json={"state": "working"})
        yield mock.post(f"{BASE}/jobs").respond(json={"id": "1"})


@pytest.mark.parametrize("forged", [False, True])
async def test_a_confirmation_sent_with_another_request_is_refused(
    tmp_path: Path, creates: respx.Route, forged: bool
) -> None:
    """The state is sealed to the tool and its arguments; words of one's own are no state at all."""
    server = build_server(ferry(tmp_path / "home"), working=tmp_path, confirming=ASKS)

    async with Client(server, mode="auto", elicitation_callback=agreed) as client:
        asked = await client.session.call_tool("submit_task", FOX, allow_input_required=True)
        assert isinstance(asked, InputRequiredResult)
        state = "about 0.18 USD" if forged else asked.request_state
        with pytest.raises(MCPError, match="Invalid or expired requestState"):
            await client.session.call_tool(
                "submit_task",
                FOX if forged else BEAR,
                input_responses={"confirm_cost": YES},
                request_state=state,
                allow_input_required=True,
            )

    assert creates.call_count == 0


async def test_an_answer_without_the_question_confirms_nothing(tmp_path: Path, creates: respx.Route) -> None:
    """A client that says yes before it was asked is asked."""
    server = build_server(ferry(tmp_path / "home"), working=tmp_path, confirming=ASKS)

    async with Client(server, mode="auto", elicitation_callback=agreed) as client:
        result = await client.session.call_tool(
            "submit_task", FOX, input_responses={"confirm_cost": YES}, allow_input_required=True
        )

    assert isinstance(result, InputRequiredResult)
    assert creates.call_count == 0


async def test_a_confirmation_counts_for_the_job_that_was_asked_about_alone(
    tmp_path: Path, creates: respx.Route
) -> None:
    """A tool that makes another job of the same arguments between two rounds has the user asked again."""
    styles = iter(["in oil", "in ink"])
    style = next(styles)
    asked: list[str] = []

    async def create_picture(context: ProfileContext) -> Submission:
        """Make a picture in the style that is usual at the moment."""
        return Submission(operation="acme/image", parameters={"prompt": f"a fox {style}"})

    async def show(context: ProfileContext, task: FerryTask) -> Mapping[str, Any]:
        """Give the job's prompt."""
        return {"prompt": task.record.job.parameters["prompt"]}

    async def user(_: Any, params: Any) -> ElicitResult:
        """Agree, while the usual style changes once."""
        nonlocal style
        asked.append(params.message)
        style = next(styles, style)
        return YES

    tool = ProfileTool(name="create_picture", handler=create_picture, creates=True)
    profile = Profile(name="acme", instructions="Makes pictures.", tools=[tool], show=show)
    server = build_server(ferry(tmp_path / "home"), working=tmp_path, confirming=ASKS, profile=profile)
    async with Client(server, mode="auto", elicitation_callback=user) as client:
        result = await client.call_tool("create_picture", {})

    assert len(asked) == 2
    assert result.structured_content == {"prompt": "a fox in ink"}
    assert creates.call_count == 1


@pytest.mark.parametrize(("mode", "rounds"), [("legacy", 1), ("auto", 2)])
async def test_the_job_that_was_shown_is_the_job_that_is_submitted(
    tmp_path: Path, creates: respx.Route, mode: Literal["legacy", "auto"], rounds: int
) -> None:
    """A tool that would make another job of the same arguments after the user agreed is not asked once more."""
    styles = iter(["in oil"] * rounds + ["in ink"])

    async def create_picture(context: ProfileContext) -> Submission:
        """Make a picture in a style that is another one every time."""
        return Submission(operation="acme/image", parameters={"prompt": f"a fox {next(styles)}"})

    async def show(context: ProfileContext, task: FerryTask) -> Mapping[str, Any]:
        """Give the job's prompt."""
        return {"prompt": task.record.job.parameters["prompt"]}

    tool = ProfileTool(name="create_picture", handler=create_picture, creates=True)
    profile = Profile(name="acme", instructions="Makes pictures.", tools=[tool], show=show)
    server = build_server(ferry(tmp_path / "home"), working=tmp_path, confirming=ASKS, profile=profile)

    async with Client(server, mode=mode, elicitation_callback=agreed) as client:
        result = await client.call_tool("create_picture", {})

    assert result.structured_content == {"prompt": "a fox in oil"}
    assert creates.call_count == 1
