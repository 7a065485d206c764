"""Runs the cases without pytest's runner, for `taskferry plugin check`."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Literal

import pytest
from attrs import frozen

from taskferry.cards import Card, card_adapter
from taskferry.testing.contract.base import Contract
from taskferry.testing.contract.card_samples import samples_of_card
from taskferry.testing.contract.subject import Subject

_PREFIX = "test_"


@frozen(kw_only=True)
class CaseResult:
    """What became of one case."""

    name: str
    outcome: Literal["passed", "failed", "skipped"]
    message: str
    """What is wrong and what to change, or why the case does not apply; empty where it passed."""


def run_cases_of(contract: type[Contract], card: Card) -> Sequence[CaseResult]:
    """Run every case of a contract on a card, with replies made from the card's examples."""
    subject = Subject(lambda: card_adapter(card), lambda adapter: samples_of_card(card, adapter))
    return results_of(type("TestCard", (contract,), {"_subject": subject}))


def results_of(contract: type[Contract]) -> Sequence[CaseResult]:
    """Run every case of an author's test class."""
    cases = contract()
    names = [name for name in dir(cases) if name.startswith(_PREFIX)]
    with _quiet():
        return [_result(name.removeprefix(_PREFIX).replace("_", "-"), getattr(cases, name)) for name in names]


def _result(name: str, case: object) -> CaseResult:
    try:
        assert callable(case)
        case()
    except pytest.skip.Exception as skipped:
        return CaseResult(name=name, outcome="skipped", message=str(skipped))
    except AssertionError as wrong:
        return CaseResult(name=name, outcome="failed", message=str(wrong))
    except Exception as error:  # noqa: BLE001 -- whatever an adapter raises is a finding, and the other cases go on
        return CaseResult(name=name, outcome="failed", message=f"{type(error).__name__}: {error}")
    return CaseResult(name=name, outcome="passed", message="")


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep what the log says of faults that the cases provoke away from whoever reads the results."""
    log = logging.getLogger("taskferry")
    level = log.level
    log.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        log.setLevel(level)
