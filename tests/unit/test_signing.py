"""Where a key may go: to its provider's own hosts over https, and nowhere else."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from taskferry import (
    AdapterError,
    Bearer,
    Call,
    CallForbidden,
    HeaderKey,
    NoKey,
    QueryKey,
    Service,
    SignedToken,
    UsageError,
)
from taskferry.credentials import Secret
from taskferry.hosts import check_base_url, is_loopback
from taskferry.signing import sign

BASE = "https://api.acme.example/v1"
ACME = Service(base_url=BASE, hosts=("files.acme.example", "*.cdn.acme.example"))
KEY = Secret("sesame", "the test")


def signed(
    path: str, base_url: str = BASE, service: Service = ACME, **call: Any
) -> tuple[str, dict[str, Any], dict[str, str]]:
    return sign(Call.get(path, **call), service, base_url, KEY, lambda: 1000.0)


def test_a_path_goes_below_the_base_url_with_the_key() -> None:
    """Parameters of None are left out; the caller's headers stay."""
    url, params, headers = signed("/jobs/7", params={"page": 1, "kind": None}, headers={"x-a": "b"})

    assert (url, params) == (f"{BASE}/jobs/7", {"page": 1})
    assert headers == {"x-a": "b", "Authorization": "Bearer sesame"}


@pytest.mark.parametrize(
    ("scheme", "params", "headers"),
    [
        (Bearer(), {}, {"Authorization": "Bearer sesame"}),
        (HeaderKey(name="x-key"), {}, {"x-key": "sesame"}),
        (HeaderKey(name="Authorization", prefix="Key "), {}, {"Authorization": "Key sesame"}),
        (QueryKey(name="key"), {"key": "sesame"}, {}),
        (NoKey(), {}, {}),
    ],
)
def test_each_scheme_puts_the_key_in_its_place(scheme: Any, params: dict[str, str], headers: dict[str, str]) -> None:
    """The adapter only names the scheme."""
    service = Service(base_url=BASE, scheme=scheme)

    assert signed("/jobs", service=service)[1:] == (params, headers)


def test_a_token_is_minted_for_each_call_and_verifies() -> None:
    """HS256 over both parts, dated by the clock that was handed in."""
    key = Secret("id-7:shh", "the test")
    service = Service(base_url=BASE, scheme=SignedToken(lifetime=60))

    _, _, headers = sign(Call.get("/jobs"), service, BASE, key, lambda: 1000.0)

    head, claims, signature = headers["Authorization"].removeprefix("Bearer ").split(".")
    assert decoded(head) == {"alg": "HS256", "typ": "JWT"}
    assert decoded(claims) == {"iss": "id-7", "exp": 1060, "nbf": 995}
    expected = hmac.digest(b"shh", f"{head}.{claims}".encode(), hashlib.sha256)
    assert base64.urlsafe_b64decode(signature + "=") == expected


def decoded(part: str) -> Any:
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def test_a_key_that_is_not_id_and_secret_cannot_mint() -> None:
    """The error says how to write it, and not what it is."""
    with pytest.raises(UsageError, match="ID:SECRET") as caught:
        signed("/jobs", service=Service(base_url=BASE, scheme=SignedToken()))

    assert "sesame" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "https://api.acme.example/v2/elsewhere",
        "https://API.ACME.example:443/x",
        "https://files.acme.example/1.png",
        "https://eu.cdn.acme.example/1.png",
    ],
)
def test_the_key_goes_to_the_providers_own_hosts(url: str) -> None:
    """The origin of the base URL, and what the adapter lists."""
    assert signed(url)[2] == {"Authorization": "Bearer sesame"}


FOREIGN = [
    "https://evil.example/x",
    "https://acme.example/x",
    "https://api.acme.example.evil.example/x",
    "https://evil-api.acme.example/x",
    "https://cdn.acme.example/x",
    "https://api.acme.example:8443/x",
    "https://files.acme.example:8443/x",
    "https://api.acme.example./x",
    "https://evil.example/https://api.acme.example/x",
    "https://evil.example#@api.acme.example/x",
    "https://evil.example?x=.cdn.acme.example",
    "https://evil.example\\.cdn.acme.example/x",
    "https://evil.example%2f.cdn.acme.example/x",
    "https://evil.example .cdn.acme.example/x",
]


@pytest.mark.parametrize("url", FOREIGN)
def test_the_key_goes_to_no_other_host(url: str) -> None:
    """Nor to another port, nor where two readers of an address might not agree on its host."""
    with pytest.raises((CallForbidden, AdapterError)) as caught:
        signed(url)

    assert "sesame" not in str(caught.value)


@pytest.mark.parametrize("url", [*FOREIGN, "https://files.acme.example/1.png", "https://eu.cdn.acme.example:443/1.png"])
def test_the_host_that_is_checked_is_the_host_that_is_called(url: str) -> None:
    """The HTTP library reads addresses with code of its own."""
    try:
        checked, _, _ = signed(url)
    except (CallForbidden, AdapterError):
        checked = BASE

    assert httpx.URL(checked).host == urlsplit(checked).hostname


@pytest.mark.parametrize(
    "url",
    [
        "http://api.acme.example/v1/jobs",
        "http://10.0.0.1/x",
        "http://localhost.evil.example/x",
        "ftp://api.acme.example/x",
        "file:///etc/passwd://x",
        "https://user@api.acme.example/x",
        "https://user:pw@api.acme.example/x",
        "https://:pw@api.acme.example/x",
    ],
)
def test_no_call_leaves_over_plain_http_or_with_a_user_name(url: str) -> None:
    """Not even one that carries no key."""
    with pytest.raises(CallForbidden):
        signed(url, signed=False)


@pytest.mark.parametrize("url", ["https://api.acme.example:99999/x", "https://[::1/x", "https://a:b/x"])
def test_an_address_that_is_none_is_the_adapters_error(url: str) -> None:
    """Told as such."""
    with pytest.raises(AdapterError, match="a URL that is none"):
        signed(url)


def test_an_unsigned_call_may_go_anywhere_and_carries_no_key() -> None:
    """Presigned addresses are on hosts of their own."""
    assert signed("https://bucket.example/x?sig=1", signed=False) == ("https://bucket.example/x?sig=1", {}, {})


def test_with_another_base_url_the_further_hosts_are_no_longer_own() -> None:
    """A stand-in, a proxy or another region has nothing to do with the provider's file hosts."""
    base = "http://127.0.0.1:8123"

    assert signed("/jobs", base)[2] == {"Authorization": "Bearer sesame"}
    for url in ("https://files.acme.example/1.png", "https://api.acme.example/v1/jobs", "http://127.0.0.1:8124/x"):
        with pytest.raises(CallForbidden):
            signed(url, base)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.8.9.1", "::1"])
def test_this_machine_is_known_by_its_literal_names(host: str) -> None:
    """Plain http stays on it."""
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host", [None, "", "localhost.", "localhost.evil.example", "127.1", "10.0.0.1", "0.0.0.0", "example"]
)
def test_any_other_name_is_not_this_machine(host: str | None) -> None:
    """Names are not looked up."""
    assert not is_loopback(host)


@pytest.mark.parametrize(
    ("url", "plain"),
    [
        ("https://eu.acme.example/v1/", "https://eu.acme.example/v1"),
        ("http://127.0.0.1:8123", "http://127.0.0.1:8123"),
        ("http://[::1]:8123/", "http://[::1]:8123"),
    ],
)
def test_a_base_url_loses_its_last_slash(url: str, plain: str) -> None:
    """Paths begin with one."""
    assert check_base_url(url, "X") == plain


@pytest.mark.parametrize(
    "url",
    [
        "",
        "eu.acme.example",
        "http://eu.acme.example",
        "ftp://eu.acme.example",
        "https://",
        "https://user@eu.acme.example",
        "https://:pw@eu.acme.example",
        "https://eu.acme.example/?a=b",
        "https://eu.acme.example/#x",
        "https://eu.acme.example:99999",
        "http://[::1",
    ],
)
def test_an_unfit_base_url_is_a_usage_error_that_names_its_source(url: str) -> None:
    """It comes from a user's environment."""
    with pytest.raises(UsageError, match="ACME_BASE_URL"):
        check_base_url(url, "ACME_BASE_URL")
