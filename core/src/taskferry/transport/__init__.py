"""The only place that speaks HTTP."""

from __future__ import annotations

from taskferry.transport.clients import Transport
from taskferry.transport.download import Download
from taskferry.transport.errors import wire_error
from taskferry.transport.lane import REPLY_LIMIT, Answer, Lane
from taskferry.transport.quota import Quota
from taskferry.transport.roads import TIMES_DEARER, is_installed, why_not_native
from taskferry.transport.wire import Wire

__all__ = [
    "REPLY_LIMIT",
    "TIMES_DEARER",
    "Answer",
    "Download",
    "Lane",
    "Quota",
    "Transport",
    "Wire",
    "is_installed",
    "why_not_native",
    "wire_error",
]
