"""The contract kit on cards: the one that says everything that a card can, and the smallest."""

from __future__ import annotations

from taskferry.testing import AdapterContract


class TestAcmeCard(AdapterContract):
    """The card that uses everything."""

    card = "../cards/acme.toml"


class TestSmallCard(AdapterContract):
    """The smallest card."""

    card = "../cards/small.toml"
