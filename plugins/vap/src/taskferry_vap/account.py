"""Reads what an account has left."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from taskferry import Balance, Call, Exchange, MalformedReply, ProviderError, clean, decimal
from taskferry_vap.health import GONE


def account_balance() -> Exchange[Balance]:
    """Ask what the account has left, at the documented place, then at the SDK's."""
    try:
        reply = yield Call.get("/v3/agents/me/balance")
    except ProviderError as error:
        if error.failure.http_status not in GONE:
            raise
        reply = yield Call.get("/v3/balance")
    amounts: Mapping[str, Any] = reply.json if isinstance(reply.json, Mapping) else {}
    usable, whole = decimal(amounts.get("usable")), decimal(amounts.get("balance"))
    available = whole if usable is None else usable
    if available is None:
        raise MalformedReply("VAP answered with a balance that has neither `usable` nor `balance` as an amount.")
    unit = clean(reply.at("currency", str, default="USD"), 20) or "USD"
    return Balance(available=available, unit=unit, reserved=decimal(amounts.get("reserved")))
