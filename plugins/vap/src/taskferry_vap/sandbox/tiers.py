"""Tiers of accounts: how often they may ask, and what they may spend, by the day and by the task."""

from __future__ import annotations

import re
from decimal import Decimal

from attrs import frozen

from taskferry.sandbox import Context, Rate, StandIn
from taskferry_vap.sandbox.errors import fail
from taskferry_vap.sandbox.products import Product

_KEY = re.compile(r"Bearer (?P<key>[\x21-\x7e]{8,})")
_TIER = re.compile(r"tier(?P<tier>[0-3])")
_CODING_PLAN = re.compile(r"vape?_code")


@frozen
class Tier:
    """The limits of one tier (rate-limits.html)."""

    requests: int
    """A minute."""
    day: Decimal
    """US dollars."""
    task: Decimal
    """US dollars."""


TIERS = (
    Tier(10, Decimal(0), Decimal(0)),
    Tier(60, Decimal(10), Decimal(1)),
    Tier(300, Decimal(100), Decimal(5)),
    Tier(1000, Decimal(1000), Decimal(50)),
)
HIGHEST = len(TIERS) - 1

RATES = {"requests": Rate(TIERS[HIGHEST].requests), **{f"tier{n}": Rate(tier.requests) for n, tier in enumerate(TIERS)}}
"""Request rates by the bucket of a tier; `requests` is what anybody without a key is told."""


def bearer_key(context: Context) -> str | None:
    """Read the key of a request; None where there is none, it cannot be one, or it is one of the Coding Plan.

    Its prefix is not looked at, for the papers show two.
    """
    match = _KEY.fullmatch(context.request.headers.get("authorization", ""))
    return match["key"] if match and not _CODING_PLAN.match(match["key"]) else None


def tier_of(context: Context) -> int:
    """Give the tier of a request's key: the highest, unless the key has `tier0`, `tier1` or `tier2` in it."""
    match = _TIER.search(bearer_key(context) or "")
    return int(match["tier"]) if match else HIGHEST


def check(stand_in: StandIn, context: Context, product: Product, price: Decimal) -> None:
    """Answer with 403 where the tier does not allow a task."""
    if not stand_in.settings.limits:
        return
    number = tier_of(context)
    tier = TIERS[number]
    if number < product.tier:
        fail(context, "tier_limit_exceeded", tier=number, required_tier=product.tier)
    if price > tier.task:
        fail(context, "tier_limit_exceeded", max_task_cost=f"{tier.task:.4f}", required=f"{price:.4f}")
    spent = stand_in.spent_today(context)
    if spent + price > tier.day:
        fail(context, "tier_limit_exceeded", daily_limit=f"{tier.day:.4f}", spent=f"{spent:.4f}")
