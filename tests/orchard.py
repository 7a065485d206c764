"""Three made-up providers of the same thing, for tests that let one be chosen."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import httpx
import respx
from attrs import evolve

import acme
from taskferry import Amount, Ferry, Operation, Provider, Registry, Service, Typical, hookimpl

BASES = {name: f"https://api.{name}.example" for name in ("apple", "berry", "cherry")}
KEYS = {f"{name.upper()}_KEY": f"key-of-{name}" for name in BASES}
DONE = {"state": "done", "images": [acme.PIXEL.url]}


def video(name: str, price: str, median: float, *durations: int) -> Operation:
    """Give an operation that makes a video."""
    return Operation(
        name=name,
        title="Video",
        description="A video.",
        kind="video",
        parameters={
            "type": "object",
            "additionalProperties": False,
            "required": ["prompt"],
            "properties": {
                "prompt": {"type": "string", "minLength": 1, "description": "What to show."},
                "duration": {"type": "integer", "enum": list(durations), "description": "Seconds."},
            },
        },
        typical=Typical(median=median, slow=4 * median),
        price=Amount.parse(price),
    )


class AppleAdapter(acme.AcmeAdapter):
    """Cheap and slow; cancels, upscales and has a trial, which are no videos to be chosen."""

    service = Service(base_url=BASES["apple"], key_variables=("APPLE_KEY",))
    operations = (
        video("apple/video", "1 USD", 90, 5, 10),
        video("apple/upscale", "0.1 USD", 5, 5),
        evolve(video("apple/trial-video", "0 USD", 5, 5), needs_key=False),
        evolve(video("apple/picture-to-video", "0.5 USD", 5, 5), kind="image"),
    )


class BerryAdapter(acme.AcmeAdapter):
    """Billed in credits."""

    service = Service(base_url=BASES["berry"], key_variables=("BERRY_KEY",))
    operations = (video("berry/text-to-video", "150 credits", 60, 5, 8),)


class CherryAdapter(acme.AcmeAdapter):
    """Dear and fast."""

    service = Service(base_url=BASES["cherry"], key_variables=("CHERRY_KEY",))
    operations = (video("cherry/video", "2 USD", 30, 5, 10),)


@hookimpl
def taskferry_providers(register: Callable[[Provider], None]) -> None:
    """Register the three."""
    for name in BASES:
        register(Provider(name=name, title=name.title(), adapters={"v1": f"orchard:{name.title()}Adapter"}))


class Greedy:
    """A plugin that claims the name which stands for all."""

    @hookimpl
    def taskferry_providers(self, register: Callable[[Provider], None]) -> None:
        """Register it."""
        register(Provider(name="any", title="Any", adapters={"v1": "acme:AcmeAdapter"}))


GREEDY = Greedy()


def registry() -> Registry:
    """Give a registry that knows the three alone."""
    return Registry(entry_points=[EntryPoint("orchard", "orchard", "taskferry")], disabled="")


def ferry(home: Path, *, without: str = "", **settings: Any) -> Ferry:
    """Give a ferry with the keys of all three, or without one, and a rate for credits."""
    environ = {name: key for name, key in KEYS.items() if name != f"{without.upper()}_KEY"}
    rates = {"berry": {"credits": "0.01 USD"}}
    return Ferry(home=home, registry=registry(), environ=environ, **{"rates": rates, **settings})


def answer(mock: respx.MockRouter, **answers: httpx.Response | Exception) -> dict[str, respx.Route]:
    """Let each provider answer its creates so, by default with a job; every job is done at the first look."""
    creates = {}
    for name, base in BASES.items():
        creates[name] = mock.post(f"{base}/jobs").mock(side_effect=_accepting(answers.get(name)))
        mock.get(url__startswith=f"{base}/jobs/").respond(json=DONE)
    return creates


def _accepting(given: httpx.Response | Exception | None) -> Callable[[httpx.Request], httpx.Response]:
    numbers = iter(range(1, 1000))

    def answered(_: httpx.Request) -> httpx.Response:
        if isinstance(given, Exception):
            raise given
        return httpx.Response(200, json={"id": str(next(numbers))}) if given is None else given

    return answered
