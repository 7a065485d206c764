"""A host that is down is asked by one look at a time, less and less often; its tasks wait and are told why."""

from __future__ import annotations

import logging

import pytest

from taskferry.poller.breaker import Breaker

BASE = "https://api.acme.example/v1"


def broken(times: int, now: float = 0.0) -> Breaker:
    breaker = Breaker(BASE)
    for _ in range(times):
        breaker.failed(now, "no connection")
    return breaker


def test_a_few_failures_hold_nothing_back() -> None:
    """Every network has bad moments."""
    breaker = broken(4)

    assert not breaker.open
    assert breaker.wait(0.0) == 0.0


def test_several_failures_in_a_row_hold_everything_back_and_say_so_once(caplog: pytest.LogCaptureFixture) -> None:
    """The log names the host and the reason once, however many looks fail."""
    with caplog.at_level(logging.WARNING, "taskferry"):
        breaker = broken(50)

    assert breaker.open
    assert breaker.wait(0.0) == pytest.approx(2.0)
    assert [record.getMessage() for record in caplog.records] == [
        "api.acme.example is down for now, its tasks wait: no connection"
    ]
    assert "no connection" in breaker.reason


def test_pauses_grow_while_the_host_stays_down_up_to_a_minute() -> None:
    """Only the look that was let through counts; those that were out before do not double the pause."""
    breaker, now, pauses = broken(5), 0.0, []
    for _ in range(8):
        pauses.append(breaker.wait(now))
        now += breaker.wait(now)
        breaker.failed(now, "still down")
        breaker.failed(now, "one that was out already")

    assert pauses == [2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 60.0, 60.0]


def test_one_answer_opens_the_way_again(caplog: pytest.LogCaptureFixture) -> None:
    """And the next trouble begins with short pauses."""
    breaker = broken(9)
    caplog.clear()

    with caplog.at_level(logging.WARNING, "taskferry"):
        breaker.answered()
        breaker.answered()

    assert not breaker.open
    assert breaker.wait(0.0) == 0.0
    assert [record.getMessage() for record in caplog.records] == ["api.acme.example answers again"]
