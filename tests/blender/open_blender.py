"""Plays the open Blender: the add-on's one command over its protocol, done with Blender's library and requests."""

from __future__ import annotations

import json
import socket
import tempfile
from pathlib import Path
from typing import Any


def imported(url: str) -> list[dict[str, Any]]:
    """Fetch a model and import it into the scene, as the add-on does."""
    import bpy
    import requests

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.glb"
        path.write_bytes(requests.get(url, timeout=10).content)
        bpy.ops.import_scene.gltf(filepath=str(path))
    return [
        {"name": thing.name, "dimensions": dict(zip("xyz", map(float, thing.dimensions), strict=True))}
        for thing in bpy.context.selected_objects
    ]


def main() -> None:
    """Say the port on a line of its own, then serve one client."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        print(json.dumps({"port": server.getsockname()[1]}), flush=True)
        client, _ = server.accept()
        with client:
            command = json.loads(client.recv(8192))
            result = {"status": "success", "models": imported(command["params"]["url"])}
            client.sendall(json.dumps({"status": "success", "result": result}).encode())


if __name__ == "__main__":
    main()
