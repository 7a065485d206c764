"""A gallery for the tests of its pages: served over real HTTP, from a ledger that a test fills."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx

from acme import registry
from ledger_records import a_job, a_record, moved
from taskferry.ledger import Ledger, Record, open_ledger
from taskferry.status import Status
from taskferry.task import Artifact, Kind
from taskferry.web import WebOptions, serving

KEY = "sesame-open-the-door"
EVERY = 0.02
_CSRF = re.compile(r'<meta name="csrf" content="([^"]+)">')


class Desk:
    """A browser without scripts, at a running gallery."""

    def __init__(self, client: httpx.Client) -> None:
        self.client = client

    @property
    def csrf(self) -> str:
        """Give the word that forms carry."""
        found = _CSRF.search(self.page("/"))
        assert found is not None, "every page has it"
        return found[1]

    def get(self, path: str, **headers: str) -> httpx.Response:
        """Ask for something."""
        return self.client.get(path, headers={name.replace("_", "-"): value for name, value in headers.items()})

    def page(self, path: str, status: int = 200) -> str:
        """Give a page's HTML."""
        reply = self.client.get(path, headers={"accept": "text/html"})
        assert reply.status_code == status, f"{path}: {reply.status_code} {reply.text[-500:]}"
        return reply.text

    def post(self, path: str, fields: dict[str, str] | None = None, **more: Any) -> httpx.Response:
        """Send a form."""
        return self.client.post(path, data={"csrf": self.csrf, **(fields or {})}, **more)


@contextmanager
def desk(home: Path, options: WebOptions | None = None, **settings: Any) -> Iterator[Desk]:
    """Serve the gallery of a home, with Acme as its provider unless told otherwise."""
    made = {"registry": registry(), "environ": {"ACME_KEY": KEY}, **settings}
    with (
        serving(options or WebOptions(port=0), every=EVERY, home=home, **made) as url,
        httpx.Client(base_url=url.partition("?")[0], timeout=30) as client,
    ):
        yield Desk(client)


def kept(ledger: Ledger, at: float = 1000.0, *, prompt: str = "a small red fox", **snapshot: Any) -> Record:
    """Keep a task that has ended, given up by who held it."""
    record = ledger.add(a_record(at, job=a_job(parameters={"prompt": prompt})))
    ended = {"status": Status.SUCCEEDED, "finished_at": at + 30, "submitted_at": at, **snapshot}
    saved = ledger.save(moved(record, **ended))
    ledger.release(saved.id)
    return saved


def filled(home: Path, *records: dict[str, Any]) -> list[Record]:
    """Fill a ledger with tasks that have ended, one after another."""
    with open_ledger(home) as ledger:
        return [kept(ledger, 1000.0 + number, **record) for number, record in enumerate(records)]


def a_file(folder: Path, name: str, content: bytes, media_type: str, kind: Kind = Kind.IMAGE) -> Artifact:
    """Make a kept result with its file."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return Artifact(
        name=name.partition(".")[0],
        kind=kind,
        media_type=media_type,
        url="https://files.acme.example/1?signature=very-secret",
        path=path,
        size=len(content),
        sha256=sha256(content).hexdigest(),
    )
