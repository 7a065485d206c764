"""The short part of the fuzz run that every test run has: a few mutated bodies for every reader."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fuzz.corpus import FOLDER, named
from fuzz.every import every_target
from fuzz.run import defects, feed, told
from fuzz.target import Tally, Target

BODIES = 2400
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@pytest.fixture(scope="module")
def targets() -> Iterator[Sequence[Target]]:
    """Every reader there is, and silence: what they warn of is as long as what they are fed."""
    logging.disable()
    with every_target() as found:
        yield found
    logging.disable(logging.NOTSET)


def test_a_few_bodies_raise_nothing_untyped(targets: Sequence[Target]) -> None:
    """The seeds as they are, then mutations of them; `make fuzz` feeds many more."""
    tallies = feed(targets, BODIES, 2026)

    assert defects(tallies) == []
    assert sum(tally.bodies for tally in tallies.values()) >= BODIES * 0.9
    assert told(tallies).splitlines()[-1].split()[0] == "all"


def test_documented_bodies_are_mostly_read(targets: Sequence[Target]) -> None:
    """A corpus that every reader refuses would fuzz the refusals alone."""
    looks = [target for target in targets if target.name.endswith(" look")]

    read = {target.name: _read(target) for target in looks}

    assert {name: share for name, share in read.items() if share < 0.2} == {}


def _read(target: Target) -> float:
    tally = Tally()
    for body in target.seeded():
        tally.feed(target, body)
    return 1 - tally.typed / tally.bodies


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.integers(0, 10**6), value=VALUES, head=st.binary(min_size=3, max_size=3))
def test_values_of_any_shape_raise_nothing_untyped(
    targets: Sequence[Target], place: int, value: object, head: bytes
) -> None:
    """Hypothesis makes the body, and makes it small when it finds something."""
    target, tally = targets[place % len(targets)], Tally()

    tally.feed(target, head[: target.head] + json.dumps(value).encode())

    assert tally.found == {}


@pytest.mark.parametrize(
    "name",
    ["config keys", "config caps"],
)
def test_a_config_nested_too_deeply_is_refused(targets: Sequence[Target], name: str) -> None:
    """The reader of TOML gives up with an error of its own."""
    target, tally = next(one for one in targets if one.name == name), Tally()

    tally.feed(target, b"x = " + b"[" * 5000)

    assert (tally.typed, tally.found) == (1, {})


def test_a_defect_is_found_and_told() -> None:
    """The harness itself: what is typed is counted, what is not is kept with its body."""
    broken = Target(name="broken", seeds=[b"{}"], read=lambda body: {}[body], share=1)

    tallies = feed([broken], 3, 1)

    (defect,) = {line.partition(" at ")[0] for line in defects(tallies)}
    assert defect == "broken: KeyError"


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*/*.json")), ids=lambda path: f"{path.parent.name} {path.stem}")
def test_the_corpus_is_named_bodies(path) -> None:
    """Objects, as every documented body is."""
    assert all(isinstance(body, dict) for body in named(path.parent.name, path.stem).values())
