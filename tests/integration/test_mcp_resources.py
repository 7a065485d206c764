"""Resources and prompts as a client reads them: tasks, their files, the catalogue, and jobs in words."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from mcp import Client
from mcp.server.auth.middleware.auth_context import auth_context_var
from mcp.server.auth.middleware.bearer_auth import AuthenticatedUser
from mcp.server.auth.provider import AccessToken
from mcp.shared.exceptions import MCPError

from mcp_desk import ERAS, SPEED, Desk, content_of, made, submit
from taskferry.mcp import kept_file
from taskferry.sandbox import Running, running


@pytest.fixture(scope="module")
def provider() -> Iterator[Running]:
    """A provider that is a hundred times faster than the real one."""
    with running({"vap": "taskferry_vap.sandbox:stand_in"}, speed=SPEED) as servers:
        yield servers["vap"]


@pytest.fixture
def desk(tmp_path: Path, provider: Running) -> Desk:
    """A place of work for one agent."""
    return Desk(tmp_path, provider)


async def read_json(client: Client, uri: str) -> Any:
    """Read a resource that is a JSON document."""
    [content] = (await client.read_resource(uri)).contents
    assert content.mime_type == "application/json"
    return json.loads(content.text)


async def refusal(client: Client, uri: str) -> MCPError:
    """Read a resource that is not given."""
    with pytest.raises(MCPError) as raised:
        await client.read_resource(uri)
    return raised.value


@pytest.mark.parametrize("era", ERAS)
async def test_what_there_is_to_read_is_listed(desk: Desk, era: str) -> None:
    """Each with what it is for."""
    async with desk.client(era) as client:
        fixed = {str(one.uri): one for one in (await client.list_resources()).resources}
        templates = {one.uri_template: one for one in (await client.list_resource_templates()).resource_templates}

    assert set(fixed) == {"operations://catalogue", "ui://taskferry/viewer.html"}
    assert set(templates) == {"task://{task_id}", "artifact://{task_id}/{name}", "operations://{provider}/{name}"}
    assert all(one.description and one.title for one in [*fixed.values(), *templates.values()])


@pytest.mark.parametrize("era", ERAS)
async def test_a_task_and_its_file_are_read(desk: Desk, era: str) -> None:
    """The document as get_task has it, and the very bytes that were kept, as the media that they are."""
    async with desk.client(era) as client:
        task = (await made(client)).structured_content
        document = await read_json(client, f"task://{task['id']}")
        [content] = (await client.read_resource(f"artifact://{task['id']}/image")).contents

    [artifact] = task["artifacts"]
    assert document["status"] == "succeeded"
    assert document["artifacts"] == task["artifacts"]
    assert document["next"]
    assert content.mime_type == artifact["media_type"]
    assert base64.b64decode(content.blob) == content_of(artifact)


async def test_a_tasks_document_asks_no_provider(desk: Desk) -> None:
    """It is what the ledger has."""
    async with desk.client() as client:
        task_id = (await submit(client, "a fox [[stuck]]")).structured_content["id"]
    before = desk.reads()

    async with desk.client() as client:
        await read_json(client, f"task://{task_id}")

    assert desk.reads() == before


async def test_the_catalogue_is_short_and_an_operation_is_whole(desk: Desk) -> None:
    """As the tools give them."""
    async with desk.client() as client:
        catalogue = await read_json(client, "operations://catalogue")
        operation = await read_json(client, "operations://vap/image")

    assert {"vap/image", "vap/video"} <= {one["name"] for one in catalogue["operations"]}
    assert operation["parameters"]["properties"]["prompt"]["description"]
    assert operation["example"]["prompt"]


@pytest.mark.parametrize(
    "uri", ["task://nobody", "artifact://nobody/image", "operations://nobody/image", "artifact://../../etc/passwd"]
)
async def test_what_is_not_there_is_an_error_of_its_kind(desk: Desk, uri: str) -> None:
    """Invalid parameters, by the protocol; the kind is in the error's data."""
    async with desk.client() as client:
        error = await refusal(client, uri)

    assert error.code == -32602


async def test_a_file_that_is_not_the_tasks_is_never_given_out(desk: Desk) -> None:
    """Only its sum proves it, not its path; a link or another file in its place is refused."""
    secret = desk.home.parent / "secret"
    secret.write_text("private")
    async with desk.client() as client:
        task = (await made(client)).structured_content
        path = Path(task["artifacts"][0]["path"])
        path.unlink()
        gone = await refusal(client, f"artifact://{task['id']}/image")
        path.symlink_to(secret)
        changed = await refusal(client, f"artifact://{task['id']}/image")
        unknown = await refusal(client, f"artifact://{task['id']}/other")

    assert gone.data == {"kind": "file_gone"}
    assert changed.data == {"kind": "file_gone"}
    assert "private" not in changed.message
    assert unknown.data == {"kind": "not_found"}


async def test_anothers_task_is_as_if_it_were_not_there(desk: Desk) -> None:
    """Over HTTP each caller shows a token; without one, the caller is the user of this machine and sees all."""
    async with desk.client() as client:
        task_id = (await made(client)).structured_content["id"]
    stranger = AccessToken(token="t", client_id="stranger", scopes=[], subject="someone-else")
    asked = auth_context_var.set(AuthenticatedUser(stranger))

    async with desk.client() as client:
        task = await refusal(client, f"task://{task_id}")
        file = await refusal(client, f"artifact://{task_id}/image")
    auth_context_var.reset(asked)

    assert task.data == file.data == {"kind": "not_found"}
    assert "succeeded" not in task.message


async def test_a_large_file_is_named_and_not_sent(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A client would hold it several times over."""
    monkeypatch.setattr(kept_file, "MOST_BYTES", 100)

    async with desk.client() as client:
        task = (await made(client)).structured_content
        error = await refusal(client, f"artifact://{task['id']}/image")

    assert error.data == {"kind": "too_large"}
    assert task["artifacts"][0]["path"] in error.message


@pytest.mark.parametrize("era", ERAS)
async def test_prompts_lead_through_the_tools(desk: Desk, era: str) -> None:
    """They name no tool and no argument that there is not."""
    async with desk.client(era) as client:
        prompts = (await client.list_prompts()).prompts
        tools = {tool.name for tool in (await client.list_tools()).tools}
        image = await client.get_prompt("make_image", {"wish": "a {fox}", "max_cost": "0.20 USD"})
        spent = await client.get_prompt("what_did_i_spend", {"days": "9999"})
        resume = await client.get_prompt("resume_unfinished", {})

    assert {prompt.name for prompt in prompts} == {
        "make_image", "make_video", "make_music", "make_model", "resume_unfinished", "what_did_i_spend",
    }  # fmt: skip
    assert all(prompt.title and prompt.description for prompt in prompts)
    texts = [one.messages[0].content.text for one in (image, spent, resume)]
    assert "a {fox}" in texts[0]
    assert "0.20 USD as max_cost" in texts[0]
    assert "days 366" in texts[1]
    used = {"list_operations", "describe_operation", "quote", "generate", "wait_task", "get_spend", "get_balance"}
    assert used | {"list_tasks", "download_task"} <= tools
    assert all(any(name in text for text in texts) for name in used)
