"""What this plugin registers with taskferry: its cards, which are read when they are used."""

from __future__ import annotations

from collections.abc import Callable

from attrs import evolve

from taskferry import Provider, card_provider, hookimpl

CARDS = {
    "bfl": "Black Forest Labs FLUX",
    "fal": "fal",
    "kling": "Kling AI",
    "luma": "Luma Dream Machine",
    "meshy": "Meshy",
    "minimax": "MiniMax Hailuo",
    "openai-videos": "OpenAI-shaped /v1/videos",
    "replicate": "Replicate",
    "runway": "Runway",
    "seedance": "Seedance (BytePlus ModelArk)",
    "veo": "Google Veo (Gemini API)",
    "wan": "Wan (Alibaba Cloud Model Studio)",
    "wavespeed": "WaveSpeedAI",
}
"""Titles by provider; a card is called after its provider."""
REGIONS = {"minimax": ["global", "china"], "wan": ["singapore", "beijing"]}
"""Of the cards that have some, the default one first."""


@hookimpl
def taskferry_providers(register: Callable[[Provider], None]) -> None:
    """Register every card, without demo jobs: so many at once would drown those of other plugins."""
    for name, title in CARDS.items():
        provider = card_provider("taskferry_providers", name, title=title, regions=REGIONS.get(name, ()))
        register(evolve(provider, demo=None))
