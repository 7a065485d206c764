"""Access tokens of an OAuth authorization server, for which this server is a resource (RFC 9728, RFC 8707)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

import httpx2
import jwt
from attrs import frozen
from mcp.server.auth.provider import AccessToken, TokenVerifier

from taskferry.errors import UsageError
from taskferry.hosts import is_loopback

_log = logging.getLogger(__name__)
_ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
"""Signatures alone: with a shared secret among them, the public key itself would sign."""
_TIMEOUT = 10.0
_LEEWAY = 30.0
"""Seconds by which clocks may differ."""


@frozen(kw_only=True)
class OAuth:
    """Who issues tokens, and for what they have to be."""

    issuer: str
    resource: str
    """The public URL of this server's `/mcp`; tokens have to name it as their audience."""
    jwks_url: str | None = None
    introspection_url: str | None = None
    client_id: str | None = None
    """What this server introduces itself with when it asks about a token."""
    client_secret: str | None = None
    scopes: Sequence[str] = ()
    """Every token needs all of them."""

    def __attrs_post_init__(self) -> None:
        if bool(self.jwks_url) == bool(self.introspection_url):
            raise UsageError("OAuth tokens are checked either with --jwks-url or with --introspection-url: give one.")
        for url in filter(None, (self.issuer, self.resource, self.jwks_url, self.introspection_url)):
            parts = urlsplit(url)
            if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(parts.hostname)):
                raise UsageError(f"{url!r} is not https, so anybody on the way could make up tokens.")

    def verifier(self) -> TokenVerifier:
        """Give what checks this issuer's tokens."""
        return SignedTokens(self) if self.jwks_url else Introspection(self)


class SignedTokens:
    """Checks JSON Web Tokens by the issuer's published keys (RFC 9068)."""

    def __init__(self, oauth: OAuth) -> None:
        self._oauth = oauth
        self._keys = jwt.PyJWKClient(oauth.jwks_url or "", timeout=_TIMEOUT)

    async def verify_token(self, token: str) -> AccessToken | None:
        """Give the token's claims if signature, issuer, audience and times are right."""
        try:
            claims = await asyncio.to_thread(self._claims, token)
        except (jwt.PyJWTError, ValueError) as error:
            _log.info("A bearer token was refused: %s", type(error).__name__)
            return None
        return _access(token, claims, self._oauth)

    def _claims(self, token: str) -> Mapping[str, Any]:
        key = self._keys.get_signing_key_from_jwt(token)
        claims: Mapping[str, Any] = jwt.decode(
            token,
            key.key,
            algorithms=_ALGORITHMS,
            audience=self._oauth.resource,
            issuer=self._oauth.issuer,
            leeway=_LEEWAY,
            options={"require": ["exp", "iss", "aud"]},
        )
        return claims


class Introspection:
    """Asks the issuer about each token (RFC 7662)."""

    def __init__(self, oauth: OAuth) -> None:
        self._oauth = oauth

    async def verify_token(self, token: str) -> AccessToken | None:
        """Give the token's claims if the issuer calls it active and made it for this server."""
        oauth = self._oauth
        auth = (oauth.client_id, oauth.client_secret or "") if oauth.client_id else None
        try:
            async with httpx2.AsyncClient(timeout=_TIMEOUT, auth=auth) as client:
                reply = await client.post(oauth.introspection_url or "", data={"token": token})
                claims = reply.raise_for_status().json()
        except (httpx2.HTTPError, ValueError) as error:
            _log.warning("A bearer token could not be checked: %s", type(error).__name__)
            return None
        if not isinstance(claims, dict) or claims.get("active") is not True or not _is_ours(claims, oauth):
            return None
        return _access(token, claims, oauth)


def _is_ours(claims: Mapping[str, Any], oauth: OAuth) -> bool:
    audience = claims.get("aud")
    named = audience if isinstance(audience, list) else [audience]
    return oauth.resource in named and claims.get("iss", oauth.issuer) == oauth.issuer


def _access(token: str, claims: Mapping[str, Any], oauth: OAuth) -> AccessToken | None:
    client = claims.get("client_id") or claims.get("azp") or claims.get("sub")
    if not isinstance(client, str) or not client:
        return None
    scopes, subject, expires_at = claims.get("scope", ""), claims.get("sub"), claims.get("exp")
    return AccessToken(
        token=token,
        client_id=client,
        scopes=scopes.split() if isinstance(scopes, str) else [str(scope) for scope in scopes],
        expires_at=int(expires_at) if isinstance(expires_at, int | float) else None,
        resource=oauth.resource,
        subject=subject if isinstance(subject, str) else None,
        claims={"iss": oauth.issuer},
    )
