"""Leaving the provider open at the keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from cli_keyboard import SPEED, Keyboard, set_up
from taskferry.sandbox import Running, running


@pytest.fixture(scope="module")
def provider() -> Iterator[Running]:
    """The one provider that there is a key for."""
    with running({"vap": "taskferry_vap.sandbox:stand_in"}, speed=SPEED) as servers:
        yield servers["vap"]


@pytest.fixture
def keyboard(
    provider: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Keyboard:
    """A keyboard with an empty home."""
    for name in ("LUMAAI_API_KEY", "GEMINI_API_KEY", "GOOGLE_API_KEY", "TRIPO_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    return set_up(provider, tmp_path, monkeypatch, capsys)


def test_route_shows_everyone_and_why(keyboard: Keyboard) -> None:
    """The one to take first, the others with what excluded them; nothing is sent."""
    out, _ = keyboard("route", "any/video", "prompt=waves", "duration=4")

    head, first, *others, empty, why = out.splitlines()
    assert head.split()[:3] == ["OPERATION", "PRICE", "TIME"]
    assert first.split()[:2] == ["1", "vap/video"]
    assert any("luma/video" in line and "duration: 4" in line for line in others)
    assert any("veo/video" in line and "set GEMINI_API_KEY" in line for line in others)
    assert (empty, why) == ("", "vap/video is the only one that fits.")
    assert keyboard.creates() == 0


def test_route_as_json(keyboard: Keyboard) -> None:
    """The same for scripts."""
    document = keyboard.json("route", "any/video", "prompt=waves", "--policy", "fastest", "--prefer", "vap,luma")

    assert (document["chosen"], document["policy"]) == ("vap/video", "prefer vap, luma; fastest")
    assert document["rows"][0]["rank"] == 1
    assert all(row["excluded"] for row in document["rows"][1:])


def test_who_starts_from_a_picture_says_so(keyboard: Keyboard) -> None:
    """In the same words at every provider, whatever its schema says of it."""
    rows = [row for kind in ("image", "video") for row in keyboard.json("route", f"any/{kind}", "prompt=x")["rows"]]

    needing = [row["operation"] for row in rows if row["excluded"] == "It needs an image."]
    assert {"tripo/image-to-image", "kling/image-to-video"} <= set(needing)
    assert not any("text-to" in name for name in needing)


def test_estimate_gives_the_range_of_those_that_fit(keyboard: Keyboard, monkeypatch: pytest.MonkeyPatch) -> None:
    """The cheapest and the dearest with their names; unknown prices are named; one alone is its own range."""
    alone, _ = keyboard("estimate", "any/image", "prompt=waves")
    for name, value in (
        ("TRIPO_API_KEY", "tsk_x"),
        ("LUMAAI_API_KEY", "x"),
        ("TASKFERRY_TRIPO_RATE_CREDITS", "0.01 USD"),
    ):
        monkeypatch.setenv(name, value)

    out, _ = keyboard("estimate", "any/image", "prompt=waves")
    document = keyboard.json("estimate", "any/image", "prompt=waves")

    assert alone == "$0.18 (vap/image)\n"
    assert out.splitlines() == ["5 credits (tripo/text-to-image) to $0.18 (vap/image)", "price unknown: luma/image"]
    assert document["cost"]["estimated"] is None
    assert document["range"] == {
        "lowest": {"operation": "tripo/text-to-image", "value": "5", "unit": "credits"},
        "highest": {"operation": "vap/image", "value": "0.18", "unit": "USD"},
        "incomparable": [],
        "unknown": ["luma/image"],
    }
    assert keyboard.creates() == 0


def test_prices_in_units_without_a_rate_are_given_beside_the_range(
    keyboard: Keyboard, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody says what a credit is worth."""
    monkeypatch.setenv("TRIPO_API_KEY", "tsk_x")

    out, _ = keyboard("estimate", "any/image", "prompt=waves")

    assert out.splitlines() == ["$0.18 (vap/image)", "cannot be compared: 5 credits (tripo/text-to-image)"]


def test_an_estimate_that_nobody_fits_says_why(keyboard: Keyboard) -> None:
    """As a job would."""
    _, err = keyboard("estimate", "any/video", "prompt=waves", "duration=77", code=2)

    assert "No provider fits any/video" in err
    assert "vap/video: duration: 77" in err


def test_run_chooses_and_says_so(keyboard: Keyboard) -> None:
    """The task is the chosen provider's; its document says how it was chosen."""
    out, err = keyboard("run", "any/image", "prompt=a red fox", "-o", "out")
    (task,) = keyboard.json("run", "any/image", "prompt=a red fox")["tasks"]

    assert "any/image: vap/image was chosen" in err
    assert (keyboard.folder / out.split("  ")[0]).is_file()
    assert task["operation"] == "vap/image"
    assert keyboard.json("status", task["id"])["tasks"][0]["choice"] == {
        "asked": "any/image",
        "policy": "cheapest",
        "tried": [],
    }
    assert keyboard.creates() == 1


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (("route", "any/video", "prompt=waves", "duration=7"), "vap/video: duration: 7"),
        (("run", "any/video", "prompt=waves", "--max-cost", "0.01 USD"), "vap/video: vap/video costs"),
        (("route", "any/film", "prompt=waves"), "any/video"),
        (("route", "any/video", "prompt=waves", "--prefer", "vip"), "vap"),
        (("run", "vap/image", "prompt=waves", "--policy", "fastest"), "names its provider"),
    ],
)
def test_what_does_not_fit_is_named(keyboard: Keyboard, line: tuple[str, ...], said: str) -> None:
    """Exit code 2; nothing is sent."""
    _, err = keyboard(*line, code=2)

    assert said in err
    assert keyboard.creates() == 0


def test_what_can_be_asked_for_is_listed(keyboard: Keyboard) -> None:
    """As the operations of a provider are."""
    names = [one["name"] for one in keyboard.json("operations", "any")["operations"]]

    assert names == ["any/image", "any/video", "any/music", "any/model"]
    assert "negative_prompt" in keyboard("operations", "any/video")[0]
