"""What users and other processes write: tokens, config, caps, amounts, headers of limits, parameters."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urlsplit

from fuzz import soundness
from fuzz.mutation import WILD, noised
from fuzz.target import Target, Unsound
from taskferry import Amount, InvalidParameters, MissingKey, Operation, QueryKey, Service, UsageError
from taskferry.credentials import find_key
from taskferry.parameters import validate
from taskferry.registry import Registry
from taskferry.settings import base_url_for
from taskferry.spend import Caps, read_caps
from taskferry.text import clean, harmless
from taskferry.token import read_token
from taskferry.transport.quota import LONGEST, Quota
from taskferry.transport.wire import _seconds

CONFIG = b"""\
[keys]
acme = "sesame"

[caps]
day = "20 USD, 10 videos"
total = ["100 USD", "5000 credits"]
allow_unpriced = true

[caps.acme]
task = "40 credits"

[rates]
credits = "0.01 USD"

[rates.acme]
credits = "0.02 USD"
"""
TOKENS = (
    b'{"taskferry":1,"task":"01jd8x4v6k2m9q3r5t7w0y1z2b","provider":"acme"}',
    b"01jd8x4v6k2m9q3r5t7w0y1z2b",
    b"01jd",
)
HINTS = (b"30", b"1.5", b"Wed, 21 Oct 2026 07:28:00 GMT", b"Wed, 21 Oct 2026 07:28:00 -0000", b"2026-10-21T07:28:00Z")
LIMITS = (
    b"X-RateLimit-Remaining: 0\nX-RateLimit-Limit: 60\nX-RateLimit-Reset: 1767225600",
    b"RateLimit-Remaining: 3\nRateLimit-Limit: 60\nRateLimit-Reset: 30",
    b'RateLimit: "default";r=50;t=30',
)
ACME = Service(base_url="https://api.acme.example", scheme=QueryKey(name="key"), key_variables=("ACME_KEY",))


def targets(folder: Path) -> Iterator[Target]:
    """Give a target for each kind of text; files go to a folder."""
    yield Target(name="token", seeds=TOKENS, read=_token)
    yield Target(name="text", seeds=[json.dumps(one).encode() for one in WILD if isinstance(one, str)], read=_text)
    yield Target(name="amount", seeds=(b"1.50 USD", b"40 credits", b"10 videos"), read=_amount, change=noised)
    yield Target(name="Retry-After", seeds=HINTS, read=_hint, change=noised)
    yield Target(name="quota headers", seeds=LIMITS, read=_limits, change=noised)
    yield Target(
        name="base URL", seeds=(b"https://api.acme.example/v1", b"http://127.0.0.1:8000"), read=_base_url, change=noised
    )
    config = folder / "config.toml"
    yield Target(
        name="config keys", seeds=[CONFIG], read=lambda data: _key(config, data), change=_configured, share=0.5
    )
    yield Target(
        name="config caps", seeds=[CONFIG], read=lambda data: _caps(config, data), change=_configured, share=0.5
    )
    for operation in _operations():
        yield Target(name=f"validate {operation.name}", seeds=_samples(operation), read=_checked(operation), share=0.5)


def _token(data: bytes) -> None:
    soundness.holds(isinstance(read_token(data.decode("utf-8", "surrogateescape")), str), "the id is no text")


def _text(data: bytes) -> None:
    for text in (data.decode("utf-8", "replace"), data.decode("utf-8", "surrogateescape")):
        soundness.plain(clean(text), 500, "the text")
        soundness.storable(harmless(text), "the harmless text")


def _amount(data: bytes) -> None:
    amount = Amount.parse(data.decode("utf-8", "replace"))
    soundness.holds(amount.value.is_finite() and amount.value >= 0, f"the amount is {amount!r:.80}")
    soundness.holds(Decimal(str(amount).partition(" ")[0]) == amount.value, f"{amount!r:.80} is written otherwise")


def _hint(data: bytes) -> None:
    seconds = _seconds(data.decode("latin-1"), 1767225600.0)
    if seconds is not None:
        soundness.finite(seconds, "Retry-After")
        soundness.holds(seconds >= 0, f"Retry-After is {seconds}")


def _limits(data: bytes) -> None:
    pairs = (line.partition(":") for line in data.decode("latin-1").split("\n"))
    headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
    quota = Quota()
    quota.heard(429, headers, 1000.0, wall=1767225500.0, retry_after=_seconds(headers.get("retry-after", ""), 0.0))
    soundness.finite(quota.hold(1000.0), "the hold")
    soundness.holds(0 <= quota.hold(1000.0) <= LONGEST, f"an account is stopped for {quota.hold(1000.0)} s")


def _base_url(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    found = base_url_for("acme", ACME.base_url, {"TASKFERRY_ACME_BASE_URL": text})
    soundness.holds(urlsplit(found).scheme in ("https", "http"), f"the base URL is {found!r:.80}")


def _configured(random: Random, seed: bytes) -> bytes:
    """Change a config file by bytes, or put a wild value in the place of one of its own."""
    if random.random() < 0.5:
        return noised(random, seed)
    lines = seed.split(b"\n")
    places = [place for place, line in enumerate(lines) if b"=" in line]
    at = places[random.randrange(len(places))]
    lines[at] = lines[at].partition(b"=")[0] + b"= " + json.dumps(WILD[random.randrange(len(WILD))]).encode()
    return b"\n".join(lines)


def _written(config: Path, data: bytes) -> Path:
    config.touch(mode=0o600)
    config.write_bytes(data)
    return config.parent


def _key(config: Path, data: bytes) -> None:
    try:
        key = find_key("acme", ACME, explicit=None, environ={}, home=_written(config, data))
    except MissingKey:
        return
    soundness.holds(key is not None and key.reveal().isascii(), "the key cannot be sent")


def _caps(config: Path, data: bytes) -> None:
    caps = read_caps(_written(config, data), {})
    soundness.holds(isinstance(caps, Caps) and type(caps.allow_unpriced) is bool, "these are no caps")
    for cap in caps.caps:
        soundness.holds(cap.limit.value.is_finite() and cap.limit.value >= 0, f"the cap is {cap!r:.80}")
        str(cap)


def _operations() -> Iterator[Operation]:
    registry = Registry()
    for name in ("vap/video", "vap/ai-edit", "tripo/multiview-to-model", "tripo/text-to-model"):
        found = next((one for one in registry.operations() if one.name == name), None)
        if found is None:
            raise Unsound(f"there is no {name} any more: name another operation here")
        yield found


def _samples(operation: Operation) -> Sequence[bytes]:
    """Give parameters in which every property has a value of its type."""
    values = {name: _sample(schema) for name, schema in operation.parameters["properties"].items()}
    return [json.dumps(values).encode(), json.dumps({"prompt": "a fox"}).encode()]


def _sample(schema: Any) -> Any:
    if "enum" in schema:
        return schema["enum"][0]
    kind = schema.get("type")
    samples = {"integer": 8, "number": 0.5, "boolean": True, "array": ["https://cdn.example/1.png"], "object": {}}
    return samples.get(kind if isinstance(kind, str) else "", "https://cdn.example/1.png")


def _checked(operation: Operation) -> Any:
    def read(data: bytes) -> None:
        try:
            given = json.loads(data)
        except (ValueError, RecursionError) as error:
            raise UsageError("no parameters at all") from error
        if not isinstance(given, dict):
            raise UsageError("no parameters at all")
        try:
            valid = validate(operation, given)
        except InvalidParameters as error:
            for problem in error.problems:
                soundness.plain(problem.message, 600, "the message of a problem")
            raise
        json.dumps(valid, allow_nan=False)
        soundness.holds(set(valid) <= set(operation.parameters["properties"]), "a parameter nobody knows is sent")

    return read
