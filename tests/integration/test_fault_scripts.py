"""Every fault script of the stand-ins, through each adapter: a typed end or recovery, and nothing made twice."""

from __future__ import annotations

import asyncio
import itertools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

import httpx
import pytest

from integration.fault_carrier import ENDS_WITHIN, SPEED, Carried, User, carry_all, drawn_once
from integration.fault_scripts import ADAPTERS, POSTED, SCRIPTS, TRIPO, TRIPO_V2, UNENDING, Script, is_fast
from taskferry import FailureKind, Registry
from taskferry.sandbox import TOKENS, Running, running
from taskferry_tripo.sandbox.tokens import TOKENS as TRIPO_TOKENS
from taskferry_vap.sandbox.tokens import TOKENS as VAP_TOKENS

pytestmark = pytest.mark.timeout(ENDS_WITHIN)
Ends = Mapping[str, Carried]
EndOf: TypeAlias = Callable[[Script], Carried]
ONE_JOB = "^/(v3|api/v1|v2/openapi)/(tasks?|generations)/[0-9a-f-]{36}$"
WORD = re.compile(r"\[\[([a-z-]+)")


@pytest.fixture(scope="module")
def servers() -> Iterator[Mapping[str, Running]]:
    """Both stand-ins, with what can only be posted: it strikes while the scripts run."""
    factories = {name: drawn_once(f"taskferry_{name}.sandbox:stand_in") for name in ("tripo", "vap")}
    with running(factories, speed=SPEED, limits=False) as servers:
        for server in servers.values():
            post(server, fault="lost-reply", path=ONE_JOB, count=8)
        for fault, path in POSTED.items():
            post(servers["tripo"], fault=fault, path=path, count=99)
        yield servers


@pytest.fixture(scope="module")
def end_of(servers: Mapping[str, Running], tmp_path_factory: pytest.TempPathFactory) -> EndOf:
    """Tells what came of a script; all the fast ones run at once, and all the slow ones."""

    @cache
    def ends(fast: bool) -> Ends:
        scripts = [script for script in SCRIPTS if is_fast(script) is fast]
        found = asyncio.run(carry_all(scripts, servers, tmp_path_factory.mktemp("faults")))
        if not fast:  # of the others, only what is wrong is told
            print("", *table(found), sep="\n")
        return found

    return lambda script: ends(is_fast(script))[str(script)]


def post(server: Running, **fault: object) -> None:
    httpx.post(f"{server.base_url}/_sandbox/faults", json=fault).raise_for_status()


def table(ends: Ends) -> Iterator[str]:
    """Write scripts by adapters, each with its end; a dot for one that an adapter has no use for."""
    found = {(script.words, script.adapter): ends[str(script)] for script in SCRIPTS if str(script) in ends}
    yield f"{'':56}{''.join(f'{adapter:37}' for adapter in ADAPTERS)}"
    for words in dict.fromkeys(words for words, _ in found):
        cells = (found.get((words, adapter)) for adapter in ADAPTERS)
        shown = ("." if cell is None else f"{cell.end}, {cell.settled}" if cell.settled else cell.end for cell in cells)
        yield f"{words or '(none)':56}{''.join(f'{cell:37}' for cell in shown)}".rstrip()


def test_every_token_is_tried_with_every_adapter_that_can_meet_it() -> None:
    """A token that is new to a stand-in has to be given its end here."""
    by_provider = {"vap": {*TOKENS, *VAP_TOKENS}, "tripo": {*TOKENS, *TRIPO_TOKENS}}

    tried = {adapter: words_of(adapter) for adapter in ADAPTERS}

    for adapter, words in tried.items():
        wanted = by_provider[adapter.split()[0]]
        missing = wanted - words - ({*POSTED} if adapter == TRIPO else set())
        if adapter == TRIPO_V2:  # begins nothing, and has no operation of its own
            missing -= {"refuse", "http", "lost-reply"} | TRIPO_TOKENS.keys()
        assert missing == set()


def words_of(adapter: str) -> set[str]:
    return set(itertools.chain(*(WORD.findall(script.words) for script in SCRIPTS if script.adapter == adapter)))


def with_marks(scripts: Sequence[Script]) -> list[Any]:
    return [script if is_fast(script) else pytest.param(script, marks=pytest.mark.slow) for script in scripts]


@pytest.mark.parametrize("script", with_marks(SCRIPTS), ids=str)
def test_each_script_comes_to_its_end(end_of: EndOf, script: Script) -> None:
    """By the task's own word or by recovery, in bounded time; the provider has made what was asked for, once."""
    carried = end_of(script)

    assert carried.end.startswith(script.end), carried
    assert carried.jobs == script.jobs, carried
    assert (carried.settled or "").startswith(script.settled or ""), carried


FAILING = [script for script in SCRIPTS if script.end.startswith(("refused", "failed", "unconfirmed"))]
WAITING = (UNENDING, "parked", "kept")
HELD_UP = [script for script in SCRIPTS if script.end.endswith(WAITING) and script.words != "[[stuck]]"]


@pytest.mark.parametrize("script", with_marks(FAILING), ids=str)
def test_every_failure_has_a_kind_and_says_what_happened(end_of: EndOf, script: Script) -> None:
    """Also where the provider answered with a page or in a shape that no paper shows."""
    carried = end_of(script)

    assert carried.kind in {*FailureKind} - {FailureKind.MALFORMED}, carried
    assert carried.message, carried


@pytest.mark.parametrize("script", with_marks(HELD_UP), ids=str)
def test_what_does_not_end_says_what_it_waits_for(end_of: EndOf, script: Script) -> None:
    """Why looks show nothing, why nobody looks any more, why a file is missing, why the job is not taken."""
    carried = end_of(script)

    assert carried.trouble or carried.message, carried


async def test_a_balance_that_is_a_text_is_read(servers: Mapping[str, Running], tmp_path: Path) -> None:
    """The token for it can only be posted."""
    async with User(servers, "today", tmp_path, Registry()).ferry as ferry:
        balance = await ferry.balance("tripo")

    assert balance.available == Decimal(1_000_000)
