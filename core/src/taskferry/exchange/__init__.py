"""Drives an adapter's generators: sends what they yield, and a billed call at most once."""

from __future__ import annotations

from taskferry.exchange.billed import Journal
from taskferry.exchange.driving import ask, run
from taskferry.exchange.looking import SHORT, Sight, fetch, fetch_many, look
from taskferry.exchange.submitting import NotReceived, Refused, SubmitOutcome, Unconfirmed, pack, replay, submit

__all__ = [
    "SHORT",
    "Journal",
    "NotReceived",
    "Refused",
    "Sight",
    "SubmitOutcome",
    "Unconfirmed",
    "ask",
    "fetch",
    "fetch_many",
    "look",
    "pack",
    "replay",
    "run",
    "submit",
]
