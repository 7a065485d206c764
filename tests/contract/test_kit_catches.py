"""The contract kit's own test: each broken adapter is caught by the case meant for it, and each case catches."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from contract.kit.breaking import Broken
from contract.kit.broken import BROKEN
from contract.kit.sound import CREATED, EXTRAS, REPLIES, Sound
from taskferry.testing import AdapterContract

CASES = sorted(name for name in dir(AdapterContract) if name.startswith("test_"))


def contract_of(adapter: type[Sound]) -> AdapterContract:
    given = {"created": CREATED, "replies": REPLIES, **EXTRAS, **getattr(adapter, "given", {})}
    return type(f"Test{adapter.__name__}", (AdapterContract,), {"adapter": adapter, **given})()


def verdict(case: Callable[[], None]) -> str | None:
    """Give the message of a case that fails; None for one that passes or does not apply."""
    try:
        case()
    except AssertionError as error:
        return str(error)
    except pytest.skip.Exception:
        return None
    except Exception as error:  # noqa: BLE001 -- a case that breaks on another case's fault is told as such
        return f"broken {type(error).__name__}"
    return None


def failing(adapter: type[Sound], cases: list[str]) -> Iterator[tuple[str, str]]:
    contract = contract_of(adapter)
    for case in cases:
        message = verdict(getattr(contract, case))
        if message is not None:
            yield case, message


@pytest.mark.parametrize("adapter", BROKEN, ids=lambda adapter: adapter.__name__)
def test_the_named_case_catches_it(adapter: type[Broken]) -> None:
    """The case fails with a message of one line that begins with its rule and says what to change."""
    caught = dict(failing(adapter, [adapter.caught_by]))

    assert adapter.caught_by in caught, adapter.__doc__
    rule, colon, rest = caught[adapter.caught_by].partition(": ")
    assert (colon, rule.replace("-", "").isalnum(), len(rest.split()) > 4) == (": ", True, True)


@pytest.mark.parametrize("case", CASES)
def test_every_case_catches_something(case: str) -> None:
    """A case that no adapter can fail says nothing."""
    assert [adapter.__name__ for adapter in BROKEN if adapter.caught_by == case]


@pytest.mark.slow
@pytest.mark.parametrize("adapter", BROKEN, ids=lambda adapter: adapter.__name__)
def test_every_case_against_it(adapter: type[Broken]) -> None:
    """The whole table: each broken adapter against every case; its row is printed."""
    caught = dict(failing(adapter, CASES))

    print(row(adapter, caught))
    assert adapter.caught_by in caught


def row(adapter: type[Broken], caught: dict[str, str]) -> str:
    also = sorted(case.removeprefix("test_") for case in caught if case != adapter.caught_by)
    mark = "caught" if adapter.caught_by in caught else "MISSED"
    return f"{mark}  {adapter.__name__:28} {adapter.caught_by.removeprefix('test_'):42} also: {', '.join(also) or '-'}"
