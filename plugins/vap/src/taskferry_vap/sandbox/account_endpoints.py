"""Accounts: registration, deposits, balance at both of its places, and health."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, Response

from taskferry.sandbox import Context, Endpoint
from taskferry_vap.sandbox.documents import timestamp
from taskferry_vap.sandbox.orders import body_of
from taskferry_vap.sandbox.sources import refuse

if TYPE_CHECKING:
    from taskferry_vap.sandbox.service import VapStandIn

_VERSION = "1.12.4"
_DEPOSIT_LIFE = 86_400.0
_PROVIDERS = ("manual", "crypto")


def endpoints(stand_in: VapStandIn) -> Sequence[Endpoint]:
    """List the endpoints of accounts and health."""

    async def register(context: Context) -> Response:
        name = (await body_of(context)).get("name")
        if not isinstance(name, str) or not name.strip():
            refuse(context, "name", f"must be a text that is not empty, not {name!r}")
        return JSONResponse(
            {
                "agent_id": str(uuid.uuid4()),
                "name": name,
                "api_key": stand_in.example_key(),
                "message": "Save this API key now: it is shown only once.",
            }
        )

    return [
        Endpoint(method="POST", path="/v3/agents", handler=register, key=False, bucket=None),
        Endpoint(method="POST", path="/v3/deposits/init", handler=_deposit),
        Endpoint(method="GET", path="/v3/agents/me/balance", handler=_balance),
        Endpoint(method="GET", path="/v3/balance", handler=_balance),
        Endpoint(method="GET", path="/v3/health", handler=_health, key=False, bucket=None),
        Endpoint(method="GET", path="/health", handler=_health, key=False, bucket=None),
    ]


async def _deposit(context: Context) -> Response:
    body = await body_of(context)
    amount, provider = _amount(body.get("amount")), body.get("provider", "manual")
    if amount is None:
        refuse(context, "amount", f"must be an amount above 0, not {body.get('amount')!r}")
    if provider not in _PROVIDERS:
        refuse(context, "provider", f"must be one of {', '.join(_PROVIDERS)}, not {provider!r}")
    reference = f"DEP-{secrets.token_hex(4).upper()}"
    return JSONResponse(
        {
            "deposit_id": str(uuid.uuid4()),
            "status": "awaiting",
            "provider": provider,
            "amount": f"{amount:.4f}",
            "currency": "USD",
            "payment_reference": reference,
            "payment_address": None,
            "payment_url": None,
            "instructions": f"Pay {amount:.2f} USD with the reference {reference}.",
            "expires_at": timestamp(context.now + _DEPOSIT_LIFE),
        }
    )


def balance_document(context: Context) -> dict[str, Any]:
    """Show what the account has."""
    account = context.account
    amounts = {"balance": account.balance, "reserved": account.reserved, "usable": account.usable}
    return {name: float(amount) for name, amount in amounts.items()} | {"currency": "USD"}


async def _balance(context: Context) -> Response:
    return JSONResponse(balance_document(context))


async def _health(_: Context) -> Response:
    return JSONResponse({"status": "healthy", "version": _VERSION, "service": "vap", "dependencies": {}})


def _amount(value: object) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and amount > 0 else None
