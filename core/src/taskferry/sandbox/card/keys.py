"""How a card's provider knows its callers: keys made up, and read back from a request."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import secrets
from typing import Any

from starlette.requests import Request

from taskferry.adapter import Bearer, HeaderKey, NoKey, QueryKey, Scheme, SignedToken

_KEY = re.compile(r"[\x21-\x7e]{4,}")
_NOBODY = "nobody"


class Keys:
    """The keys of one stand-in; any that could be one is taken."""

    def __init__(self, provider: str, scheme: Scheme) -> None:
        self._provider = provider
        self._scheme = scheme
        self._secrets: dict[str, str] = {}

    def example(self) -> str:
        """Make up a key."""
        key = f"{self._provider}-{secrets.token_hex(16)}"
        if not isinstance(self._scheme, SignedToken):
            return key
        self._secrets[key] = secrets.token_hex(16)
        return f"{key}:{self._secrets[key]}"

    def of(self, request: Request, now: float) -> str | None:
        """Read the key of a request, or the id of whoever minted its token; None where it has none."""
        match self._scheme:
            case Bearer():
                return _well_formed(request.headers.get("authorization", ""), "Bearer ")
            case HeaderKey(name=name, prefix=prefix):
                return _well_formed(request.headers.get(name, ""), prefix)
            case QueryKey(name=name):
                return _well_formed(request.query_params.get(name, ""), "")
            case SignedToken():
                token = _well_formed(request.headers.get("authorization", ""), "Bearer ")
                return None if token is None else self._issuer(token, now)
            case NoKey():
                return _NOBODY

    def _issuer(self, token: str, now: float) -> str | None:
        """Give who minted a token that is valid now; the signature is checked of ids that were made up here."""
        signed, _, signature = token.rpartition(".")
        head, claims = (_document(part) for part in [*signed.split("."), ""][:2])
        issuer = claims.get("iss")
        if head.get("alg") != "HS256" or not isinstance(issuer, str) or not signature:
            return None
        if not _number(claims.get("nbf")) <= now < _number(claims.get("exp")):
            return None
        secret = self._secrets.get(issuer)
        if secret is None:
            return issuer
        right = base64.urlsafe_b64encode(hmac.digest(secret.encode(), signed.encode(), hashlib.sha256)).rstrip(b"=")
        return issuer if hmac.compare_digest(right, signature.encode()) else None


def _well_formed(value: str, prefix: str) -> str | None:
    key = value.removeprefix(prefix)
    return key if value.startswith(prefix) and _KEY.fullmatch(key) else None


def _document(part: str) -> dict[str, Any]:
    try:
        document = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def _number(value: object) -> float:
    return value if isinstance(value, int | float) else 0.0
