"""The limits of the accounts of a process that keeps to them on its own."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import frozen

from taskferry.poller.limits import Bucket, Gate


@frozen
class AccountLimits:
    """The limits of one account in this process."""

    bucket: Bucket
    gate: Gate


class OwnLimits:
    """The limits of all accounts, kept here alone."""

    def __init__(self) -> None:
        self._limits: dict[tuple[str, ...], AccountLimits] = {}

    def of(self, place: Sequence[str], per_minute: float | None) -> AccountLimits:
        """Give the limits of an account, which are the same for all generations of its API."""
        provider, _, base_url, fingerprint = place
        account = provider, base_url, fingerprint
        if account not in self._limits:
            bucket = Bucket(per_minute)
            self._limits[account] = AccountLimits(bucket, Gate(bucket=bucket))
        return self._limits[account]
