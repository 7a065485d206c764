"""What plugins read: every decoder of both providers, in both generations, as the exchange drives them."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from fuzz import soundness
from fuzz.corpus import bodies
from fuzz.target import Target, Unsound
from fuzz.wire import HEAD, Journal, OneReply, at_once, reply
from taskferry import Accepted, Adapter, FailureKind, Request
from taskferry.call import Purpose
from taskferry.exchange import Refused, fetch_many, look, run, submit
from taskferry.exchange.submitting import pack, replay
from taskferry.parameters import validate
from taskferry.registry import Registry
from taskferry.transport import Wire

V = "550e8400-e29b-41d4-a716-446655440000"
T = "6ffdb041-55c6-4a16-8985-7cc3268a545b"
SECRET, NOW = "whsec_0123456789", 1767960000
PICTURE = "https://cdn.example/fox.png"
REMOTES: Mapping[str, Sequence[Any]] = {
    "vap/v3": [
        {"task_id": V, "kind": "image"}, {"task_id": V, "kind": "video"}, {"task_id": V, "kind": "music"},
        {"operation_id": V, "kind": "upscale"}, {"execution_id": V, "kind": "full_production"},
        {"trial_id": V, "kind": "image"},
    ],
    "vap/v1": [{"generation_id": V, "kind": "image"}, {"generation_id": V, "kind": "music"}],
    "tripo/v3": [{"task_id": T}],
    "tripo/v2": [{"task_id": T}],
}  # fmt: skip
ASKED: Mapping[str, Sequence[tuple[str, Mapping[str, Any]]]] = {
    "vap/v3": [
        ("vap/image", {"prompt": "a fox"}), ("vap/video", {"prompt": "a fox"}), ("vap/music", {"prompt": "a fox"}),
        ("vap/upscale", {"image": PICTURE}),
    ],
    "vap/v1": [("vap/image", {"prompt": "a fox"})],
    "tripo/v3": [("tripo/text-to-model", {"prompt": "a cat"}), ("tripo/image-to-model", {"image": PICTURE})],
}  # fmt: skip

Reading = Callable[[Adapter, Any, bytes], None]


def targets(folder: Path) -> Iterator[Target]:
    """Give a target for each thing that an adapter reads; a file to upload goes to a folder."""
    registry = Registry()
    for name, remotes in REMOTES.items():
        provider, _, generation = name.partition("/")
        adapter = registry.adapter(provider, generation)
        make = partial(_target, name, adapter)
        wrong = bodies(provider, "errors")
        yield make("look", [*bodies(provider, "tasks"), *wrong], looked, remotes, share=6)
        yield make("failure", [*wrong, *bodies(provider, "tasks")], _failed, [None], share=2)
        yield make("balance", [*bodies(provider, "balances"), *wrong], _balanced, [None])
        requests = [_request(adapter, *asked) for asked in ASKED.get(name, ())]
        if requests:
            yield make("submit", [*bodies(provider, "created", "tasks"), *wrong], submitted, requests, share=3)
        if requests and hasattr(adapter, "recent"):
            listings = bodies(provider, "usage", "batches") if provider == "tripo" else bodies(provider, "listings")
            yield make("recent", [*listings, *wrong], _listed, requests[:1], share=2)
        if hasattr(adapter, "fetch_many"):
            many = [[{"task_id": T}, {"task_id": "task_abc123"}]]
            yield make("fetch_many", [*bodies(provider, "batches"), *wrong], _looked_at_many, many, share=3)
        if hasattr(adapter, "pick_generation"):
            yield make("pick_generation", [*bodies(provider, "health"), *wrong], _picked, [None], share=0.5)
        if hasattr(adapter, "verify_webhook"):
            hooks = bodies(provider, "webhooks")
            yield make("webhook", hooks, _trusted, [provider], share=2)
            yield make("webhook headers", hooks, _claimed, [provider])
    uploads = [_request(registry.adapter("tripo", "v3"), "tripo/image-to-model", {"image": _picture(folder)})]
    yield _target(
        "tripo/v3",
        registry.adapter("tripo", "v3"),
        "uploads",
        bodies("tripo", "uploads", "created"),
        submitted,
        uploads,
    )


def _target(
    name: str,
    adapter: Adapter,
    what: str,
    seeds: Sequence[bytes],
    read: Reading,
    given: Sequence[Any],
    share: float = 1,
) -> Target:
    """Make a target whose body's first byte also picks one of what is given."""

    def one(data: bytes) -> None:
        read(adapter, given[data[0] % len(given)] if data else given[0], data[1:])

    return Target(name=f"{name} {what}", seeds=seeds, read=one, head=1 + HEAD, share=share)


def _request(adapter: Adapter, name: str, parameters: Mapping[str, Any]) -> Request:
    operation = next(one for one in adapter.operations if one.name == name)
    return Request(task_id="t" * 26, operation=operation, parameters=validate(operation, parameters))


def _picture(folder: Path) -> str:
    path = folder / "fox.png"
    path.write_bytes(b"\x89PNG")
    return path.as_uri()


def _wire(data: bytes) -> Wire:
    return OneReply(data)  # type: ignore[return-value]  # all of a wire that an exchange uses


def looked(adapter: Adapter, remote: Any, data: bytes) -> None:
    """Look at a job as the poller does."""
    sight = at_once(look(adapter, remote, _wire(data)))
    if sight.retry_after is not None:
        soundness.finite(sight.retry_after, "retry_after")
    soundness.observation(sight.observation)


def _looked_at_many(adapter: Any, remotes: Any, data: bytes) -> None:
    for seen in at_once(fetch_many(adapter, adapter.failure, remotes, _wire(data))):
        if seen is not None:
            soundness.observation(seen)


def _failed(adapter: Adapter, given: None, data: bytes) -> None:
    failure = adapter.failure(reply(data))
    soundness.failure(None if failure is None else failure.bounded)
    soundness.holds(failure is not None or reply(data).status < 400, "an HTTP status of failure is taken for none")


def _balanced(adapter: Any, given: None, data: bytes) -> None:
    balance, _ = at_once(run(adapter.balance(), _wire(data), adapter.failure))
    soundness.balance(balance)


def _listed(adapter: Any, request: Request, data: bytes) -> None:
    found, _ = at_once(run(adapter.recent(request), _wire(data), adapter.failure))
    soundness.candidates(found)


def _picked(adapter: Any, given: None, data: bytes) -> None:
    picked, _ = at_once(run(adapter.pick_generation(), _wire(data), adapter.failure))
    soundness.holds(picked in ("v3", "v1"), f"the generation is {picked!r}")


def submitted(adapter: Adapter, request: Request, data: bytes) -> None:
    """Submit, read the kept reply once more as after a crash, and ask for the job that came of it."""
    wire = OneReply(data)
    outcome = at_once(submit(adapter, request, wire, Journal()))  # type: ignore[arg-type]  # all of a wire that it uses
    again = replay(adapter, request, pack(reply(data)), adapter.service.base_url)
    if again is not None:
        soundness.accepted(again)
    if isinstance(outcome, Accepted):
        soundness.accepted(outcome)
        call = next(adapter.fetch(outcome.remote))
        soundness.storable(call.path, "the path of the look at it")
        return
    soundness.failure(outcome.failure.bounded)
    broken = outcome.failure.message.startswith("The adapter")
    if broken:
        raise Unsound(f"{type(outcome).__name__}: {outcome.failure.message}")
    status = reply(data).status
    if isinstance(outcome, Refused) and [call.purpose for call in wire.calls] == [Purpose.CREATE]:
        # A reply of success that is no refusal in words may hide a paid job.
        soundness.holds(
            status >= 400 or adapter.failure(reply(data)) is not None, f"HTTP {status} was taken for a refusal"
        )
        soundness.holds(status < 500 or outcome.failure.kind is not FailureKind.UNAVAILABLE, f"HTTP {status} refused")


def _trusted(adapter: Any, provider: str, data: bytes) -> None:
    """Read a webhook that is signed as it should be."""
    body = data[HEAD:]
    signature = hmac.new(SECRET.encode(), f"{NOW}.".encode() + body, hashlib.sha256).hexdigest()
    headers = (
        {"Tripo-Webhook-Signature": f"t={NOW},v1={signature}"}
        if provider == "tripo"
        else {"X-VAP-Signature": signature, "X-VAP-Timestamp": str(NOW)}
    )
    _hook(adapter.verify_webhook(headers, body, SECRET, float(NOW)))


def _claimed(adapter: Any, provider: str, data: bytes) -> None:
    """Read a webhook whose headers are anything; nothing that was not signed is trusted."""
    value = data[HEAD:].decode("latin-1")
    times = data[HEAD : HEAD + 12].decode("latin-1") if data[:1] > b"\x80" else str(NOW)
    headers = {"Tripo-Webhook-Signature": f"t={times},v1={value}", "X-VAP-Signature": value, "X-VAP-Timestamp": times}
    adapter.verify_webhook(headers, b"{}", SECRET, float(NOW))
    raise Unsound("a webhook that nobody signed was trusted")


def _hook(remote: Any) -> None:
    if remote is not None:
        soundness.remote(remote)
