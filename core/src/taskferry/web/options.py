"""How the gallery is set up, checked before anything listens."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from urllib.parse import urlsplit

from attrs import field, frozen

from taskferry.errors import UsageError
from taskferry.hosts import is_loopback

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_SHORTEST = 16


@frozen(kw_only=True)
class WebOptions:
    """Address, token and names of the server."""

    host: str = "127.0.0.1"
    port: int = 8723
    """0 takes a free one."""
    token: str | None = field(default=None, repr=False)
    """What a browser has to show once; None where nobody has to."""
    names: Sequence[str] = ()
    """Further host names by which browsers reach it."""

    def __attrs_post_init__(self) -> None:
        if self.token is not None and not (len(self.token) >= _SHORTEST and self.token.isascii()):
            raise UsageError(f"The token needs at least {_SHORTEST} ASCII characters: make a longer one.")
        if self.token is None and not self.is_local:
            raise UsageError(f"{self.host} can be reached from other machines, so the gallery needs a token.")

    @property
    def is_local(self) -> bool:
        """Tell whether only this machine reaches it."""
        return is_loopback(self.host)

    def answers_to(self, header: str) -> bool:
        """Tell whether a Host header is one of ours.

        A web page elsewhere can make its own name lead here, but neither an address nor a name that is not its own.
        """
        try:
            name = urlsplit(f"//{header}").hostname or ""
        except ValueError:
            return False
        if name in _LOOPBACK or name in {known.lower() for known in self.names}:
            return True
        return not self.is_local and (name == self.host.lower() or _is_address(name))


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
