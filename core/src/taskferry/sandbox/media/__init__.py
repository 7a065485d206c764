"""Real media made from a prompt on the spot; each kind is a module that loads its library only when it is imported."""

from __future__ import annotations
