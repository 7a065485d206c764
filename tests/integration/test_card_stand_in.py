"""Cards against their own stand-ins: real HTTP, a real ferry, every fault script, and nothing made twice."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from attrs import frozen

from integration.card_stand_ins import UNHURRIED, DrawnOnce, registry_of
from integration.fault_carrier import ENDS_WITHIN, PATIENCE, SPEED, Carried, User
from integration.fault_scripts import CREATES, ENDS, LOOKS, UNENDING, Script
from taskferry import FailureKind
from taskferry.sandbox import TOKENS, Running, running

pytestmark = pytest.mark.timeout(ENDS_WITHIN)
OPERATIONS: Mapping[str, Mapping[str, Any]] = {
    "acme/video": {"model": "best", "duration": 5, "aspect_ratio": "9:16"},
    "acme/speech": {},
    "fable/image": {},
}


@frozen(kw_only=True)
class CardScript(Script):
    """One script for one operation of a card."""

    @property
    def provider(self) -> str:
        """Give the provider's name."""
        return self.adapter.partition("/")[0]

    def job(self, number: int, folder: Path) -> tuple[str, dict[str, Any], str]:
        """Give operation, parameters and the prompt."""
        prompt = f"fox {number:03} {self.words}".strip()
        return self.adapter, {**OPERATIONS[self.adapter], "prompt": prompt}, prompt


OWN: Mapping[str, Mapping[str, tuple[str, int]]] = {
    "acme/video": {
        "[[expired]]": ("expired timeout", 1),
        "[[cancelled]]": ("cancelled", 1),
        "[[fail:1008]]": ("failed funds", 1),
        "[[refuse:1026]]": ("refused moderated", 0),
        "[[refuse:402]]": ("refused funds", 0),
        "[[refuse:409]]": ("refused conflict", 0),
        "[[refuse:9999]]": ("refused", 0),
        "[[http:503*2]]": ("succeeded", 1),
    },
    "acme/speech": {
        **dict.fromkeys(("[[fail]]", "[[moderated]]", "[[expired]]", "[[cancelled]]"), (UNENDING, 1)),
        "[[no-output]]": ("succeeded not kept", 1),
        "[[short-file]]": ("succeeded", 1),
        "[[read-http:401]]": ("running parked", 1),
        "[[read-http:403]]": ("running parked", 1),
        "[[refuse:1026]]": ("refused moderated", 0),
    },
    "fable/image": {
        "[[moderated]]": ("failed provider", 1),
        "[[expired]]": ("failed provider", 1),
        "[[cancelled]]": ("failed provider", 1),
        "[[refuse:403]]": ("refused forbidden", 0),
    },
}
"""What comes of tokens whose end is the provider's own.

The speech is told by its HTTP status, so that a failure is an error that is looked at again, and half an MP3 is one
too. A word that Fable lacks is shown as failed.
"""
ONLY_ONCE = re.compile(r"read-http:(500|503|504|408)\*3|http:(500|502|504)\]|levitating|(queue|run):60|short-file\*1")
"""What the wire does alike for every card; one is enough."""


def scripts() -> Iterator[CardScript]:
    """Yield every script for every operation."""
    for name, own in OWN.items():
        usual = {
            **{words: (end, 1, "healthy") for words, end in ENDS.items()},
            **{words: (end, 1, group) for words, (end, group) in LOOKS.items()},
            **{words: (end, jobs, "creates") for words, (end, jobs) in CREATES.items()},
        }
        for words, (end, jobs, group) in usual.items():
            again = name != "acme/video" and ONLY_ONCE.search(words)
            retried = name.startswith("acme") and words == "[[http:503]]"
            if words not in own and not again and not retried:
                yield CardScript(adapter=name, words=words, end=end, jobs=jobs, group=group)
        for words, (end, jobs) in own.items():
            yield CardScript(adapter=name, words=words, end=end, jobs=jobs, group=f"own {name}")
        yield CardScript(adapter=name, words="[[http:429]]", end=UNENDING, jobs=0, group=f"no room {name}")
        settled = "adopted" if name.startswith("acme") else "ambiguous"
        yield CardScript(
            adapter=name, words="[[lost-reply]]", end="unconfirmed unavailable", settled=settled, group=f"lost {name}"
        )


SCRIPTS = tuple(scripts())


def is_fast(script: CardScript) -> bool:
    """Tell whether a script says more than that another operation comes to the same end as the video."""
    return script.adapter == "acme/video" or script.group == f"own {script.adapter}" or script.settled == "ambiguous"


def with_marks(some: Sequence[CardScript]) -> list[Any]:
    return [script if is_fast(script) else pytest.param(script, marks=pytest.mark.slow) for script in some]


@pytest.fixture(scope="module")
def servers() -> Iterator[Mapping[str, Running]]:
    """The stand-ins of both cards."""
    factories = {card.name: partial(DrawnOnce, card) for card in UNHURRIED}
    with running(factories, speed=SPEED, limits=False) as found:
        yield found


@pytest.fixture(scope="module")
def end_of(servers: Mapping[str, Running], tmp_path_factory: pytest.TempPathFactory) -> Callable[[CardScript], Carried]:
    """Tells what came of a script; all the fast ones run at once, and all the slow ones."""

    @cache
    def ends(fast: bool) -> Mapping[str, Carried]:
        return asyncio.run(carry_all(servers, tmp_path_factory.mktemp("cards"), fast=fast))

    return lambda script: ends(is_fast(script))[str(script)]


async def carry_all(servers: Mapping[str, Running], folder: Path, *, fast: bool) -> dict[str, Carried]:
    groups: dict[str, list[tuple[int, Script]]] = {}
    for number, script in enumerate(SCRIPTS):
        if is_fast(script) is fast:
            groups.setdefault(script.group, []).append((number, script))
    registry = registry_of(*UNHURRIED)
    users = [User(servers, "today", folder / group.replace("/", " "), registry) for group in groups]
    async with httpx.AsyncClient(timeout=PATIENCE) as client:
        found = await asyncio.gather(
            *(user.carry(some, client) for user, some in zip(users, groups.values(), strict=True))
        )
    return {name: end for each in found for name, end in each.items()}


def test_every_token_is_tried() -> None:
    """Whatever the toolkit lets go wrong, a card has to come through."""
    tried = {name: " ".join(script.words for script in SCRIPTS if script.adapter == name) for name in OPERATIONS}

    missing = {(name, token) for name, words in tried.items() for token in TOKENS if f"[[{token}" not in words}

    assert missing == {(name, token) for name in ("acme/speech", "fable/image") for token in ("queue", "run")}


@pytest.mark.parametrize("script", with_marks(SCRIPTS), ids=str)
def test_each_script_comes_to_its_end(end_of: Callable[[CardScript], Carried], script: CardScript) -> None:
    """By the task's own word or by recovery; the provider has made what was asked for, once."""
    carried = end_of(script)

    assert carried.end.startswith(script.end), carried
    assert carried.jobs == script.jobs, carried
    assert (carried.settled or "").startswith(script.settled or ""), carried


@pytest.mark.parametrize(
    "script", with_marks([one for one in SCRIPTS if one.end.startswith(("refused", "failed"))]), ids=str
)
def test_every_failure_has_a_kind_and_says_what_happened(
    end_of: Callable[[CardScript], Carried], script: CardScript
) -> None:
    """Also where the provider answered with a page."""
    carried = end_of(script)

    assert carried.kind in {*FailureKind} - {FailureKind.MALFORMED}, carried
    assert carried.message, carried
