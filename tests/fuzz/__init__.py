"""Mutated bodies for everything that reads what others wrote: only typed failures come out, in bounded time."""

from __future__ import annotations
