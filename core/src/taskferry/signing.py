"""Where a key may go: only to its provider's own hosts, and never over plain HTTP but to this machine."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import SplitResult, urlsplit

from taskferry.adapter import Bearer, HeaderKey, NoKey, QueryKey, Scheme, Service, SignedToken
from taskferry.call import Call
from taskferry.credentials import Secret
from taskferry.errors import AdapterError, CallForbidden, UsageError
from taskferry.hosts import is_loopback, port_of

_PLAIN = re.compile(r"([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]+)?")
"""A host that any two readers of an address agree on."""


def sign(
    call: Call, service: Service, base_url: str, key: Secret | None, now: Callable[[], float]
) -> tuple[str, dict[str, Any], dict[str, str]]:
    """Give a call's URL, query parameters and headers; the key is among them only if the host is the provider's own."""
    url = call.path if "://" in call.path else base_url + call.path
    target = _split(url)
    params = {name: value for name, value in (call.params or {}).items() if value is not None}
    headers = dict(call.headers or {})
    if not call.signed or key is None:
        return url, params, headers
    if not is_own(target, service, base_url):
        raise CallForbidden(f"{call!r} would take the key to {target.hostname!r}, which is not a host of the provider.")
    added_headers, added_params = _credentials(service.scheme, key, now)
    return url, params | added_params, headers | added_headers


def fixed_headers(service: Service, base_url: str, key: Secret | None) -> Mapping[str, str] | None:
    """Give the headers that sign every read below the base URL; None where each one has to be signed by itself."""
    if isinstance(service.scheme, QueryKey | SignedToken):
        return None
    try:
        return sign(Call.get("/"), service, base_url, key, lambda: 0.0)[2]
    except (AdapterError, CallForbidden):
        return None  # the first look raises it, with the call that it is about


def is_own_url(url: str, service: Service, base_url: str) -> bool:
    """Tell whether a URL is the provider's own; raise AdapterError or CallForbidden for one that nothing may go to."""
    return is_own(_split(url), service, base_url)


def is_own(target: SplitResult, service: Service, base_url: str) -> bool:
    """Tell whether a URL is the provider's own: the base URL's origin, or a further host of the unchanged service."""
    base = urlsplit(base_url)
    if (target.scheme, target.hostname, port_of(target)) == (base.scheme, base.hostname, port_of(base)):
        return True
    if base_url.rstrip("/") != service.base_url.rstrip("/") or target.scheme != "https" or port_of(target) != 443:
        return False
    host = target.hostname or ""
    return any(fnmatchcase(host, pattern) for pattern in service.hosts)


def _split(url: str) -> SplitResult:
    try:
        target = urlsplit(url)
        port_of(target)
    except ValueError as error:
        raise AdapterError(f"The adapter wants to call a URL that is none: {error}.") from error
    if target.scheme != "https" and not (target.scheme == "http" and is_loopback(target.hostname)):
        raise CallForbidden(f"A call to {target.scheme}://{target.hostname} is not https.")
    if not _PLAIN.fullmatch(target.netloc.rpartition("@")[2]):
        raise AdapterError(f"The adapter wants to call {url.partition('?')[0]!r}, whose host is not a plain name.")
    if "@" in target.netloc:
        raise CallForbidden(f"A call to {target.hostname} carries a user name in its URL.")
    return target


def _credentials(scheme: Scheme, key: Secret, now: Callable[[], float]) -> tuple[dict[str, str], dict[str, str]]:
    match scheme:
        case Bearer():
            return {"Authorization": f"Bearer {key.reveal()}"}, {}
        case HeaderKey():
            return {scheme.name: f"{scheme.prefix}{key.reveal()}"}, {}
        case QueryKey():
            return {}, {scheme.name: key.reveal()}
        case SignedToken():
            return {"Authorization": f"Bearer {_mint(scheme, key, now())}"}, {}
        case NoKey():
            return {}, {}


def _mint(scheme: SignedToken, key: Secret, now: float) -> str:
    issuer, colon, secret = key.reveal().partition(":")
    if not colon:
        raise UsageError(f"The key from {key.source} has to be written as ID:SECRET.")
    claims = {"iss": issuer, "exp": int(now) + scheme.lifetime, "nbf": int(now) - 5}
    signed = ".".join(_part(json.dumps(part).encode()) for part in ({"alg": "HS256", "typ": "JWT"}, claims))
    return f"{signed}.{_part(hmac.digest(secret.encode(), signed.encode(), hashlib.sha256))}"


def _part(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
