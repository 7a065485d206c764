"""Every card of taskferry-providers reads, proves itself against its documented replies, and keeps the contract."""

from __future__ import annotations

import pytest

from taskferry import check_card, load_card
from taskferry.testing import AdapterContract
from taskferry_providers.plugin import CARDS, REGIONS


@pytest.mark.parametrize("name", CARDS)
def test_a_card_proves_itself_against_its_documented_replies(name: str) -> None:
    """What a card reads from the replies in it is what it says they mean."""
    card = load_card(f"taskferry_providers:{name}.toml")

    problems = check_card(card)

    assert [str(problem) for problem in problems] == []


@pytest.mark.parametrize("name", CARDS)
def test_a_card_is_registered_as_it_says_itself(name: str) -> None:
    """Name, title and regions are written twice, so that no card is read before it is used."""
    card = load_card(f"taskferry_providers:{name}.toml")

    assert (card.name, card.title, list(card.regions)) == (name, CARDS[name], REGIONS.get(name, []))


@pytest.mark.parametrize("name", CARDS)
def test_a_card_says_where_its_facts_come_from_and_what_nobody_tried(name: str) -> None:
    """A reader of a card can tell what to rely on."""
    card = load_card(f"taskferry_providers:{name}.toml")

    assert "read 2026-" in card.source
    assert any("No job was sent." in sentence for sentence in card.unverified)


class TestBfl(AdapterContract):
    """Black Forest Labs keeps the adapter contract."""

    card = "taskferry_providers:bfl.toml"


class TestFal(AdapterContract):
    """fal keeps the adapter contract."""

    card = "taskferry_providers:fal.toml"


class TestKling(AdapterContract):
    """Kling keeps the adapter contract."""

    card = "taskferry_providers:kling.toml"


class TestLuma(AdapterContract):
    """Luma keeps the adapter contract."""

    card = "taskferry_providers:luma.toml"


class TestMeshy(AdapterContract):
    """Meshy keeps the adapter contract."""

    card = "taskferry_providers:meshy.toml"


class TestMinimax(AdapterContract):
    """MiniMax keeps the adapter contract."""

    card = "taskferry_providers:minimax.toml"


class TestOpenaiVideos(AdapterContract):
    """The shape of OpenAI's videos keeps the adapter contract."""

    card = "taskferry_providers:openai-videos.toml"


class TestReplicate(AdapterContract):
    """Replicate keeps the adapter contract."""

    card = "taskferry_providers:replicate.toml"


class TestRunway(AdapterContract):
    """Runway keeps the adapter contract."""

    card = "taskferry_providers:runway.toml"


class TestSeedance(AdapterContract):
    """Seedance keeps the adapter contract."""

    card = "taskferry_providers:seedance.toml"


class TestVeo(AdapterContract):
    """Veo keeps the adapter contract."""

    card = "taskferry_providers:veo.toml"


class TestWan(AdapterContract):
    """Wan keeps the adapter contract."""

    card = "taskferry_providers:wan.toml"


class TestWavespeed(AdapterContract):
    """WaveSpeed keeps the adapter contract."""

    card = "taskferry_providers:wavespeed.toml"
