"""The only place that speaks HTTP."""

from __future__ import annotations

from taskferry.transport.clients import Transport
from taskferry.transport.download import Download
from taskferry.transport.errors import wire_error
from taskferry.transport.wire import REPLY_LIMIT, Wire

__all__ = ["REPLY_LIMIT", "Download", "Transport", "Wire", "wire_error"]
