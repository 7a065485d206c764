"""The shared cards with stand-ins of their own, for tests over real HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from attrs import evolve

from taskferry import Ferry, Registry
from taskferry.cards import Card, load_card
from taskferry.sandbox import CardStandIn, Job, Media, Running

CARDS = Path(__file__).parents[1] / "cards"
ACME = load_card(CARDS / "acme.toml")
FABLE = load_card(CARDS / "small.toml")
UNHURRIED = [evolve(card, requests_per_minute=None) for card in (ACME, FABLE)]
"""The cards without the pace that their providers ask for, which is not what is tried here."""


class DrawnOnce(CardStandIn):
    """Draws one file of each kind and serves it for every job: drawing is not what is tried."""

    def reset(self) -> None:
        """Forget what was drawn too."""
        super().reset()
        self.drawn: dict[tuple[str, str], Media] = {}

    def produce(self, job: Job, name: str) -> Media:
        """Draw it, or give the one drawn before."""
        if (job.type, name) not in self.drawn:
            self.drawn[job.type, name] = super().produce(job, name)
        return self.drawn[job.type, name]


def registry_of(*cards: Card) -> Registry:
    """Give a registry that knows these cards alone."""
    registry = Registry(entry_points=[], disabled="", cards=())
    for card in cards:
        registry.add_card(card)
    return registry


def ferry_for(servers: Mapping[str, Running], home: Path, *cards: Card, speed: float) -> Ferry:
    """Give a ferry whose providers are these cards, as the servers' variables set it up."""
    environ = {name: value for server in servers.values() for name, value in server.env.items()}
    return Ferry(home=home, registry=registry_of(*cards), environ=environ, speed=speed)
