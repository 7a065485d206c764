"""A provider whose adapter breaks the contract, in the way that the reply to a look names as its `mistake`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import EntryPoint
from pathlib import Path
from types import MappingProxyType
from typing import Any

from attrs import evolve

import acme
from taskferry import (
    JSON,
    Accepted,
    Call,
    Exchange,
    Ferry,
    Observation,
    Provider,
    Registry,
    Reply,
    Request,
    Service,
    Status,
    hookimpl,
)

BASE = "https://api.broken.example"


def _raises(error: Exception) -> Any:
    raise error


def _seen(**wrong: Any) -> Observation:
    return Observation(**{"provider_status": "working", "status": Status.RUNNING, **wrong})


_OBSERVATIONS: Mapping[str, Callable[[], Any]] = {
    "TypeError": lambda: _raises(TypeError("'NoneType' object is not subscriptable")),
    "KeyError": lambda: _raises(KeyError("state")),
    "None": lambda: None,
    "a dictionary": lambda: {"status": "running"},
    "a word that is no text": lambda: _seen(provider_status=5),
    "a result that is none": lambda: _seen(artifacts=["https://cdn.example/1.png"]),
    "progress that is no number": lambda: _seen(progress="50 %"),
    "a hint that is no number": lambda: _seen(retry_after="soon"),
    "a status that is none": lambda: _seen(status="running"),
}
"""What an adapter makes of the reply to a look at one job, by mistake."""
_LISTS: Mapping[str, Callable[[list[Any]], Any]] = {
    "nothing": lambda seen: None,
    "one too few": lambda seen: seen[:-1],
    "one too many": lambda seen: [*seen, None],
    "an iterator": iter,
    "a text": lambda seen: "x" * len(seen),
}
"""What an adapter makes of the observations of many jobs, by mistake."""
MISTAKES_OF_LISTS = [*_LISTS]
MISTAKES = [*_OBSERVATIONS, *MISTAKES_OF_LISTS]


class LonelyAdapter(acme.AcmeAdapter):
    """Looks at one job with a call."""

    service = Service(base_url=BASE, key_variables=("ACME_KEY",))
    operations = (evolve(acme.IMAGE, name="lonely/image"),)

    def fetch(self, remote: JSON) -> Exchange[Observation]:
        """Look at a job, and do what the reply says."""
        if remote["id"] == "no generator":
            raise TypeError("no generator")
        return self._fetch(remote)

    def _fetch(self, remote: JSON) -> Exchange[Observation]:
        reply = yield Call.get("/jobs/{id}", **remote)
        return _observed(reply, reply.at("state", str))


class ManyAdapter(LonelyAdapter):
    """Looks at many jobs with a call."""

    operations = (evolve(acme.IMAGE, name="together/image"),)
    fetch_many_limit = 100

    def fetch_many(self, remotes: Sequence[JSON]) -> Exchange[Sequence[Observation | None]]:
        """Look at jobs, and do what the reply says."""
        if any(remote["id"] == "no generator" for remote in remotes):
            raise TypeError("no generator")
        return self._fetch_many(remotes)

    def _fetch_many(self, remotes: Sequence[JSON]) -> Exchange[Sequence[Observation | None]]:
        reply = yield Call.query("/jobs/list", json={"ids": [remote["id"] for remote in remotes]})
        words, mistake = reply.at("jobs", dict), reply.at("mistake", str, default=None)
        seen = [_observed(reply, words[remote["id"]], by_mistake=remote["id"] == "bad") for remote in remotes]
        return _LISTS[mistake](seen) if mistake in _LISTS else seen


class UploadingAdapter(acme.AcmeAdapter):
    """Sends a file before the billed call."""

    operations = (evolve(acme.IMAGE, name="uploading/image"),)

    def submit(self, request: Request) -> Exchange[Accepted]:
        """Upload, then create."""
        upload = yield Call.post("/uploads", free=True, json={})
        reply = yield Call.create("/jobs", json={"file": upload.at("id", str)})
        return Accepted(remote={"id": reply.at("id", str)})


class MislabellingAdapter(acme.AcmeAdapter):
    """Says of its create that it costs nothing, and does next what the prompt says."""

    operations = (evolve(acme.IMAGE, name="mislabelling/image"),)

    def submit(self, request: Request) -> Exchange[Accepted]:
        """Create a job by a call that is said to be free."""
        reply = yield Call.post("/jobs", free=True, json={})
        if request.parameters["prompt"] == "raise":
            raise KeyError("id")
        if request.parameters["prompt"] == "look":
            yield Call.get("/jobs/1")
        return Accepted(remote={"id": reply.at("id", str)})


def _observed(reply: Reply, word: str, *, by_mistake: bool = True) -> Observation:
    mistake = reply.at("mistake", str, default=None)
    if by_mistake and mistake in _OBSERVATIONS:
        wrong: Observation = _OBSERVATIONS[mistake]()
        return wrong
    artifacts = [acme.PIXEL] if word == "done" else []
    return Observation(provider_status=word, status=acme.STATUS.get(word), artifacts=artifacts)


@hookimpl
def taskferry_providers(register: Callable[[Provider], None]) -> None:
    """Register the broken ones."""
    register(Provider(name="lonely", title="Lonely", adapters={"v1": "broken_acme:LonelyAdapter"}))
    register(Provider(name="together", title="Together", adapters={"v1": "broken_acme:ManyAdapter"}))
    register(Provider(name="uploading", title="Uploading", adapters={"v1": "broken_acme:UploadingAdapter"}))
    register(Provider(name="mislabelling", title="Mislabelling", adapters={"v1": "broken_acme:MislabellingAdapter"}))


def ferry(home: Path, **settings: Any) -> Ferry:
    """Give a ferry for the broken ones with a key, in a home of its own."""
    registry = Registry(entry_points=[EntryPoint("broken", "broken_acme", "taskferry")], disabled="")
    return Ferry(home=home, registry=registry, environ=MappingProxyType({"ACME_KEY": "sesame"}), **settings)
