"""A store with a web of its own, for the tests of the artifact store."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import respx

import media_samples as media
from taskferry.adapter import Bearer, Scheme, Service
from taskferry.artifacts import DownloadLimits, Store
from taskferry.credentials import Secret
from taskferry.task import Artifact, Kind
from taskferry.testing import TaskferryMocker, VirtualClock
from taskferry.transport import Transport, Wire

KEY = "sk-very-secret"
URL = "https://cdn.example/files/fox.glb?sig=signed"
FOX = Artifact(name="model", kind=Kind.MODEL, url=URL)
GLB = media.glb()


class Bench:
    """A store, what answers it, and a folder that the store makes."""

    def __init__(self, place: Path, web: respx.MockRouter) -> None:
        self.web = web
        self.home = place / "files"
        self.folder = place / "out" / "fox"
        self.clock = VirtualClock()
        self.store = Store(transport(), self.home, clock=self.clock)
        self.wire = wire(Bearer())

    def limit(self, **limits: Any) -> None:
        """Have the store go by other limits than the usual ones."""
        self.store = Store(transport(), self.home, clock=self.clock, limits=DownloadLimits(**limits))

    async def keep(self, artifact: Artifact = FOX, *, wire: Wire | None = None) -> Artifact:
        """Keep an artifact in the folder."""
        return await self.store.keep(artifact, self.folder, wire=wire or self.wire)

    def put(self, name: str, content: bytes) -> Path:
        """Place a file in the folder beforehand."""
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / name
        path.write_bytes(content)
        return path

    @property
    def names(self) -> list[str]:
        """What is in the folder, parts included."""
        return names(self.folder)


@contextmanager
def bench(place: Path) -> Iterator[Bench]:
    """Set up a bench below a folder; nothing reaches the real web."""
    with respx.mock(using=TaskferryMocker.name, assert_all_called=False) as web:
        yield Bench(place, web)


def wire(scheme: Scheme) -> Wire:
    """A provider that serves some files itself, with the key."""
    service = Service(base_url="https://api.acme.example/v1", hosts=["files.acme.example"], scheme=scheme)
    return Wire(transport(), service, service.base_url, Secret(KEY, "the test"))


@cache
def transport() -> Transport:
    """One for all tests, since making one reads the machine's certificates; it never connects to anything."""
    return Transport()


def names(folder: Path) -> list[str]:
    """What is in a folder."""
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []
