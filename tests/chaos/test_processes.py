"""Several processes on one ledger: one dies or sleeps, the others lose nothing and send nothing twice."""

from __future__ import annotations

import sys

import pytest

from chaos.members import Members

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the signals are POSIX's")

BODY_IS_OUT = "http11.send_request_body.complete"


def test_a_second_process_goes_on_when_the_first_is_killed(members: Members) -> None:
    """Both wait for one task; the one that watches it dies, the other sees it through."""
    first, second = members.join(), members.join()
    task = first.ask("submit", prompt="fox [[run:150]]")["id"]
    second.tell("wait", id=task, timeout=30)

    first.kill()

    assert second.hear()["finished"]
    assert members.jobs() == ["fox [[run:150]]"]


def test_processes_that_use_one_key_at_once_get_one_job(members: Members) -> None:
    """Whoever comes second is given the first one's task."""
    several = [members.join() for _ in range(3)]

    for one in several:
        one.tell("submit", prompt="fox", idempotency_key="order 7")
    answers = [one.hear() for one in several]

    assert len({answer["id"] for answer in answers}) == 1, answers
    assert members.jobs() == ["fox"]


def test_processes_that_ask_the_same_at_once_get_one_job(members: Members) -> None:
    """Without a key too: the same caller asking for the same thing within minutes is given what there is."""
    several = [members.join() for _ in range(4)]

    for one in several:
        one.tell("submit", prompt="fox")
    answers = [one.hear() for one in several]

    assert len({answer["id"] for answer in answers}) == 1, answers
    assert members.jobs() == ["fox"]


def test_nobody_takes_over_from_a_process_that_only_sleeps(members: Members) -> None:
    """A stopped process holds its lock: others follow, ask the provider nothing, and a wait tells that it goes on."""
    sleeper, other = members.join(), members.join()
    task = sleeper.ask("submit", prompt="fox [[run:50]]")["id"]
    sleeper.stop()
    looks = members.requests("read")

    waited = other.ask("wait", id=task, timeout=1.5)

    assert waited == {"finished": False, "elsewhere": True, "paths": []}
    assert members.requests("read") == looks
    sleeper.go_on()
    assert other.ask("wait", id=task, timeout=30)["finished"]
    assert members.jobs() == ["fox [[run:50]]"]


def test_a_process_that_slept_through_its_create_still_reads_the_reply(members: Members) -> None:
    """It is stopped while the billed call is out; meanwhile no other process sends it again."""
    sleeper, other = members.join("stop", BODY_IS_OUT), members.join()
    sleeper.tell("submit", prompt="fox", idempotency_key="order 7")
    sleeper.wait_until_stopped()

    meanwhile = other.ask("submit", prompt="fox", idempotency_key="order 7", patience=0.5)
    sleeper.go_on()

    assert meanwhile["status"] == "submitting"
    assert meanwhile["duplicate"]
    assert sleeper.hear()["id"] == meanwhile["id"]
    assert other.ask("wait", id=meanwhile["id"], timeout=30)["finished"]
    assert members.jobs() == ["fox"]


def test_a_job_whose_reply_is_still_on_its_way_is_not_taken_for_another_tasks(members: Members) -> None:
    """A lost task is reconciled by time alone while another create of the same kind is out: that may be the other's."""
    sleeper = members.join("stop", BODY_IS_OUT)
    victim = members.join("kill", "connection.connect_tcp.started")
    sleeper.tell("submit", prompt="fox")
    sleeper.wait_until_stopped()
    victim.ask("submit", prompt="hare")
    other = members.join()
    lost = other.ask("list")["ids"][0]

    settled = other.ask("reconcile", id=lost)

    assert settled["outcome"] == "ambiguous", settled
    assert members.jobs() == ["fox"]


def test_a_task_is_reconciled_while_the_same_process_takes_it_up(members: Members) -> None:
    """Its first process died; the next one is asked for the same job, finds the task, and reconciles it at once."""
    members.join("kill", "http11.receive_response_headers.started").ask("submit", prompt="fox")
    process = members.join()
    task = process.ask("submit", prompt="fox")

    settled = process.ask("reconcile", id=task["id"])

    assert task["duplicate"]
    assert settled.get("outcome") == "adopted", settled
    assert members.jobs() == ["fox"]
