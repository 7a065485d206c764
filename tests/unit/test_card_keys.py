"""How a card's stand-in knows its callers: one case for each scheme."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import pytest
from starlette.requests import Request

from taskferry.adapter import Bearer, HeaderKey, NoKey, QueryKey, Scheme, Service, SignedToken
from taskferry.call import Call
from taskferry.credentials import Secret
from taskferry.sandbox.card.keys import Keys
from taskferry.signing import sign

NOW = 1_800_000_000.0
BASE = "https://api.acme.example"
SCHEMES = [Bearer(), HeaderKey(name="X-Key", prefix="Key "), QueryKey(name="key"), SignedToken(lifetime=60)]


def request(params: Mapping[str, Any], headers: Mapping[str, str]) -> Request:
    raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "query_string": urlencode(params).encode(), "headers": raw})


def signed(scheme: Scheme, key: str, at: float = NOW) -> Request:
    """Make a request as taskferry signs it."""
    service = Service(base_url=BASE, scheme=scheme)
    _, params, headers = sign(Call.get("/jobs"), service, BASE, Secret(key, "the test"), lambda: at)
    return request(params, headers)


@pytest.mark.parametrize("scheme", SCHEMES, ids=lambda scheme: type(scheme).__name__)
def test_a_made_up_key_is_known_again(scheme: Scheme) -> None:
    """By whatever name: the key itself, or the id that a token was minted for."""
    keys = Keys("acme", scheme)
    key = keys.example()

    known = keys.of(signed(scheme, key), NOW)

    assert known == key.partition(":")[0]


@pytest.mark.parametrize("scheme", SCHEMES, ids=lambda scheme: type(scheme).__name__)
def test_a_request_without_a_key_is_nobody_s(scheme: Scheme) -> None:
    """It is answered as unauthorized."""
    assert Keys("acme", scheme).of(request({}, {}), NOW) is None


def test_a_token_with_a_wrong_signature_is_refused() -> None:
    """It names an id that was made up here, so its secret is known."""
    keys = Keys("acme", SignedToken())
    forged = f"{keys.example().partition(':')[0]}:another"

    assert keys.of(signed(SignedToken(), forged), NOW) is None


def test_a_token_that_has_run_out_is_refused() -> None:
    """A card that mints one for each call never sends it."""
    keys = Keys("acme", SignedToken())

    assert keys.of(signed(SignedToken(lifetime=60), keys.example(), NOW - 61), NOW) is None


@pytest.mark.parametrize(
    "token", ["Bearer nonsense", "Bearer a.b.c", "Bearer e30.e30.c", "Bearer W10.W10.c", "Bearer é.é"]
)
def test_what_is_no_token_is_refused(token: str) -> None:
    """Whatever it is made of."""
    raw = request({}, {})
    raw.scope["headers"].append((b"authorization", token.encode("latin-1")))

    assert Keys("acme", SignedToken()).of(raw, NOW) is None


def test_where_no_key_is_needed_everybody_is_one() -> None:
    """All jobs are of one account."""
    keys = Keys("acme", NoKey())

    assert keys.of(request({}, {}), NOW) == keys.of(request({"a": "b"}, {}), NOW) == "nobody"
