"""A kept model into an open Blender: the add-on's protocol, and all that can come over it instead of an answer."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path
from typing import Any

import httpx
import pytest

from blender_add_on import MODELS, add_on, fox, model_task, resets, says
from taskferry import ArtifactError, Snapshot
from taskferry_blender import (
    BlenderReplyMalformed,
    BlenderTimeout,
    BlenderUnreachable,
    ImportFailed,
    import_model,
)
from taskferry_blender.addon import connected
from taskferry_blender.address import Address
from taskferry_blender.serving import served


@pytest.fixture
def task(tmp_path: Path) -> Snapshot:
    """A finished task whose GLB was kept."""
    return model_task(tmp_path)


async def test_blender_imports_the_kept_file(task: Snapshot) -> None:
    """It gets the very bytes, by the one command that the add-on has for it, and tells what is in them."""
    with add_on() as made_up:
        imported = await import_model(task, environ=made_up.environ)

    (command,) = made_up.commands
    assert command["type"] == "import_tripo_glb_model"
    assert list(command["params"]) == ["url"]
    assert made_up.files == [fox()]
    assert imported.artifact.name == "model"
    assert imported.document() == {"status": "success", "message": "Model imported successfully", "models": MODELS}


async def test_blender_never_gets_the_providers_url(task: Snapshot) -> None:
    """Nor the path: only a secret address on this machine."""
    with add_on() as made_up:
        await import_model(task, environ=made_up.environ)

    url = httpx.URL(made_up.commands[0]["params"]["url"])
    assert (url.scheme, url.host) == ("http", "127.0.0.1")
    assert len(url.path.split("/")[1]) >= 32


async def test_the_address_is_gone_when_blender_has_answered(task: Snapshot) -> None:
    """So nobody fetches the model later."""
    with add_on() as made_up:
        await import_model(task, environ=made_up.environ)

    with pytest.raises(httpx.ConnectError):
        httpx.get(made_up.commands[0]["params"]["url"])


@pytest.mark.parametrize(
    "request_line", ["GET / HTTP/1.1", "POST {} HTTP/1.1", "GET /../model.glb HTTP/1.1", "nonsense"]
)
async def test_nothing_is_served_to_those_who_do_not_know_the_address(task: Snapshot, request_line: str) -> None:
    """They learn nothing but that it is not there."""
    path = task.artifacts[1].path
    assert path is not None

    async with served(path, "127.0.0.1") as file:
        url = httpx.URL(file.url)
        reader, writer = await asyncio.open_connection(url.host, url.port)
        writer.write(request_line.format(url.path).encode() + b"\r\nHost: localhost\r\n\r\n")
        answer = await reader.read()
        writer.close()

    assert answer.startswith(b"HTTP/1.1 404 ")
    assert file.fetched == 0


async def test_one_connection_takes_several_commands(task: Snapshot) -> None:
    """Each answer is read to its end and no further."""
    path = task.artifacts[1].path
    assert path is not None

    with add_on() as made_up:
        async with connected(Address.from_environ(made_up.environ)) as blender, served(path, "127.0.0.1") as file:
            first = await blender.ask("import_tripo_glb_model", 5.0, url=file.url)
            second = await blender.ask("import_tripo_glb_model", 5.0, url=file.url)

    assert first == second
    assert file.fetched == 2


async def test_nobody_listening_is_told_with_what_to_do(task: Snapshot) -> None:
    """Nothing was imported, and the text says so."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

    with pytest.raises(BlenderUnreachable, match="start the server of its add-on"):
        await import_model(task, address=Address(host="localhost", port=port))


async def test_a_changed_file_never_reaches_blender(task: Snapshot, tmp_path: Path) -> None:
    """It is checked before anybody is called."""
    (tmp_path / "model.glb").write_bytes(fox() + b"\0")

    with add_on() as made_up, pytest.raises(ArtifactError, match="not the file that was kept"):
        await import_model(task, environ=made_up.environ)

    assert made_up.commands == []


SUCCESS: dict[str, Any] = {"status": "success", "result": {"status": "success", "models": MODELS}}


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ({"status": "error", "message": "Unknown\ncommand \x1b[31mtype"}, "Unknown command"),
        ({"status": "error"}, "no reason given"),
        ({"status": "success", "result": {"status": "error", "message": "bad file"}}, "bad file"),
        ({"status": "success", "result": {"error": "no scene"}}, "no scene"),
        ({"status": "success", "result": {"models": []}}, "nothing to show"),
    ],
)
async def test_an_error_of_blender_is_one(task: Snapshot, answer: dict[str, Any], told: str) -> None:
    """Wherever in its answer the add-on puts it; on one line, without control characters."""
    with add_on(says(answer)) as made_up, pytest.raises(ImportFailed, match=told) as caught:
        await import_model(task, environ=made_up.environ)

    assert str(caught.value).isprintable()


async def test_an_error_without_a_fetch_names_the_likely_proxy(task: Snapshot) -> None:
    """The add-on fetches through whatever proxy its environment names."""
    answer = {"status": "error", "message": "Bad GLB"}

    with add_on(says(answer, fetches=False)) as made_up, pytest.raises(ImportFailed, match=r"Bad GLB.*NO_PROXY"):
        await import_model(task, environ=made_up.environ)


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (b"SSH-2.0-OpenSSH_9.2\r\n", "no JSON object"),
        (b"[]", "no JSON object"),
        (b"", "closed without one"),
        (b'{"status": "succ', "broke off"),
        (b'{"status": "success", "result": {"models": [}', "broke off"),
        (b'{"status": "success"}{"status": "success"}', "more follows"),
        (b'{"status": "\xff"}', "no sound JSON"),
        (b'{"a":' * 60_000 + b"1" + b"}" * 60_000, "no sound JSON"),
        (b'{"padding": "' + b"x" * 1_100_000, "longer than 1048576 bytes"),
        ({"status": "ok", "result": {}}, "status 'ok'"),
        ({"status": "success", "result": "done"}, "no usable result"),
        ({"result": {}}, "status 'None'"),
        ({"status": "success", "result": {"status": "success"}}, "does not say what it imported"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_what_is_no_answer_of_the_add_on(task: Snapshot, answer: bytes | dict[str, Any], told: str) -> None:
    """Another program on the port, an answer that breaks off, is huge or makes no sense: each is told apart."""
    with add_on(says(answer)) as made_up, pytest.raises(BlenderReplyMalformed, match=told):
        await import_model(task, environ=made_up.environ)


async def test_a_success_without_the_file_is_none(task: Snapshot) -> None:
    """Blender cannot have imported what it has not fetched."""
    with (
        add_on(says(SUCCESS, fetches=False)) as made_up,
        pytest.raises(BlenderReplyMalformed, match="nothing to import"),
    ):
        await import_model(task, environ=made_up.environ)


async def test_a_blender_that_crashes_breaks_the_connection(task: Snapshot) -> None:
    """What it has done by then, only a look can tell."""
    with add_on(resets) as made_up, pytest.raises(BlenderReplyMalformed, match=r"broke.*Look into Blender"):
        await import_model(task, environ=made_up.environ)


@pytest.mark.parametrize(("answer", "told"), [(b"", "has not answered"), (b'{"status": ', "stopped after 11 bytes")])
async def test_an_answer_that_does_not_come_ends_in_a_timeout(task: Snapshot, answer: bytes, told: str) -> None:
    """It says how long, how far, and to look before trying again."""
    with (
        add_on(says(answer, fetches=False, stays=True)) as made_up,
        pytest.raises(BlenderTimeout, match=rf"{told}.*Look into Blender") as caught,
    ):
        await import_model(task, environ=made_up.environ, timeout=0.2)

    assert "0.2 s" in str(caught.value)


async def test_a_client_that_holds_the_only_connection_is_told_of(task: Snapshot) -> None:
    """The add-on serves one at a time; a command that is read only after we gave up imports nothing."""
    with (
        add_on() as made_up,
        socket.create_connection(("127.0.0.1", int(made_up.environ["BLENDER_PORT"]))),
        pytest.raises(BlenderTimeout, match="another program may hold"),
    ):
        await import_model(task, environ=made_up.environ, timeout=0.2)

    assert made_up.files == []


async def test_giving_up_leaves_nothing_open(task: Snapshot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cancelled import takes its copy and its address with it."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))

    with add_on(says(b"", stays=True)) as made_up:
        importing = asyncio.create_task(import_model(task, environ=made_up.environ))
        while not made_up.files:
            await asyncio.sleep(0)
        importing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await importing

    assert list(folder.iterdir()) == []
    with pytest.raises(httpx.ConnectError):
        httpx.get(made_up.commands[0]["params"]["url"])
