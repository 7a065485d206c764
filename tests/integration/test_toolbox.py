"""The framework-neutral tools, called as a framework calls them, with a provider at the wire."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import respx

import acme
import orchard
from taskferry import Ferry, Snapshot, UsageError
from taskferry.sync import Ferry as SyncFerry
from taskferry.testing import VirtualClock
from taskferry.tools import Toolbox, ToolCall

FOX = {"operation": "acme/image", "parameters": {"prompt": "a fox"}}
DONE = {"state": "done", "images": ["https://cdn.acme.example/1.png?sig=1"]}
FIRST = ToolCall(run_id="run-1", call_id="call-1")


@pytest.fixture
async def clock() -> AsyncIterator[VirtualClock]:
    async with VirtualClock() as made:
        yield made


@pytest.fixture
async def ferry(tmp_path: Path, clock: VirtualClock) -> AsyncIterator[Ferry]:
    async with acme.ferry(tmp_path / "home", clock=clock) as opened:
        yield opened


def provider(mock: respx.MockRouter, *states: dict[str, Any]) -> respx.Route:
    """Take every job, and show it in these states in turn, the last one for good; give the route of creates."""
    ids = iter(range(1, 100))
    create = mock.post(f"{acme.BASE}/jobs").mock(
        side_effect=lambda request: httpx.Response(200, json={"id": str(next(ids)), "cost": "0.20"})
    )
    replies = iter(states)
    mock.get("https://cdn.acme.example/1.png").respond(content=acme.PNG, headers={"content-type": "image/png"})
    mock.get(url__regex=rf"{acme.BASE}/jobs/\d+").mock(
        side_effect=lambda request: httpx.Response(200, json=next(replies, states[-1]))
    )
    return create


@respx.mock(using="taskferry", assert_all_called=False)
async def test_generate_gives_the_files_and_the_cost(ferry: Ferry, respx_mock) -> None:
    """A small document of plain values."""
    provider(respx_mock, {"state": "working", "percent": 40}, DONE)

    result = await Toolbox(ferry).call("generate", FOX, call=FIRST)

    assert result["status"] == "succeeded"
    assert [Path(path).read_bytes() for path in result["paths"]] == [acme.PNG]
    assert result["cost"] == "about 0.2 USD"
    assert result["next"].startswith("Done")
    assert "token" not in result
    assert len(json.dumps(result)) < 1500


@respx.mock(using="taskferry", assert_all_called=False)
async def test_a_job_that_takes_long_is_finished_by_another_process(
    tmp_path: Path, clock: VirtualClock, respx_mock
) -> None:
    """The token is all that is carried over; one job was made."""
    create = provider(respx_mock, {"state": "working"})

    async with acme.ferry(tmp_path / "home", clock=clock) as ferry:
        first = await Toolbox(ferry, longest_wait=10).call("generate", FOX, call=FIRST)
    respx_mock.get(url__regex=rf"{acme.BASE}/jobs/\d+").respond(json=DONE)
    async with acme.ferry(tmp_path / "home", clock=clock) as ferry:
        second = await Toolbox(ferry).finish(first["token"])

    assert (first["status"], first["timed_out"]) == ("running", True)
    assert (second["status"], len(second["paths"])) == ("succeeded", 1)
    assert create.call_count == 1


AGAIN = {
    "the very same call": (FIRST, FIRST),
    "the same thing in another call": (FIRST, ToolCall(run_id="run-1", call_id="call-2")),
    "the same thing in another run": (FIRST, ToolCall(run_id="run-2", call_id="call-1")),
    "no call named": (None, None),
}


@pytest.mark.parametrize("calls", AGAIN.values(), ids=AGAIN.keys())
@pytest.mark.parametrize("together", [True, False])
@respx.mock(using="taskferry", assert_all_called=False)
async def test_a_model_that_asks_again_gets_the_same_task(
    ferry: Ferry, calls: tuple[ToolCall | None, ToolCall | None], together: bool, respx_mock
) -> None:
    """One after the other, or in one breath."""
    create = provider(respx_mock, {"state": "working"})
    toolbox = Toolbox(ferry)

    if together:
        results = await asyncio.gather(*(toolbox.call("submit_task", FOX, call=call) for call in calls))
    else:
        results = [await toolbox.call("submit_task", FOX, call=call) for call in calls]

    assert len({result["task_id"] for result in results}) == 1
    assert sorted(result["duplicate"] for result in results) == [False, True]
    assert create.call_count == 1


@respx.mock(using="taskferry", assert_all_called=False)
async def test_a_call_that_is_carried_out_again_after_days_is_no_second_job(
    ferry: Ferry, clock: VirtualClock, respx_mock
) -> None:
    """As when a run is resumed from a checkpoint; also when the job has failed meanwhile."""
    create = provider(respx_mock, {"state": "error"})
    toolbox = Toolbox(ferry)

    first = await toolbox.call("generate", FOX, call=FIRST)
    await clock.wait(asyncio.Event(), 3 * 86_400)
    again = await toolbox.call("generate", FOX, call=FIRST)
    anew = await toolbox.call("generate", FOX, call=ToolCall(run_id="run-1", call_id="call-9"))

    assert (first["status"], again["task_id"]) == ("failed", first["task_id"])
    assert anew["task_id"] != first["task_id"]
    assert create.call_count == 2


@respx.mock(using="taskferry", assert_all_called=False)
async def test_a_key_of_the_models_own_makes_another_one(ferry: Ferry, respx_mock) -> None:
    """Once for each key."""
    create = provider(respx_mock, {"state": "working"})
    toolbox = Toolbox(ferry)

    for key in ("fox-1", "fox-2", "fox-1"):
        await toolbox.call("submit_task", {**FOX, "idempotency_key": key}, call=FIRST)

    assert create.call_count == 2


WRONG: dict[str, tuple[str, dict[str, Any], str, str]] = {
    "unknown tool": ("make", FOX, "unknown_name", "There is no tool 'make'"),
    "misspelt argument": ("generate", {**FOX, "max_cots": "1 USD"}, "invalid_arguments", "Did you mean max_cost?"),
    "missing argument": ("generate", {"operation": "acme/image"}, "invalid_arguments", '"parameters" is a required'),
    "no amount": ("generate", {**FOX, "max_cost": "a lot"}, "invalid_arguments", "max_cost"),
    "unknown operation": ("generate", {**FOX, "operation": "acme/imag"}, "unknown_name", "acme/image"),
    "wrong parameters": (
        "submit_task",
        {"operation": "acme/image", "parameters": {"promt": "a fox"}},
        "invalid_parameters",
        "Did you mean prompt?",
    ),
    "too expensive": ("generate", {**FOX, "max_cost": "0.01 USD"}, "cost_exceeded", "more than the cap"),
    "unknown task": ("wait_task", {"task_id": "01jd3m5x7k"}, "unknown_name", "01jd3m5x7k"),
    "another place": ("download_task", {"task_id": "01jd3m5x7k", "folder": "/etc"}, "outside_roots", "/etc"),
}


@pytest.mark.parametrize(("tool", "arguments", "kind", "said"), WRONG.values(), ids=WRONG.keys())
@respx.mock(using="taskferry", assert_all_called=False)
async def test_a_wrong_call_says_what_to_change_and_spends_nothing(
    ferry: Ferry, tool: str, arguments: dict[str, Any], kind: str, said: str, respx_mock
) -> None:
    """It is a result, so that the run goes on and the model can mend it."""
    create = provider(respx_mock, DONE)

    result = await Toolbox(ferry).call(tool, arguments, call=FIRST)

    assert (result["status"], result["error"]["kind"]) == ("error", kind)
    assert said in result["summary"]
    assert "bills nothing" in result["billed"] or "Nothing was sent" in result["billed"]
    assert result["next"]
    assert "Traceback" not in json.dumps(result)
    assert (create.call_count, await ferry.recent()) == (0, [])


@respx.mock(using="taskferry", assert_all_called=False)
async def test_the_toolboxes_own_bounds_hold_whatever_a_model_asks(ferry: Ferry, respx_mock) -> None:
    """Its cap, and the operations that it was given."""
    create = provider(respx_mock, DONE)

    dear = await Toolbox(ferry, max_cost="0.10 USD").call("generate", {**FOX, "max_cost": "5 USD"})
    closed = await Toolbox(ferry, operations=["many/*"]).call("generate", FOX)

    assert dear["error"]["kind"] == "cost_exceeded"
    assert closed["error"]["kind"] == "unknown_name"
    assert create.call_count == 0


@respx.mock(using="taskferry", assert_all_called=False)
async def test_a_refusal_and_a_lost_reply_are_told_apart(ferry: Ferry, respx_mock) -> None:
    """The first was not billed; after the second nobody is told to try again."""
    create = provider(respx_mock, DONE)
    toolbox = Toolbox(ferry)

    create.mock(return_value=httpx.Response(402, json={"error": "no money"}))
    refused = await toolbox.call("generate", FOX)
    create.mock(side_effect=httpx.ReadError("gone"))
    lost = await toolbox.call("generate", {"operation": "acme/image", "parameters": {"prompt": "an owl"}})

    assert (refused["status"], "Nothing was billed." in refused["summary"]) == ("refused", True)
    assert (lost["status"], "Do not submit it again" in lost["next"]) == ("unconfirmed", True)
    assert "token" not in lost


@pytest.mark.parametrize(("on_cancel", "asked"), [("detach", 0), ("cancel", 1)])
@respx.mock(using="taskferry", assert_all_called=False)
async def test_a_cancelled_run_does_with_its_job_what_was_settled(
    ferry: Ferry, on_cancel: Any, asked: int, respx_mock
) -> None:
    """By default the job goes on."""
    provider(respx_mock, {"state": "working"})
    stop = respx_mock.post(url__regex=rf"{acme.BASE}/jobs/\d+/stop").respond(json={"outcome": "accepted"})
    seen = asyncio.Event()

    call = Toolbox(ferry, longest_wait=1e6, on_cancel=on_cancel).call("generate", FOX, progress=lambda _: seen.set())
    running = asyncio.create_task(call)
    await seen.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running

    assert stop.call_count == asked


@respx.mock(using="taskferry", assert_all_called=False)
async def test_progress_is_told_up_to_the_end(ferry: Ferry, respx_mock) -> None:
    """To a callback, with every change."""
    provider(respx_mock, {"state": "working", "percent": 40}, {"state": "working", "percent": 80}, DONE)
    told: list[Snapshot] = []

    await Toolbox(ferry).call("generate", FOX, progress=told.append)

    assert {0.4, 0.8} <= {snapshot.progress for snapshot in told}
    assert told[-1].status.ok


@respx.mock(using="taskferry", assert_all_called=False)
async def test_the_other_tools_answer(ferry: Ferry, tmp_path: Path, respx_mock) -> None:
    """Look, list, download, cancel, quote and describe."""
    provider(respx_mock, DONE)
    toolbox = Toolbox(ferry, working=tmp_path)
    made = await toolbox.call("generate", FOX)
    named = {"task_id": made["task_id"]}

    assert (await toolbox.call("get_task", named))["status"] == "succeeded"
    assert [one["task_id"] for one in (await toolbox.call("list_tasks", {}))["tasks"]] == [made["task_id"]]
    copied = await toolbox.call("download_task", {**named, "folder": "out"})
    assert Path(copied["paths"][0]).parent == tmp_path / "out"
    assert (await toolbox.call("cancel_task", named))["outcome"] == "too_late"
    assert (await toolbox.call("quote", FOX))["cost"] == "about 0.18 USD"
    assert (await toolbox.call("describe_operation", {"operation": "acme/image"}))["required"] == ["prompt"]
    offered = (await toolbox.call("list_operations", {"kind": "image"}))["operations"]
    assert [one["operation"] for one in offered] == ["any/image", "acme/image", "many/image"]


@respx.mock(using="taskferry", assert_all_called=False)
async def test_one_caller_does_not_see_the_tasks_of_another(ferry: Ferry, respx_mock) -> None:
    """A server keeps its users apart by the ferry that it gives each of them."""
    provider(respx_mock, DONE)
    made = await Toolbox(ferry.for_caller("ann")).call("generate", FOX)

    bob = Toolbox(ferry.for_caller("bob"))

    assert (await bob.call("get_task", {"task_id": made["task_id"]}))["error"]["kind"] == "unknown_name"
    assert (await bob.call("list_tasks", {}))["tasks"] == []


@respx.mock(using="taskferry", assert_all_called=False)
async def test_an_operation_can_be_a_tool_of_its_own(ferry: Ferry, respx_mock) -> None:
    """With its own schema, whole."""
    provider(respx_mock, DONE)
    toolbox = Toolbox(ferry, operations=["acme/image"], per_operation=True)

    definition = toolbox.definition("acme_image")
    result = await definition.call({"prompt": "a fox"}, call=FIRST)
    wrong = await definition.call({"prompt": ""}, call=FIRST)

    assert definition.parameters == acme.IMAGE.parameters
    assert (definition.effects.pays, result["status"]) == (True, "succeeded")
    assert wrong["error"]["problems"][0]["path"] == "prompt"


@respx.mock(using="taskferry", assert_all_called=False)
async def test_another_thread_and_another_loop_may_call(tmp_path: Path, respx_mock) -> None:
    """The work is done in the ferry's loop, and the progress told where the call came from."""
    provider(respx_mock, {"state": "working", "percent": 40}, DONE)
    told: list[Snapshot] = []

    async with acme.ferry(tmp_path, speed=1000) as ferry:
        toolbox = Toolbox(ferry)
        plain = await asyncio.to_thread(toolbox.call_sync, "generate", FOX, progress=told.append)
        looped = await asyncio.to_thread(lambda: asyncio.run(toolbox.call("get_task", {"task_id": plain["task_id"]})))

    assert (plain["status"], looped["status"]) == ("succeeded", "succeeded")
    assert told[-1].status.ok


async def test_a_call_without_await_in_the_ferrys_own_loop_is_refused(ferry: Ferry) -> None:
    """It would wait for itself for ever."""
    with pytest.raises(UsageError, match="use `await call`"):
        Toolbox(ferry).call_sync("list_tasks", {})


@respx.mock(using="taskferry", assert_all_called=False)
def test_a_ferry_without_await_has_tools_too(tmp_path: Path, respx_mock) -> None:
    """For frameworks that know no async."""
    provider(respx_mock, DONE)
    settings = {"home": tmp_path, "registry": acme.registry(), "environ": {"ACME_KEY": "sesame"}, "speed": 1000}

    with SyncFerry(**settings) as ferry:
        result = Toolbox(ferry).call_sync("generate", FOX, call=FIRST)

    assert result["status"] == "succeeded"


@respx.mock(using="taskferry", assert_all_called=False)
async def test_a_model_may_leave_the_provider_open(tmp_path: Path, clock: VirtualClock, respx_mock) -> None:
    """The price is told, the best is asked, and asking again is the same task."""
    creates = orchard.answer(respx_mock)
    waves = {"operation": "any/video", "parameters": {"prompt": "waves"}}

    async with orchard.ferry(tmp_path, clock=clock) as ferry:
        toolbox = Toolbox(ferry, operations=["any/*"])
        quoted = await toolbox.call("quote", waves)
        made = await toolbox.call("generate", waves, call=FIRST)
        again = await toolbox.call("generate", waves, call=ToolCall(run_id="run-1", call_id="call-2"))
        direct = await toolbox.call("generate", {**waves, "operation": "apple/video"})

    assert (quoted["cost"], made["operation"], made["status"]) == ("about 1 USD", "apple/video", "succeeded")
    assert (again["task_id"], again["duplicate"]) == (made["task_id"], True)
    assert direct["error"]["kind"] == "unknown_name"
    assert sum(create.call_count for create in creates.values()) == 1
