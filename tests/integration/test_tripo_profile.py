"""`--profile tripo` as an agent meets it that was set up for Tripo's own server: names, arguments, dictionaries."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from mcp_desk import ERAS, SPEED, text_of
from profile_desk import ProfileDesk, offered, said
from taskferry.sandbox import Running, running
from taskferry_tripo.mcp import status

ARGUMENTS = {
    "create_3d_model_from_text": ["describe_the_look_of_object"],
    "create_3d_model_from_image": ["image"],
    "get_task_status": ["task_id"],
    "import_tripo_glb_model": ["glb_url"],
}
"""Required arguments of the vendor's `server.py`; the creating tools take a `face_limit` too."""
CREATED = {"task_id", "status", "progress", "message", "next_step", "important_note", "workflow"}
SUCCEEDED = {
    *("task_id", "status", "progress", "message", "next_step"),
    *("base_model_url", "model_url", "pbr_model_url", "rendered_image_url"),
}
UNDER_WAY = {"task_id", "status", "progress", "message", "next_step", "wait_message"}
"""Fields of the vendor's dictionaries; ours have more."""

TEXT = "create_3d_model_from_text"


@pytest.fixture(scope="module")
def provider() -> Iterator[Running]:
    """A provider that is a hundred times faster than the real one."""
    with running({"tripo": "taskferry_tripo.sandbox:stand_in"}, speed=SPEED) as servers:
        yield servers["tripo"]


@pytest.fixture
def desk(tmp_path: Path, provider: Running) -> ProfileDesk:
    """A place of work for one agent."""
    return ProfileDesk(tmp_path, provider)


def described(words: str, **more: Any) -> dict[str, Any]:
    return {"describe_the_look_of_object": words, **more}


@pytest.mark.parametrize("era", ERAS)
async def test_it_offers_the_vendors_tools_and_arguments(desk: ProfileDesk, era: str) -> None:
    """Four of them, with the default of -1 faces, and descriptions that say what they cost."""
    async with desk.agent("tripo", era) as client:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}

    assert {name: tool.input_schema["required"] for name, tool in tools.items()} == ARGUMENTS
    for name, tool in tools.items():
        creates = name.startswith("create")
        arguments = offered(tool.input_schema["properties"])
        assert (set(arguments) - set(ARGUMENTS[name]) == {"face_limit"}) is creates
        assert ("costs Tripo credits" in (tool.description or "")) is creates
        assert arguments.get("face_limit", (-1,))[0] == -1
        assert all(rule["description"] and rule["examples"] for rule in tool.input_schema["properties"].values())


@pytest.mark.parametrize("era", ERAS)
async def test_a_model_from_words(desk: ProfileDesk, era: str) -> None:
    """At once the task's id; then links and the kept file, in the fields of the vendor's dictionary."""
    async with desk.agent("tripo", era) as client:
        created = said(await client.call_tool(TEXT, described("a small red fox")))
        shown = said(await client.call_tool("get_task_status", {"task_id": created["task_id"]}))

    assert set(created) >= CREATED
    assert set(shown) >= SUCCEEDED
    assert created["status"] in ("QUEUED", "RUNNING")
    assert (shown["task_id"], shown["status"], shown["progress"]) == (created["task_id"], "SUCCESS", 100)
    assert httpx.get(shown["pbr_model_url"]).content[:4] == b"glTF"
    assert shown["model_url"] == shown["pbr_model_url"]
    assert shown["base_model_url"] is None
    assert Path(shown["files"][0]["path"]).read_bytes()[:4] == b"glTF"
    assert shown["cost"] == {"estimated": "20", "actual": "20", "unit": "credits"}
    assert desk.creates() == 1


async def test_a_model_from_a_picture_of_the_working_folder(desk: ProfileDesk) -> None:
    """A relative path starts there; the picture is uploaded."""
    Image.new("RGB", (300, 300), "red").save(desk.working / "fox.png")

    async with desk.agent("tripo") as client:
        created = said(await client.call_tool("create_3d_model_from_image", {"image": "fox.png", "face_limit": 5000}))
        shown = said(await client.call_tool("get_task_status", {"task_id": created["task_id"]}))

    assert shown["status"] == "SUCCESS"
    assert shown["cost"]["actual"] == "30"
    assert any(request["path"].endswith("image-to-model") for request in desk.sandbox("requests"))


async def test_a_file_elsewhere_is_not_sent(desk: ProfileDesk, tmp_path: Path) -> None:
    """Whatever the agent was told; nothing leaves."""
    Image.new("RGB", (300, 300), "red").save(tmp_path / "secret.png")
    (desk.working / "text.png").write_text("no picture")

    async with desk.agent("tripo") as client:
        results = [
            await client.call_tool("create_3d_model_from_image", {"image": image})
            for image in (str(tmp_path / "secret.png"), "../secret.png", "text.png", "nothing.png")
        ]

    assert all(result.is_error for result in results)
    assert all("billed" in text_of(result) for result in results)
    assert desk.sandbox("requests") == []


@pytest.mark.parametrize(("lengths", "word"), [("[[queue:9999]]", "QUEUED"), ("[[queue:0]] [[stuck]]", "RUNNING")])
async def test_a_job_under_way_is_told_so_and_goes_on(
    desk: ProfileDesk, monkeypatch: pytest.MonkeyPatch, lengths: str, word: str
) -> None:
    """The wait ends long before clients give up, in the vendor's words; that is no error."""
    monkeypatch.setattr(status, "WAIT", 0.5)

    async with desk.agent("tripo") as client:
        created = said(await client.call_tool(TEXT, described(f"a fox {lengths}")))
        result = await client.call_tool("get_task_status", {"task_id": created["task_id"]})
        shown = said(result)

    assert not result.is_error
    assert set(shown) >= UNDER_WAY
    assert shown["status"] == word
    assert shown["message"] == f"Task is still in progress. Current status: {word}, Progress: {shown['progress']}%"
    assert "call get_task_status again" in shown["next_step"]


async def test_the_number_of_faces_is_sent_only_when_it_is_one(desk: ProfileDesk) -> None:
    """The vendor's server sends -1."""
    limits = {"a fox [[stuck]]": -1, "a hare [[stuck]]": 0, "an owl [[stuck]]": 4000}

    async with desk.agent("tripo") as client:
        for words, limit in limits.items():
            await client.call_tool(TEXT, described(words, face_limit=limit))

    sent = [inputs_of(desk, task["task_id"]) for task in desk.sandbox("tasks")]
    assert {asked["prompt"]: asked.get("face_limit") for asked in sent} == dict(
        zip(limits, (None, None, 4000), strict=True)
    )


def inputs_of(desk: ProfileDesk, task_id: str) -> dict[str, Any]:
    """Give what the provider was asked for."""
    key = {"Authorization": f"Bearer {desk.environ['TRIPO_API_KEY']}"}
    asked: dict[str, Any] = httpx.get(f"{desk.provider.base_url}/v3/tasks/{task_id}", headers=key).json()["data"][
        "input"
    ]
    return asked


@pytest.mark.parametrize(
    ("words", "status_word", "advice"),
    [
        ("[[fail]]", "FAILED", "only if the user wants to"),
        ("[[moderated]]", "BANNED", "Do not send it again unchanged"),
        ("[[expired]]", "EXPIRED", "only if the user wants to"),
        ("[[cancelled]]", "CANCELLED", "only if the user wants one"),
    ],
)
async def test_an_end_without_a_model_is_an_error_with_its_reason(
    desk: ProfileDesk, words: str, status_word: str, advice: str
) -> None:
    """Each with advice of its own, and with what was billed."""
    async with desk.agent("tripo") as client:
        created = said(await client.call_tool(TEXT, described(f"a fox {words}")))
        result = await client.call_tool("get_task_status", {"task_id": created["task_id"]})

    shown = said(result)
    assert result.is_error
    assert shown["status"] == status_word
    assert shown["message"].startswith(f"Task failed with status: {status_word}.")
    assert advice in shown["next_step"]
    assert {"error_message", "error_code", "cost", "note"} <= set(shown)


@pytest.mark.parametrize(
    ("words", "advice"),
    [("[[refuse:2010]]", "buy credits"), ("[[refuse:2008]]", "unchanged"), ("[[refuse:1002]]", "TRIPO_API_KEY")],
)
async def test_a_refused_job_was_not_billed(desk: ProfileDesk, words: str, advice: str) -> None:
    """The answer has Tripo's words and code, and what the user can do."""
    async with desk.agent("tripo") as client:
        result = await client.call_tool(TEXT, described(f"a fox {words}"))

    shown = said(result)
    assert result.is_error
    assert shown["status"] == "FAILED"
    assert "Nothing was billed." in shown["message"]
    assert advice in shown["next_step"]


async def test_a_lost_reply_is_told_and_never_sent_again(desk: ProfileDesk) -> None:
    """The vendor's server loses the id of a paid job."""
    async with desk.agent("tripo") as client:
        results = [await client.call_tool(TEXT, described("a fox [[lost-reply]]")) for _ in range(2)]
        task_id = said(results[0])["task_id"]
        results.append(await client.call_tool("get_task_status", {"task_id": task_id}))

    for result in results:
        assert result.is_error
        assert (said(result)["task_id"], said(result)["status"]) == (task_id, "UNKNOWN")
        assert "a paid job may exist" in said(result)["message"]
        assert f"taskferry reconcile {task_id}" in said(result)["next_step"]
    assert desk.creates() == 1


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (described(""), "describe_the_look_of_object"),
        (described("a fox 🦊"), "emoji"),
        (described("a fox", face_limit=-2), "face_limit"),
        (described("a fox", auto_size=True), "auto_size"),
    ],
)
async def test_wrong_arguments_are_refused(desk: ProfileDesk, arguments: dict[str, Any], named: str) -> None:
    """Before anything is sent."""
    async with desk.agent("tripo") as client:
        result = await client.call_tool(TEXT, arguments)

    assert result.is_error
    assert named in text_of(result)
    assert desk.sandbox("requests") == []


async def test_caps_and_the_duplicate_guard_hold_here_too(desk: ProfileDesk) -> None:
    """A second one of the same is the first; one above the cap is not sent."""
    desk.environ["TASKFERRY_CAP_TASK"] = "20 credits"
    Image.new("RGB", (300, 300), "red").save(desk.working / "fox.png")

    async with desk.agent("tripo") as client:
        first = said(await client.call_tool(TEXT, described("a fox [[stuck]]")))
        second = said(await client.call_tool(TEXT, described("a fox [[stuck]]", face_limit=-1)))
        dear = await client.call_tool("create_3d_model_from_image", {"image": "fox.png"})

    assert first["task_id"] == second["task_id"]
    assert "nothing was sent or billed again" in second["message"]
    assert dear.is_error
    assert "30 credits" in text_of(dear)
    assert desk.creates() == 1


async def test_links_are_signed_anew_at_every_look(desk: ProfileDesk) -> None:
    """They live for minutes; where Tripo cannot be asked, the kept file is told all the same."""
    async with desk.agent("tripo") as client:
        task = {"task_id": said(await client.call_tool(TEXT, described("a fox")))["task_id"]}
        await client.call_tool("get_task_status", task)
        reads = desk.reads()
        await client.call_tool("get_task_status", task)
        looked = desk.reads() - reads
    desk.environ.pop("TRIPO_API_KEY")
    async with desk.agent("tripo") as client:
        shown = said(await client.call_tool("get_task_status", task))

    assert looked == 1
    assert shown["status"] == "SUCCESS"
    assert "may have expired" in shown["warning"]
    assert Path(shown["files"][0]["path"]).exists()
