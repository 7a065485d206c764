"""Adapters that break one rule each, by family of cases."""

from __future__ import annotations

from contract.kit.breaking import Broken
from contract.kit.broken import (
    abilities,
    failures,
    money,
    outputs,
    purity,
    remotes,
    replies,
    schemas,
    secrets,
    statuses,
    submits,
    uploads,
)

_FAMILIES = (
    *(schemas, submits, uploads, remotes, statuses, replies, failures),
    *(outputs, money, abilities, secrets, purity),
)

BROKEN: list[type[Broken]] = [
    adapter
    for family in _FAMILIES
    for adapter in vars(family).values()
    if isinstance(adapter, type)
    and issubclass(adapter, Broken)
    and adapter.caught_by
    and adapter.__module__ == family.__name__
]
"""Every broken adapter, in the order of the files."""
