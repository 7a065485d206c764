"""How the HTTP server is set up, checked before anything listens."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from urllib.parse import urlsplit

from attrs import field, frozen
from mcp.server.auth.settings import AuthSettings
from mcp.server.transport_security import TransportSecuritySettings
from pydantic import AnyHttpUrl

from taskferry.errors import UsageError
from taskferry.mcp.http.oauth import OAuth
from taskferry.mcp.http.tokens import StaticTokens, Verifiers

_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
_EVERYWHERE = ("0.0.0.0", "::", "")  # noqa: S104 -- to recognise it, not to bind it


@frozen(kw_only=True)
class HttpOptions:
    """Address, tokens and names of the server."""

    host: str = "127.0.0.1"
    port: int = 8722
    """0 takes a free one."""
    tokens: StaticTokens = field(factory=StaticTokens)
    oauth: OAuth | None = None
    names: Sequence[str] = ()
    """Host names, with a port where it is not the scheme's own, by which clients reach it from other machines."""

    def __attrs_post_init__(self) -> None:
        if self.is_loopback:
            return
        if not self.tokens and self.oauth is None:
            raise UsageError(
                f"{self.host} can be reached from other machines, so the server asks for tokens: set "
                "TASKFERRY_MCP_TOKEN, or give --token-file or --oauth-issuer."
            )
        if self.host in _EVERYWHERE and not self.names and self.oauth is None:
            raise UsageError(
                f"On {self.host or 'every address'} the server has to know its own name, or any web page could "
                "speak to it: give --allowed-host."
            )

    @property
    def is_loopback(self) -> bool:
        """Tell whether only this machine reaches it."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    @property
    def verifier(self) -> Verifiers | None:
        """Give what checks tokens; None where nobody has to show one."""
        known = [self.tokens] if self.tokens else []
        checks = [*known, *([self.oauth.verifier()] if self.oauth else [])]
        return Verifiers(checks) if checks else None

    @property
    def auth(self) -> AuthSettings | None:
        """Give the SDK's settings that go with the verifier; its resource is checked by the verifier itself."""
        if self.verifier is None:
            return None
        if self.oauth is None:  # the issuer is only told to clients together with a resource
            issuer = AnyHttpUrl(f"http://{_LOOPBACK[0]}")
            return AuthSettings(issuer_url=issuer, resource_server_url=None, validate_token_resource=False)
        return AuthSettings(
            issuer_url=AnyHttpUrl(self.oauth.issuer),
            resource_server_url=AnyHttpUrl(self.oauth.resource),
            required_scopes=list(self.oauth.scopes) or None,
            validate_token_resource=False,
        )

    @property
    def security(self) -> TransportSecuritySettings:
        """Give the Host and Origin headers that are taken; all others are refused."""
        own = _LOOPBACK if self.is_loopback else () if self.host in _EVERYWHERE else (_bracketed(self.host),)
        hosts = [*own, *self.names, *([urlsplit(self.oauth.resource).netloc] if self.oauth else [])]
        allowed = [*hosts, *(f"{host}:*" for host in hosts)]
        origins = [f"{scheme}://{host}" for scheme in ("http", "https") for host in allowed]
        return TransportSecuritySettings(allowed_hosts=allowed, allowed_origins=origins)


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
