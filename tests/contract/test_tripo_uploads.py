"""How local files reach Tripo: in a form, or by a PUT to a signed address that must not see the key."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import respx

import taskferry.testing  # registers the mocker that sees both roads
from taskferry import Accepted, FailureKind, MalformedReply, Reply, Request
from taskferry.credentials import Secret
from taskferry.exchange import NotReceived, Refused, SubmitOutcome, submit
from taskferry.parameters import validate
from taskferry.transport import Transport, Wire
from taskferry_tripo.adapter import TripoAdapter
from taskferry_tripo.operations import OPERATIONS
from taskferry_tripo.uploads import FORM_LIMIT

HOST, STORE = "https://openapi.tripo3d.ai", "https://tripo-data.s3.us-west-2.amazonaws.com"
KEY = "tsk_0123456789abcdef"
TRIPO = TripoAdapter()
BY_NAME = {operation.name.partition("/")[2]: operation for operation in OPERATIONS}


class Notes:
    """A journal that counts billed calls."""

    sent = 0

    async def sending(self) -> None:
        self.sent += 1

    async def replied(self, reply: Reply) -> None:
        """Needs no keeping here."""


@pytest.fixture
def host() -> Iterator[respx.Router]:
    """Tripo, which takes every file and job, and its store."""
    with respx.mock(using=taskferry.testing.TaskferryMocker.name, assert_all_called=False) as router:
        router.post(f"{HOST}/v3/files", name="form").respond(json={"code": 0, "data": {"file_token": "file_1"}})
        presigned = {"presigned_url": f"{STORE}/fox.glb?X-Amz-Signature=x", "file_token": "file_2", "expires_in": 1800}
        router.post(f"{HOST}/v3/files/presign", name="presign").respond(json={"code": 0, "data": presigned})
        router.put(url__startswith=STORE, name="put").respond(200)
        router.post(url__regex=f"{HOST}/v3/(generation|models|animations|mesh)/.*", name="create").respond(
            json={"code": 0, "data": {"task_id": "t"}}
        )
        yield router


@pytest.fixture
async def wire() -> AsyncIterator[Wire]:
    transport = Transport(now=lambda: 1795170000.0)
    yield Wire(transport, TRIPO.service, TRIPO.service.base_url, Secret(KEY, "the test"))
    await transport.aclose()


async def sent(wire: Wire, name: str, notes: Notes | None = None, **given: Any) -> SubmitOutcome:
    """Submit a valid job."""
    operation = BY_NAME[name]
    request = Request(task_id="ours", operation=operation, parameters=validate(operation, given))
    return await submit(TRIPO, request, wire, notes or Notes())


def picture(folder: Path, name: str = "fox.png") -> Path:
    path = folder / name
    path.write_bytes(b"\x89PNG a picture")
    return path


def large_model(folder: Path, name: str = "fox.glb", size: int = FORM_LIMIT + 1) -> Path:
    path = folder / name
    with path.open("wb") as sparse:
        sparse.write(b"glTF")
        sparse.truncate(size)
    return path


async def test_a_small_file_goes_in_a_form_with_its_name_and_type(
    host: respx.Router, wire: Wire, tmp_path: Path
) -> None:
    """To Tripo itself, so with the key; the token it gives is the input."""
    outcome = await sent(wire, "image-to-splat", image=picture(tmp_path, "a fox.WEBP"))

    request = host["form"].calls.last.request
    assert isinstance(outcome, Accepted)
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert b'name="file"; filename="a fox.WEBP"\r\nContent-Type: image/webp\r\n' in request.content
    assert b"\x89PNG a picture" in request.content
    assert json.loads(host["create"].calls.last.request.content) == {"input": "file_1"}


async def test_a_large_file_is_put_to_a_signed_address_without_the_key(
    host: respx.Router, wire: Wire, tmp_path: Path
) -> None:
    """The store knows nothing of Tripo's keys, and refuses a request that carries one."""
    outcome = await sent(wire, "import-model", source=large_model(tmp_path, "FOX.GLB"))

    request = host["put"].calls.last.request
    assert isinstance(outcome, Accepted)
    assert json.loads(host["presign"].calls.last.request.content) == {"format": "glb"}
    assert "authorization" not in request.headers
    assert KEY not in str(request.headers.raw) + str(request.url)
    assert (request.headers["content-type"], request.headers["content-length"]) == (
        "model/gltf-binary",
        str(FORM_LIMIT + 1),
    )
    assert len(request.content) == FORM_LIMIT + 1
    assert json.loads(host["create"].calls.last.request.content) == {"input": "file_2"}
    assert not host["form"].called


def test_up_to_the_limit_a_form_is_used(tmp_path: Path) -> None:
    """50 MiB, as in the vendor's SDK, although its papers draw the line at 60 MB."""
    path = large_model(tmp_path, "fox.fbx", FORM_LIMIT)

    _, calls = taskferry.testing.submitted(
        TRIPO, BY_NAME["import-model"], {"data": {"file_token": "f"}}, {"data": {"task_id": "t"}}, source=path
    )

    assert [call.path for call in calls] == ["/v3/files", "/v3/models/import"]
    assert calls[0].files[0].media_type == "application/octet-stream"


@pytest.mark.parametrize("key", ["presigned_url", "upload_url"])
def test_the_address_is_found_under_either_name(tmp_path: Path, key: str) -> None:
    """Sources disagree about it."""
    replies = {"data": {key: f"{STORE}/x?sig={{1}}", "file_token": "f"}}, {}, {"data": {"task_id": "t"}}

    _, calls = taskferry.testing.submitted(TRIPO, BY_NAME["rig-check"], *replies, source=large_model(tmp_path))

    assert [(call.method, call.path, call.signed) for call in calls[1:2]] == [("PUT", f"{STORE}/x?sig={{1}}", False)]


@pytest.mark.parametrize("data", [{}, {"file_token": ""}, {"file_token": "f"}, {"file_token": "f", "upload_url": 7}])
def test_an_upload_that_tells_too_little_is_malformed(tmp_path: Path, data: dict[str, Any]) -> None:
    """No job is created from a file that may not have arrived."""
    with pytest.raises(MalformedReply):
        taskferry.testing.submitted(TRIPO, BY_NAME["rig-check"], {"data": data}, source=large_model(tmp_path))


async def test_a_store_that_refuses_is_named_and_nothing_is_created(
    host: respx.Router, wire: Wire, tmp_path: Path
) -> None:
    """An expired address, for one; the store's page of XML is not shown."""
    host["put"].respond(403, content=b"<Error><Code>AccessDenied</Code><Key>secret</Key></Error>")
    notes = Notes()

    outcome = await sent(wire, "import-model", notes, source=large_model(tmp_path))

    assert isinstance(outcome, Refused)
    assert outcome.failure.message == "Tripo's file store did not take fox.glb: The provider answered HTTP 403."
    assert (host["create"].called, notes.sent) == (False, 0)


@pytest.mark.parametrize("lost", [httpx.ReadTimeout("slow"), httpx.ConnectError("refused")])
async def test_an_upload_that_was_lost_costs_nothing_and_is_done_again(
    host: respx.Router, wire: Wire, tmp_path: Path, lost: Exception
) -> None:
    """The billed call had not left, so the whole job may be tried once more."""
    host["form"].mock(side_effect=lost)
    notes = Notes()

    outcome = await sent(wire, "image-to-model", notes, image=picture(tmp_path))

    assert isinstance(outcome, NotReceived)
    assert notes.sent == 0


async def test_a_file_that_tripo_refuses_is_a_clear_failure(host: respx.Router, wire: Wire, tmp_path: Path) -> None:
    """With Tripo's code."""
    body = {"code": 2004, "status": "error", "message": "The file type is unsupported"}
    host["form"].respond(400, json=body)

    outcome = await sent(wire, "image-to-model", image=picture(tmp_path))

    assert isinstance(outcome, Refused)
    assert (outcome.failure.kind, outcome.failure.code) == (FailureKind.VALIDATION, "2004")


async def test_a_file_that_is_gone_when_its_turn_comes_is_refused_in_words(
    host: respx.Router, wire: Wire, tmp_path: Path
) -> None:
    """A job can wait for days before it is sent."""
    path = picture(tmp_path)
    operation = BY_NAME["image-to-model"]
    request = Request(task_id="ours", operation=operation, parameters=validate(operation, {"image": path}))
    path.unlink()

    outcome = await submit(TRIPO, request, wire, Notes())

    assert isinstance(outcome, Refused)
    assert outcome.failure.kind is FailureKind.VALIDATION
    assert f"{path} cannot be uploaded: No such file" in outcome.failure.message
    assert not host.calls


async def test_a_file_that_is_named_twice_is_uploaded_once(host: respx.Router, wire: Wire, tmp_path: Path) -> None:
    """Also inside a list."""
    fox, owl = picture(tmp_path), picture(tmp_path, "owl.jpg")
    tokens = iter(["file_fox", "file_owl"])
    host["form"].mock(side_effect=lambda _: httpx.Response(200, json={"data": {"file_token": next(tokens)}}))

    await sent(wire, "image-to-image", images=[fox, "https://example.com/x.png", owl, fox], prompt="together")

    body = json.loads(host["create"].calls.last.request.content)
    assert body["inputs"] == ["file_fox", "https://example.com/x.png", "file_owl", "file_fox"]
    assert host["form"].call_count == 2


async def test_each_view_and_guide_is_uploaded_to_its_place(host: respx.Router, wire: Wire, tmp_path: Path) -> None:
    """Inside the objects that Tripo wants them in."""
    fox = picture(tmp_path)

    await sent(wire, "multiview-to-model", front=fox, back=fox)
    views = json.loads(host["create"].calls.last.request.content)["inputs"]
    await sent(wire, "texture", source="file_m", image=fox, style_image=fox)
    guide = json.loads(host["create"].calls.last.request.content)["texture_prompt"]

    assert views == [{"front": "file_1"}, {"back": "file_1"}]
    assert guide == {"image": "file_1", "style_image": "file_1"}


async def test_a_prompt_that_looks_like_a_file_is_only_a_prompt(host: respx.Router, wire: Wire, tmp_path: Path) -> None:
    """Or else a text that an agent was handed could carry off any file of this machine."""
    secret = picture(tmp_path).as_uri()

    await sent(wire, "texture", source="file_m", prompt=secret, part_names=[secret])

    assert [call.request.url.path for call in host.calls] == ["/v3/models/texture"]
    assert json.loads(host.calls.last.request.content)["texture_prompt"] == {"text": secret}
