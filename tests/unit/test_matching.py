"""Telling lost jobs apart: certain, or not at all."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from taskferry.adapter import Candidate
from taskferry.poller.matching import Sending, job_of


def call(name: str, began: float, ended: float | None = None, prompt: str = "a fox") -> Sending:
    return Sending(task_id=name, prompt=prompt, began=began, ended=began if ended is None else ended)


def job(name: str, at: float | None, prompt: str | None = None) -> Candidate:
    return Candidate(remote={"id": name}, created_at=at, prompt=prompt)


def test_one_job_of_the_time_is_the_one() -> None:
    """Where no prompt is listed, a tight window decides."""
    mine = call("a", 100)

    assert job_of(mine, [], [job("1", 101)]) == job("1", 101)
    assert job_of(mine, [], [job("1", 110)]) is None
    assert job_of(mine, [], [job("1", None)]) is None


def test_a_listed_prompt_has_to_be_ours() -> None:
    """White space aside; then the clocks may differ by more."""
    mine = call("a", 100, prompt="a  red fox")

    assert job_of(mine, [], [job("1", 150, "a red fox"), job("2", 101, "a hare")]) == job("1", 150, "a red fox")
    assert job_of(mine, [], [job("2", 101, "a hare")]) is None


def test_two_jobs_for_one_call_are_left_to_the_user() -> None:
    """Another program may use the account too."""
    assert job_of(call("a", 100), [], [job("2", 101), job("1", 100)]) is None


def test_calls_that_followed_each_other_are_told_apart_by_their_order() -> None:
    """As many jobs as calls, and no two calls out at once."""
    first, second = call("a", 100.0, 100.2), call("b", 100.3, 100.5)
    listed = [job("2", 100), job("1", 100)]

    assert job_of(first, [second], listed) == job("1", 100)
    assert job_of(second, [first], listed) == job("2", 100)


def test_calls_that_were_out_at_once_are_not_told_apart() -> None:
    """Nobody can know whose job came first."""
    first, second = call("a", 100.0, 100.4), call("b", 100.3, 100.5)

    assert job_of(first, [second], [job("2", 100), job("1", 100)]) is None


def test_one_job_for_two_calls_belongs_to_neither_for_certain() -> None:
    """One of the two was never made; which one, the list does not say."""
    first, second = call("a", 100.0, 100.2), call("b", 101.0, 101.2)

    assert job_of(first, [second], [job("1", 101)]) is None


def test_a_rival_far_away_in_time_changes_nothing() -> None:
    """Only calls that could have made the same jobs matter."""
    assert job_of(call("a", 100), [call("b", 200)], [job("2", 200), job("1", 100)]) == job("1", 100)


times = st.floats(0, 30)


@given(st.lists(st.tuples(times, times), min_size=1, max_size=5), st.lists(times, max_size=5))
def test_no_job_is_ever_given_to_two_tasks(spans: list[tuple[float, float]], made: list[float]) -> None:
    """Whatever the times are."""
    calls = [call(str(place), began, began + length) for place, (began, length) in enumerate(spans)]
    listed = [job(str(place), at) for place, at in enumerate(sorted(made, reverse=True))]

    given_away = [job_of(one, [other for other in calls if other is not one], listed) for one in calls]

    certain = [found.remote["id"] for found in given_away if found is not None]
    assert len(set(certain)) == len(certain)
