"""Whether each provider can be reached, and whether our clock agrees with theirs."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from taskferry.cli import words
from taskferry.cli.checks.check import BROKEN, FINE, NOTE, Check
from taskferry.errors import PluginError, UsageError
from taskferry.registry import Registry
from taskferry.settings import base_url_for

if TYPE_CHECKING:
    from taskferry.transport.probing import Probe

MENDS = {
    "name": "Check the network, the name server, and the base URL.",
    "tls": "Check the clock and the certificates: SSL_CERT_FILE names others; some networks put their own between.",
    "proxy": "Check HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY.",
    "timeout": "Check the network and the firewall; HTTPS_PROXY names a proxy where one is needed.",
    "connect": "Check the network, the firewall and the base URL; HTTPS_PROXY names a proxy where one is needed.",
}
"""What to do, by what keeps a host from being reached."""
_CLOCK_NOTE = 30.0
"""Seconds of difference from which on tokens that are signed with the time may be refused."""
_CLOCK_BROKEN = 300.0


def check_network(registry: Registry, environ: Mapping[str, str]) -> Iterator[Check]:
    """Send each provider one request without a key; any answer means that it can be reached."""
    from taskferry.transport.probing import probe_all  # brings in httpx

    urls = dict(_urls(registry, environ))
    probes = dict(zip(urls, asyncio.run(probe_all(list(urls.values()))), strict=True))
    yield from (_reached(name, probe) for name, probe in probes.items())
    differences = [probe.ahead for probe in probes.values() if probe.ahead is not None]
    if differences:
        yield _clock(sorted(differences)[len(differences) // 2])


def _urls(registry: Registry, environ: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name in registry.providers:
        try:
            yield name, base_url_for(name, registry.adapter(name).service.base_url, environ)
        except (PluginError, UsageError):
            continue  # its plugin's or its base URL's row says so already


def _reached(name: str, probe: Probe) -> Check:
    what = f"network to {name}"
    if probe.trouble is not None:
        return Check(name=what, state=BROKEN, detail=probe.problem, mend=MENDS[probe.trouble])
    safe = "over TLS" if probe.url.startswith("https:") else "without TLS"
    return Check(name=what, detail=f"{probe.url} answers {safe} within {probe.seconds * 1000:.0f} ms")


def _clock(ahead: float) -> Check:
    away = abs(ahead)
    state = BROKEN if away >= _CLOCK_BROKEN else NOTE if away >= _CLOCK_NOTE else FINE
    if state == FINE:
        return Check(name="clock online", detail="agrees with the providers'")
    detail = f"{words.age(away)} {'ahead of' if ahead > 0 else 'behind'} the providers'"
    return Check(name="clock online", state=state, detail=detail, mend="Set the clock, best by the system's service.")
