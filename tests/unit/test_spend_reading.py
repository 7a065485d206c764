"""Where caps and rates are set, which goes first, and what is said of one that cannot be read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from taskferry import Amount, UsageError
from taskferry.spend import Span, read_caps

CONFIG = """
[caps]
task = "2 USD"
day = ["20 usd", "10 videos, 1 song"]
allow_unpriced = true
[caps.acme]
total = "500 credits"
[rates]
EUR = "1.08 USD"
[rates.acme]
credits = "0.01 USD"
"""


def limits(home: Path, **given: Any) -> set[tuple[str, str | None, str]]:
    return {(cap.span.value, cap.provider, str(cap.limit)) for cap in read_caps(home, **{"environ": {}, **given}).caps}


def test_without_any_there_are_none(tmp_path: Path) -> None:
    """And no file has to exist."""
    assert limits(tmp_path) == set()
    assert not read_caps(tmp_path, {}).allow_unpriced


def test_the_config_file_has_tables_for_all_and_by_provider(tmp_path: Path) -> None:
    """Several limits to a place; a unit may stand in the singular."""
    (tmp_path / "config.toml").write_text(CONFIG)

    found = read_caps(tmp_path, {})

    assert limits(tmp_path) == {
        ("task", None, "2 USD"),
        ("day", None, "20 USD"),
        ("day", None, "10 videos"),
        ("day", None, "1 songs"),
        ("total", "acme", "500 credits"),
    }
    assert found.rates == {("", "EUR"): Amount.parse("1.08 USD"), ("acme", "credits"): Amount.parse("0.01 USD")}
    assert found.allow_unpriced


def test_the_call_goes_before_the_environment_and_that_before_the_file(tmp_path: Path) -> None:
    """Place by place: what one does not set stays as the next has it."""
    (tmp_path / "config.toml").write_text(CONFIG)
    environ = {"TASKFERRY_CAP_TASK": "3 USD", "TASKFERRY_CAP_DAY": "30 USD", "TASKFERRY_ACME_LABS_CAP_DAY": "9 models"}

    found = limits(tmp_path, environ=environ, caps={"task": "4 USD"})

    assert found == {
        ("task", None, "4 USD"),
        ("day", None, "30 USD"),
        ("day", "acme-labs", "9 models"),
        ("total", "acme", "500 credits"),
    }


def test_rates_are_set_in_the_same_places(tmp_path: Path) -> None:
    """A unit is written as people like."""
    environ = {"TASKFERRY_ACME_RATE_CREDITS": "0.02 USD", "TASKFERRY_RATE_EUR": "1.1 USD"}

    found = read_caps(tmp_path, environ, rates={"acme": {"credits": "0.03 USD"}})

    assert found.rates == {("", "EUR"): Amount.parse("1.1 USD"), ("acme", "credits"): Amount.parse("0.03 USD")}


def test_a_cap_knows_where_it_was_set(tmp_path: Path) -> None:
    """For the errors that it gives."""
    (tmp_path / "config.toml").write_text('[caps.acme]\nday = "1 USD"')

    sources = {
        cap.span: cap.source
        for cap in read_caps(tmp_path, {"TASKFERRY_CAP_TASK": "2 USD"}, caps={"total": "9 USD"}).caps
    }

    assert sources == {
        Span.DAY: f"caps.acme.day in {tmp_path / 'config.toml'}",
        Span.TASK: "TASKFERRY_CAP_TASK",
        Span.TOTAL: "caps.total in the call",
    }


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"environ": {"TASKFERRY_CAP_DAY": "20"}}, r"TASKFERRY_CAP_DAY: '20' is not an amount"),
        ({"environ": {"TASKFERRY_CAP_DAYS": "2 USD"}}, r"TASKFERRY_CAP_DAYS is no cap: there are task, day, total"),
        ({"caps": {"day": 20}}, r"caps\.day in the call is 20: write a number and its unit"),
        ({"caps": {"acme": {"week": "1 USD"}}}, r"caps\.acme\.week in the call is no cap"),
        ({"caps": {"allow_unpriced": "yes"}}, r"caps\.allow_unpriced in the call is 'yes': write true or false"),
        ({"rates": {"acme": {"credits": "cheap"}}}, r"rates\.acme\.credits in the call: 'cheap' is not"),
        ({"caps": ["1 USD"]}, r"caps in the call is \['1 USD'\]: it has to be a table"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_place(tmp_path: Path, given: dict[str, Any], told: str) -> None:
    """A cap that is misspelt never counts as none."""
    with pytest.raises(UsageError, match=told):
        read_caps(tmp_path, **{"environ": {}, **given})


def test_a_broken_config_file_is_named(tmp_path: Path) -> None:
    """It may hold caps."""
    (tmp_path / "config.toml").write_text("[caps")

    with pytest.raises(UsageError, match=r"config\.toml cannot be read as TOML"):
        read_caps(tmp_path, {})
