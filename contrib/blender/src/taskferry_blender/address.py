"""Where the add-on of an open Blender listens."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Mapping, Sequence

from attrs import frozen

from taskferry import UsageError
from taskferry_blender.errors import BlenderUnreachable

HOST_VARIABLE = "BLENDER_HOST"
PORT_VARIABLE = "BLENDER_PORT"
REMOTE_VARIABLE = "TASKFERRY_BLENDER_REMOTE"


@frozen(kw_only=True)
class Address:
    """Host and port of the add-on; its own defaults."""

    host: str = "localhost"
    port: int = 9876
    remote: bool = False
    """Whether the host may be another machine: commands and the model then cross the network unencrypted."""

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Address:
        """Read BLENDER_HOST, BLENDER_PORT and TASKFERRY_BLENDER_REMOTE; raise UsageError for what is no port."""
        text = environ.get(PORT_VARIABLE) or "9876"
        if not (text.isascii() and text.isdigit() and 0 < int(text) < 65536):
            raise UsageError(f"{PORT_VARIABLE} is {text!r}: it has to be a port, 1 to 65535; the add-on's is 9876.")
        return cls(
            host=environ.get(HOST_VARIABLE) or "localhost",
            port=int(text),
            remote=environ.get(REMOTE_VARIABLE) == "1",
        )

    async def resolved(self) -> Sequence[str]:
        """Give the numeric hosts to try, in order; raise UsageError for another machine unless that is allowed."""
        try:
            found = await asyncio.get_running_loop().getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM)
        except OSError as error:
            raise BlenderUnreachable(f"Blender's host {self.host!r} is not known: set {HOST_VARIABLE}.") from error
        hosts = list(dict.fromkeys(str(address[0]) for *_, address in found))
        away = [host for host in hosts if not ipaddress.ip_address(host.partition("%")[0]).is_loopback]
        if away and not self.remote:
            raise UsageError(
                f"Blender's host {self.host!r} is another machine ({away[0]}), and the add-on knows neither keys nor "
                f"encryption. Set {REMOTE_VARIABLE}=1 if that network is yours alone."
            )
        return hosts

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"
