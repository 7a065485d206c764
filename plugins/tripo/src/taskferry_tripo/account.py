"""What an account has left, in both generations of the API."""

from __future__ import annotations

from taskferry import Balance, MalformedReply, Reply, decimal, dig


def account_balance(reply: Reply) -> Balance:
    """Read a balance, whose amounts come as numbers or as texts; raise MalformedReply if there is none."""
    available = decimal(dig(reply.json, "data.balance"))
    if available is None:
        raise MalformedReply("Tripo's balance reply came without an amount in data.balance.")
    return Balance(available=available, unit="credits", reserved=decimal(dig(reply.json, "data.frozen")))
