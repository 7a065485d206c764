"""The pure parts of the stand-in toolkit: lives, fault scripts, accounts and request rates."""

from __future__ import annotations

import subprocess
import sys
from decimal import Decimal

import pytest

from taskferry.sandbox import TOKENS, FaultError, Job, Life, Moment, Rate, Script, Settings, Stage
from taskferry.sandbox.accounts import Account, Accounts
from taskferry.sandbox.faults import FaultBook, without_tokens
from taskferry.sandbox.limits import Limits


def life(prompt: str, *, queue: float = 10, run: float = 20, speed: float = 1) -> Life:
    return Life.scripted(Script(FaultBook(TOKENS).parse(prompt)), queue=queue, run=run, speed=speed)


def job(account: str = "a", *, price: str = "2", charge: str | None = None, prompt: str = "") -> Job:
    return Job(
        account=account,
        type="image",
        prompt=prompt,
        input={},
        price=Decimal(price),
        charge=Decimal(charge or price),
        group="all",
        created_at=1000.0,
        life=life(prompt),
        script=Script(FaultBook(TOKENS).parse(prompt)),
    )


@pytest.mark.parametrize(
    ("elapsed", "moment"),
    [
        (-5, Moment(Stage.QUEUED, 0.0)),
        (0, Moment(Stage.QUEUED, 0.0)),
        (5, Moment(Stage.QUEUED, 0.5)),
        (10, Moment(Stage.RUNNING, 0.0)),
        (20, Moment(Stage.RUNNING, 0.5)),
        (30, Moment(Stage.SUCCEEDED, 1.0)),
        (9999, Moment(Stage.SUCCEEDED, 1.0)),
    ],
)
def test_a_job_waits_runs_and_ends_by_the_clock_alone(elapsed: float, moment: Moment) -> None:
    """What a job is follows from how long ago it was created."""
    assert life("a fox").at(elapsed) == moment


@pytest.mark.parametrize(
    ("prompt", "end", "code"),
    [
        ("[[fail:provider_error]]", Stage.FAILED, "provider_error"),
        ("[[fail]]", Stage.FAILED, None),
        ("[[moderated]]", Stage.MODERATED, None),
        ("[[moderated:banned]]", Stage.MODERATED, "banned"),
        ("[[cancelled]]", Stage.CANCELLED, None),
    ],
)
def test_a_token_chooses_the_end(prompt: str, end: Stage, code: str | None) -> None:
    """A scripted end comes after the usual wait and run, with the code that was asked for."""
    scripted = life(prompt)

    moment = scripted.at(30)

    assert (moment.stage, scripted.code) == (end, code)


def test_an_expired_job_never_runs() -> None:
    """A job that expires does so at the end of the queue."""
    scripted = life("[[expired]]")

    stages = [scripted.at(elapsed).stage for elapsed in (9, 10)]

    assert stages == [Stage.QUEUED, Stage.EXPIRED]


def test_a_stuck_job_never_ends() -> None:
    """A stuck job stays just short of done for ever."""
    assert life("[[stuck]]").at(1e9) == Moment(Stage.RUNNING, 0.99)


def test_an_unknown_status_is_shown_for_a_while() -> None:
    """A job may show a word nobody has heard, and succeeds after it."""
    scripted = life("[[unknown-status]]")

    stages = [scripted.at(elapsed).stage for elapsed in (12, 20, 30)]

    assert stages == [Stage.RUNNING, Stage.UNKNOWN, Stage.SUCCEEDED]


def test_lengths_are_scripted_in_seconds_before_the_speed() -> None:
    """Both scripted and usual lengths are divided by the speed."""
    scripted = life("[[queue:4]] [[run:6]]", speed=2)

    assert (scripted.queue, scripted.run) == (2.0, 3.0)


def test_a_fault_strikes_as_often_as_its_count() -> None:
    """A count of two is used up by two strikes."""
    script = Script(FaultBook(TOKENS).parse("a [[read-http:502*2]] b"))

    strikes = [script.take("read-http") is not None for _ in range(3)]

    assert strikes == [True, True, False]


def test_a_fault_without_a_count_strikes_every_time() -> None:
    """No count means always."""
    script = Script(FaultBook(TOKENS).parse("[[expired-url]]"))

    assert all(script.take("expired-url") for _ in range(5))


def test_the_creates_of_one_prompt_share_a_script() -> None:
    """A count at the create spans tries with the same prompt, for each account of its own."""
    book = FaultBook(TOKENS)
    book.script("me", "[[http:502*1]]").take("http")

    left = [book.script(account, "[[http:502*1]]").has("http") for account in ("me", "you")]

    assert left == [False, True]


@pytest.mark.parametrize("prompt", ["[[refuse]]", "[[http:abc]]", "[[http:200]]", "[[queue:soon]]", "[[stuck:3]]"])
def test_a_token_written_wrong_is_an_error(prompt: str) -> None:
    """A token that makes no sense is said to be so instead of being ignored."""
    with pytest.raises(FaultError):
        FaultBook(TOKENS).parse(prompt)


def test_brackets_that_are_no_token_are_left_alone() -> None:
    """Words in double brackets that no stand-in knows are part of the prompt."""
    assert FaultBook(TOKENS).parse("a [[wiki link]] and [[nothing:3]]") == []


def test_a_caption_is_the_prompt_without_its_tokens() -> None:
    """What is drawn is what a person meant."""
    assert without_tokens("a [[run:3]] red [[read-http:502*3]] fox") == "a red fox"


def test_a_posted_fault_strikes_its_own_kind_of_request() -> None:
    """Without a path, a fault of the create leaves reads alone."""
    book = FaultBook(TOKENS)
    book.post("http:503", 1)

    strikes = [book.take("http", "/tasks", kind=kind) is not None for kind in ("read", "create", "create")]

    assert strikes == [False, True, False]


def test_a_posted_fault_with_a_path_strikes_any_request_there() -> None:
    """With a path, its kind does not matter."""
    book = FaultBook(TOKENS)
    book.post("http:503", None, "^/balance$")

    strikes = [book.take("http", path, kind="other") is not None for path in ("/tasks", "/balance", "/balance")]

    assert strikes == [False, True, True]


def test_money_is_held_back_then_taken() -> None:
    """A job under way is reserved; when it has succeeded its charge is taken and the rest given back."""
    account = Account(Decimal(10))
    account.reserve(job(price="2", charge="0.5"))

    before = account.usable
    account.settle(1030)

    assert (before, account.balance, account.reserved) == (Decimal(8), Decimal("9.5"), Decimal(0))


def test_money_of_a_failed_job_is_given_back() -> None:
    """A job that fails costs nothing."""
    account = Account(Decimal(10))
    account.reserve(job(prompt="[[fail]]"))

    account.settle(1030)

    assert (account.balance, account.usable) == (Decimal(10), Decimal(10))


def test_a_stuck_job_holds_its_money_for_ever() -> None:
    """Money of a job that never ends stays reserved."""
    account = Account(Decimal(10))
    account.reserve(job(prompt="[[stuck]]"))

    account.settle(1e12)

    assert account.reserved == Decimal(2)


def test_each_key_has_an_account_of_its_own() -> None:
    """The same key comes back to its account; another key opens another."""
    accounts = Accounts(Decimal(1))
    mine = accounts.open("key-one")

    assert accounts.open("key-one") is mine
    assert accounts.open("key-two") is not mine


def test_a_rate_is_counted_in_windows() -> None:
    """The limit holds within a window, and begins anew after it; the speed makes windows shorter."""
    limits = Limits({"requests": Rate(2, 60)}, speed=60)

    first = [limits.admit(limits.window("a", "requests", 100.0)) for _ in range(3)]
    later = limits.admit(limits.window("a", "requests", 101.0))

    assert (first, later) == ([True, True, False], True)


def test_a_window_tells_itself_in_headers() -> None:
    """The reset is in epoch seconds, and what remains is never below zero."""
    limits = Limits({"requests": Rate(1, 60)}, speed=1)
    window = limits.window("a", "requests", 100.0)
    limits.admit(window)
    limits.admit(window)

    headers = window.headers()

    assert headers == {"X-RateLimit-Limit": "1", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "160"}


def test_a_speed_of_nothing_is_refused() -> None:
    """A speed must be above zero."""
    with pytest.raises(ValueError, match="speed"):
        Settings(speed=0)


def test_importing_the_package_loads_no_server() -> None:
    """The package alone pulls in neither starlette nor uvicorn."""
    code = "import sys, taskferry.sandbox; print(any(name in sys.modules for name in ('starlette', 'uvicorn', 'av')))"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "False"
