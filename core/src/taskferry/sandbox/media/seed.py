"""Randomness that a prompt decides, so that the same words always give the same media."""

from __future__ import annotations

import hashlib

import numpy as np


def generator(prompt: str, purpose: str = "") -> np.random.Generator:
    """Return a generator seeded by the prompt; purposes are independent of each other."""
    digest = hashlib.sha256(f"{purpose}\0{prompt}".encode("utf-8", "surrogatepass")).digest()
    return np.random.default_rng(int.from_bytes(digest[:16], "big"))
