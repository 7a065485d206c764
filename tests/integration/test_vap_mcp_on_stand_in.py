"""The vendor's own client, vap-mcp 0.2.1, at the stand-in: what it says of a task is what our adapter says of it.

Where it is known to say something else, the row says so: it takes a picture's URL for a film's, finds no music in a
list, and estimates by tables of its own.
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Iterator
from decimal import Decimal
from typing import Any

import pytest

from integration.vap_mcp_client import VapMcp, vap_mcp
from taskferry import FailureKind, Observation, Request, Status
from taskferry.credentials import Secret
from taskferry.exchange import fetch, run
from taskferry.sandbox import Running, running
from taskferry.transport import Transport, Wire
from taskferry_vap.adapter import VapAdapter

AT_ONCE = "[[queue:0]] [[run:0]]"
STATUSES = {
    "pending": Status.QUEUED,
    "queued": Status.QUEUED,
    "executing": Status.RUNNING,
    "completed": Status.SUCCEEDED,
    "failed": Status.FAILED,
}
OURS = VapAdapter()
OPERATIONS = {operation.name: operation for operation in OURS.operations}


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    """The stand-in, with nothing sped up: a task is where its prompt says."""
    with running({"vap": "taskferry_vap.sandbox:stand_in"}) as servers:
        yield servers["vap"]


@pytest.fixture
def client(server: Running) -> Iterator[VapMcp]:
    """The vendor's client, pointed at the stand-in by its own variables."""
    with vap_mcp({name: value for name, value in server.env.items() if name.startswith("VAP_API_")}) as client:
        yield client


@pytest.fixture
async def wire(server: Running) -> AsyncIterator[Wire]:
    """Our adapter's way to the same account."""
    transport = Transport()
    yield Wire(transport, OURS.service, server.base_url, Secret(server.env["VAP_API_KEY"], "the test"))
    await transport.aclose()


def id_in(text: str) -> str:
    """Find the task's id in what a generate call said."""
    found = re.search(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", text)
    assert found, text
    return found[0]


async def seen_by_us(wire: Wire, task_id: str, kind: str) -> Observation:
    return await fetch(OURS, {"task_id": task_id, "kind": kind}, wire)


def without_query(url: str) -> str:
    """A URL is signed anew at each look."""
    return url.partition("?")[0]


def estimated(text: str) -> Decimal:
    """Find the amount that a text speaks of."""
    found = re.search(r"(?:Estimated Cost|Cost|Total): \$([0-9.]+)", text)
    assert found, text
    return Decimal(found[1])


@pytest.mark.parametrize(
    ("tool", "arguments", "kind"),
    [
        ("generate_image", {"aspect_ratio": "16:9"}, "image"),
        ("generate_video", {"duration": 4, "generate_audio": False, "negative_prompt": "text"}, "video"),
        ("generate_music", {"duration": 30, "instrumental": True}, "music"),
    ],
)
async def test_generate_makes_a_task_that_we_see_too(
    client: VapMcp, wire: Wire, tool: str, arguments: dict[str, Any], kind: str
) -> None:
    """The id it was told is a task of that kind, for us as for it."""
    said = await client.call(tool, prompt="a fox [[stuck]]", **arguments)

    task_id = id_in(said)
    theirs, ours = await client.read(task_id), await seen_by_us(wire, task_id, kind)
    assert (theirs["Task"], theirs["Type"]) == (task_id, kind)
    assert STATUSES[theirs["Status"]] is ours.status
    assert ours.cost is not None
    assert Decimal(theirs["Estimated Cost"].removeprefix("$")) == ours.cost.estimated


@pytest.mark.parametrize(
    ("lengths", "word"),
    [("[[queue:999999]]", "pending"), ("[[queue:0]] [[stuck]]", "executing"), (AT_ONCE, "completed")],
)
async def test_get_task_says_where_it_stands(client: VapMcp, wire: Wire, lengths: str, word: str) -> None:
    """Its word, and our status for it."""
    task_id = id_in(await client.call("generate_video", prompt=f"waves {lengths}"))

    theirs, ours = await client.read(task_id), await seen_by_us(wire, task_id, "video")

    assert (theirs["Status"], ours.provider_status, ours.status) == (word, word, STATUSES[word])


async def test_get_task_gives_the_film_and_what_it_cost(client: VapMcp, wire: Wire) -> None:
    """URL and both amounts are ours."""
    task_id = id_in(await client.call("generate_video", prompt=f"waves {AT_ONCE} [[actual:1.05]]"))

    theirs, ours = await client.read(task_id), await seen_by_us(wire, task_id, "video")

    assert ours.cost is not None
    assert Decimal(theirs["Estimated Cost"].removeprefix("$")) == ours.cost.estimated
    assert Decimal(theirs["Actual Cost"].removeprefix("$")) == ours.cost.actual == Decimal("1.05")
    assert [without_query(theirs["🎬 Video URL"])] == [without_query(artifact.url or "") for artifact in ours.artifacts]


async def test_get_task_takes_a_picture_for_a_film(client: VapMcp, wire: Wire) -> None:
    """The URL is ours; the kind is not, as it goes by the field that it finds first."""
    task_id = id_in(await client.call("generate_image", prompt=f"a fox {AT_ONCE}"))

    theirs, ours = await client.read(task_id), await seen_by_us(wire, task_id, "image")

    assert without_query(theirs["🎬 Video URL"]) == without_query(ours.artifacts[0].url or "")
    assert ours.artifacts[0].kind == "image"


@pytest.mark.parametrize(
    ("place", "line"),
    [("[[place:typed]]", "🎵 Audio URL"), ("[[place:music_url]]", "🎵 Audio URL"), ("[[place:items]]", None)],
)
async def test_get_task_gives_the_music_where_it_looks(
    client: VapMcp, wire: Wire, place: str, line: str | None
) -> None:
    """The URL is ours; in a list, where newer clients look, it finds none, and says nothing of it."""
    task_id = id_in(await client.call("generate_music", prompt=f"a waltz {AT_ONCE} {place}"))

    theirs, ours = await client.read(task_id), await seen_by_us(wire, task_id, "music")

    urls = {name: without_query(text) for name, text in theirs.items() if name.endswith("URL")}
    assert urls == ({line: without_query(ours.artifacts[0].url or "")} if line else {})
    assert len(ours.artifacts) == 1


@pytest.mark.parametrize(
    ("end", "status", "kind"),
    [
        ("fail", Status.FAILED, FailureKind.PROVIDER),
        ("moderated", Status.MODERATED, FailureKind.MODERATED),
        ("expired", Status.FAILED, FailureKind.TIMEOUT),
    ],
)
async def test_get_task_says_why_a_task_failed(
    client: VapMcp, wire: Wire, end: str, status: Status, kind: FailureKind
) -> None:
    """In the service's words, as ours; which failure it is, ours alone knows."""
    task_id = id_in(await client.call("generate_video", prompt=f"waves {AT_ONCE} [[{end}]]"))

    theirs, ours = await client.read(task_id), await seen_by_us(wire, task_id, "video")

    assert ours.failure is not None
    assert (theirs["Status"], theirs["❌ Error"]) == ("failed", ours.failure.message)
    assert (ours.status, ours.failure.kind) == (status, kind)


async def test_get_task_takes_an_error_key_for_a_failed_call(client: VapMcp, wire: Wire) -> None:
    """Even a null one of a task that is well: it says nothing of the task; ours reads it."""
    task_id = id_in(await client.call("generate_video", prompt=f"waves {AT_ONCE} [[null-error]]"))

    said, ours = await client.call("get_task", task_id=task_id), await seen_by_us(wire, task_id, "video")

    assert said == "Error: None"
    assert (ours.status, len(ours.artifacts)) == (Status.SUCCEEDED, 1)


async def test_get_task_of_a_task_that_is_none(client: VapMcp) -> None:
    """It knows no more than the HTTP status."""
    assert "404 Not Found" in await client.call("get_task", task_id="nothing")


async def test_generate_says_that_it_was_refused(client: VapMcp) -> None:
    """In words of its HTTP library; what the service said is lost on it."""
    said = await client.call("generate_music", prompt="a waltz [[refuse:402]]")

    assert said.startswith("Error: Client error '402 Payment Required'")


async def test_list_tasks_and_check_balance_say_what_the_service_says(client: VapMcp, wire: Wire) -> None:
    """Through the MCP sub-paths; our adapter asks V3 for the same."""
    task_id = id_in(await client.call("generate_image", prompt="a fox [[stuck]]"))

    tasks = json.loads(await client.call("list_tasks", limit=5))["tasks"]
    balance = json.loads(await client.call("check_balance"))
    ours, _ = await run(OURS.balance(), wire, OURS.failure)
    request = Request(task_id="ours", operation=OPERATIONS["vap/image"], parameters={"prompt": "a fox"})
    listed, _ = await run(OURS.recent(request), wire, OURS.failure)

    assert tasks[0]["task_id"] == task_id == listed[0].remote["task_id"]
    assert (Decimal(str(balance["usable"])), balance["currency"]) == (ours.available, ours.unit)


@pytest.mark.parametrize(
    ("tool", "arguments", "theirs", "operation"),
    [
        ("estimate_cost", {"count": 1}, "0.002", "vap/image"),
        ("estimate_video_cost", {"duration": 8}, "4.80", "vap/video"),
        ("estimate_video_cost", {"duration": 4, "generate_audio": False}, "1.20", "vap/video"),
        ("estimate_music_cost", {"duration": 60}, "0.50", "vap/music"),
        ("estimate_music_cost", {"duration": 240}, "1.10", "vap/music"),
    ],
)
async def test_its_estimates_are_tables_of_its_own(
    client: VapMcp, server: Running, tool: str, arguments: dict[str, Any], theirs: str, operation: str
) -> None:
    """It asks nobody; what the service reserves is what our adapter estimates."""
    said = estimated(await client.call(tool, **arguments))

    kind = operation.partition("/")[2]
    reserved = estimated(await client.call(f"generate_{kind}", prompt="x [[stuck]]")) if kind != "image" else None
    request = Request(task_id="ours", operation=OPERATIONS[operation], parameters={"prompt": "x"})
    ours = OURS.estimate(request)
    assert ours is not None
    assert said == Decimal(theirs) != ours.value
    assert reserved in (None, ours.value)


async def test_it_has_the_tools_that_were_tried(client: VapMcp) -> None:
    """All nine of them."""
    assert sorted(await client.tools()) == [
        "check_balance",
        "estimate_cost",
        "estimate_music_cost",
        "estimate_video_cost",
        "generate_image",
        "generate_music",
        "generate_video",
        "get_task",
        "list_tasks",
    ]
