"""The waiting loops of others, as their sources have them: the first look's delay and the pause after each look."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from attrs import frozen


@frozen(kw_only=True)
class Peer:
    """A waiting loop."""

    name: str
    first: float
    """Seconds before the first look."""
    pause: Callable[[int, float, float | None, Random], float]
    """Gives the sleep after look k (1, 2, ...), at an age, with the server's ETA if it tells one."""


def fixed(seconds: float, *, immediate: bool = True, name: str = "fixed") -> Peer:
    """Look every so many seconds."""
    return Peer(name=name, first=0.0 if immediate else seconds, pause=lambda k, age, eta, rng: seconds)


PEERS = (
    fixed(0.1, name="fal-client 1.0.3"),
    fixed(0.5, name="replicate 1.0.7", immediate=False),
    fixed(1.0, name="openai videos.poll"),
    Peer(name="runwayml 5.24.0", first=6.0, pause=lambda k, age, eta, rng: 6 + rng.uniform(-1.5, 1.5)),
    fixed(5.0, name="Vercel AI SDK", immediate=False),
    fixed(5.0, name="ComfyUI poll_op"),
    Peer(
        name="google-api-core 2.44.0",
        first=0.0,
        pause=lambda k, age, eta, rng: rng.uniform(0, min(1.5 ** min(k - 1, 50), 20)),
    ),
    fixed(30.0, name="azure-core 1.41.0"),
    Peer(name="genblaze-core 0.3.8", first=0.0, pause=lambda k, age, eta, rng: min(2.0 ** min(int(age / 30), 9), 30)),
    Peer(name="tripo3d 1.0.0", first=0.0, pause=lambda k, age, eta, rng: min(2.0 * 2 ** min(k - 1, 9), 30)),
)
BY_ETA = Peer(name="tripo3d 0.4.2", first=0.0, pause=lambda k, age, eta, rng: max(2.0, 0.5 * (eta or 0.0)))
"""It sleeps half of what the server says is left; without an ETA, two seconds."""
