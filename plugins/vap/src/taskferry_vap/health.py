"""Asks whether V3 is up, which needs no key and costs nothing."""

from __future__ import annotations

from attrs import frozen

from taskferry import Call, Exchange, ProviderError

GONE = frozenset({404, 405, 410})
"""HTTP statuses by which a server says that it has no such address."""


@frozen(kw_only=True)
class Health:
    """What the service says of itself."""

    status: str
    version: str | None = None
    service: str | None = None


def health() -> Exchange[Health]:
    """Ask V3 how it is."""
    reply = yield Call.get("/v3/health", signed=False)
    return Health(
        status=reply.at("status", str),
        version=reply.at("version", str, default=None),
        service=reply.at("service", str, default=None),
    )


def answering_generation() -> Exchange[str]:
    """Tell which generation new jobs should go to: V3 while it answers, for only it has presets, a trial and a list.

    The address has no id in it, so that a 404 can only mean that V3 is gone; that of an unknown v1 generation could
    mean either, since v1 documents no errors. Whatever else goes wrong is raised: it says nothing about generations.
    """
    try:
        yield from health()
    except ProviderError as error:
        if error.failure.http_status not in GONE:
            raise
        return "v1"
    return "v3"
