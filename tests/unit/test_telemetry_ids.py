"""The trace of a task: the same for every process, and worked out from its id alone."""

from __future__ import annotations

import re

import pytest

from taskferry import UsageError
from taskferry.task import new_id
from taskferry.telemetry import traceparent
from taskferry.telemetry.ids import span_id, trace_id


def test_a_tasks_trace_is_its_id_in_other_digits() -> None:
    """Nothing has to be kept anywhere for a second process to find it."""
    assert trace_id("00000000000000000000000001") == 1
    assert trace_id("7zzzzzzzzzzzzzzzzzzzzzzzzz") == 2**128 - 1


def test_different_tasks_have_different_traces() -> None:
    """And different places in them."""
    ids = [new_id() for _ in range(1000)]

    assert len({trace_id(one) for one in ids}) == len({span_id(one) for one in ids}) == len(ids)


def test_the_header_for_spans_of_ones_own_is_w3cs() -> None:
    """Version, trace, parent, sampled."""
    assert re.fullmatch(r"00-[0-9a-f]{32}-[0-9a-f]{16}-01", traceparent(new_id(1_700_000_000)))
    assert traceparent("00000000000000000000000001").startswith("00-00000000000000000000000000000001-")


@pytest.mark.parametrize(
    "text", ["", "0", "00000000000000000000000000", "8zzzzzzzzzzzzzzzzzzzzzzzzz", "i" * 26, "ü" * 26, "0" * 27]
)
def test_what_is_no_id_has_no_trace(text: str) -> None:
    """A trace of all zeros would not be one."""
    with pytest.raises(UsageError, match="is no task's id"):
        traceparent(text)
