"""A made-up Blender add-on: the protocol of Tripo's, on a port of its own, well-behaved or as bad as a test wants."""

from __future__ import annotations

import hashlib
import json
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import httpx

from taskferry import Artifact, Kind, Snapshot, Status
from taskferry.sandbox.media.model import model
from taskferry.task import new_id

Behaviour = Callable[["MadeUpAddOn", socket.socket, dict[str, Any]], None]
MODELS = [{"name": "geometry_0", "dimensions": {"x": 0.8, "y": 0.9, "z": 1.0}}]


class MadeUpAddOn:
    """Listens as the add-on does: one client at a time, a command ends where it parses."""

    def __init__(self, behave: Behaviour) -> None:
        self._behave = behave
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.commands: list[dict[str, Any]] = []
        self.files: list[bytes] = []
        self.finish = threading.Event()
        """Set when the test is over; a behaviour that never answers waits for it."""
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    @property
    def environ(self) -> dict[str, str]:
        """Give the variables that lead to it."""
        return {"BLENDER_HOST": "127.0.0.1", "BLENDER_PORT": str(self._socket.getsockname()[1])}

    def fetch(self, command: dict[str, Any]) -> httpx.Response:
        """Fetch the model as the add-on does, whatever comes."""
        reply = httpx.get(command["params"]["url"], trust_env=False)
        self.files.append(reply.content)
        return reply

    def close(self) -> None:
        """Stop, also in the middle of an answer."""
        self.finish.set()
        self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._socket.close()

    def _serve(self) -> None:
        while not self.finish.is_set():
            try:
                client, _ = self._socket.accept()
            except OSError:  # closed: the test is over
                return
            try:
                with client:
                    self._serve_one(client)
            except OSError:  # that client has gone in the middle; the next one may come
                continue

    def _serve_one(self, client: socket.socket) -> None:
        received = b""
        while chunk := client.recv(8192):
            received += chunk
            try:
                command = json.loads(received)
            except ValueError:
                continue
            received = b""
            self.commands.append(command)
            self._behave(self, client, command)
            if self._behave is not imports:
                return


def imports(add_on: MadeUpAddOn, client: socket.socket, command: dict[str, Any]) -> None:
    """Fetch the model and tell what is in it, in two pieces; a failed fetch is an error, as with the add-on."""
    try:
        add_on.fetch(command)
    except httpx.TransportError as error:
        client.sendall(json.dumps({"status": "error", "message": str(error)}).encode())
        return
    result = {"status": "success", "message": "Model imported successfully", "models": MODELS}
    answer = json.dumps({"status": "success", "result": result}).encode()
    client.sendall(answer[:40])
    client.sendall(answer[40:])


def resets(add_on: MadeUpAddOn, client: socket.socket, command: dict[str, Any]) -> None:
    """Break the connection, as a Blender that crashes does."""
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def says(answer: bytes | dict[str, Any], *, fetches: bool = True, stays: bool = False) -> Behaviour:
    """Answer with something fixed, then close, or stay connected until the test is over."""

    def behave(add_on: MadeUpAddOn, client: socket.socket, command: dict[str, Any]) -> None:
        if fetches:
            add_on.fetch(command)
        client.sendall(answer if isinstance(answer, bytes) else json.dumps(answer).encode())
        if stays:
            add_on.finish.wait()

    return behave


@contextmanager
def add_on(behave: Behaviour = imports) -> Iterator[MadeUpAddOn]:
    """Run a made-up add-on."""
    made_up = MadeUpAddOn(behave)
    try:
        yield made_up
    finally:
        made_up.close()


@cache
def fox() -> bytes:
    """Make a real GLB, once."""
    return model("a small red fox", faces=400)


def model_task(folder: Path, **changes: Any) -> Snapshot:
    """Give a finished task with a real GLB that was kept in a folder; `changes` are of its artifact."""
    content = fox()
    path = folder / "model.glb"
    path.write_bytes(content)
    settings = {
        "name": "model",
        "kind": Kind.MODEL,
        "media_type": "model/gltf-binary",
        "url": "https://files.example/fox/model.glb?sign=old",
        "path": path,
        "size": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    preview = Artifact(name="preview", kind=Kind.IMAGE, media_type="image/webp", url="https://files.example/fox.webp")
    return Snapshot(
        id=new_id(),
        provider="tripo",
        operation="tripo/text-to-model",
        status=Status.SUCCEEDED,
        artifacts=(preview, Artifact(**{**settings, **changes})),
    )
