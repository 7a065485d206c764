"""What agents read about the tools and their arguments, whoever offers them."""

from __future__ import annotations

import inspect
from collections.abc import Mapping

_DESCRIPTIONS: Mapping[str, str] = {
    "list_operations": """
        List what the installed providers can make: images, video, music, 3D models; with price and usual duration.

        Free; asks no provider and changes nothing. Call it first, to choose an operation; then describe_operation for
        the schema of its parameters. Not for jobs that exist: that is list_tasks.
    """,
    "describe_operation": """
        Show one operation in full: the JSON Schema of its parameters, a valid example, its price, how long it takes.

        Free; asks no provider and changes nothing. Call it before the first generate or submit_task of an operation,
        since parameters that do not fit are refused. Not for finding operations: that is list_operations.
    """,
    "quote": """
        Tell what a job would cost with exactly these parameters, and what is left of the user's caps.

        Free; sends nothing, needs no key, and checks the parameters as submit_task would. Call it before a job whose
        price the user may care about. The price is an estimate: get_task shows what was taken. Not for what an
        account has left.
    """,
    "generate": """
        Make one thing: start a job at a provider and wait for its files. This costs money: the user's account is
        billed.

        The first choice for one job; for several at once use submit_task. Sends progress. If the job takes longer
        than {longest:.0f} s the result has `timed_out` true: that is no error, the job goes on, call wait_task with
        its id. Call it only when the user wants something made, and set max_cost. The same call again within minutes,
        as after a broken connection, gives the task that exists and bills nothing. Never call it again because a task
        is `unconfirmed`.
    """,
    "submit_task": """
        Start a generation job at a provider. This costs money: the provider bills the user's account.

        Returns as soon as the provider has taken or refused the job, not when it is done: call wait_task next. Use it
        instead of generate to start several jobs at once. Call it only when the user wants something made, once for
        each thing, and set max_cost. The same call again within minutes gives the task that exists. Never call it
        again because a call timed out or because a task is `unconfirmed`: a paid job may exist. Wrong parameters, an
        unknown operation and a price above max_cost are told before anything is sent.
    """,
    "wait_task": """
        Wait until a task ends and its files are kept, for a bounded time.

        Free. When the time is over the result has `timed_out` true: that is no error, nothing was cancelled, the job
        goes on; call wait_task again. A task that cannot go on by itself is given at once. Sends progress where the
        client asked for it. Also takes up a task whose server has gone. Not for starting jobs: that is generate or
        submit_task.
    """,
    "get_task": """
        Show one task as it stands now: status, progress, cost, results, failure.

        Free; looks at the provider at most once a second and changes nothing there. Use it for a task of an earlier
        conversation or for a quick look. To wait for the end call wait_task: one such call replaces many of these.
    """,
    "list_tasks": """
        List tasks from the ledger, newest first, also those of earlier conversations.

        Free; asks no provider, so a task shows the state of its last look. Use it to find a task again, and before
        submitting anything after a call that failed. For the present state of one task call get_task.
    """,
    "download_task": """
        Keep the files of a task that succeeded, and copy them to a folder if one is named.

        Bills nothing. Results are kept by themselves, so call it only to have the files in a folder of the user's, or
        when a result says that a file is not kept: the provider's own links expire. Not for a task that is under way:
        call wait_task first.
    """,
    "cancel_task": """
        Ask the provider to stop a job; its results are lost and it may be billed all the same.

        Call it only when the user no longer wants the result; never to clear up after a timed-out wait. The result's
        `outcome` is `accepted`, `too_late` (it had ended), `unsupported` (the provider cannot: the job goes on and is
        billed) or `unknown` (no answer yet; the wish is kept). Calling it again does no harm.
    """,
}

ARGUMENTS: Mapping[str, str] = {
    "task_id": "The task's id, as generate, submit_task or list_tasks gave it.",
    "provider": "Only those of this provider: the part of an operation's name before the slash. All if left out.",
    "operation": "What to make, by its full name PROVIDER/OPERATION as list_operations gives it.",
    "parameters": (
        "The job's parameters; they have to fit the schema that describe_operation gives. A media parameter takes an "
        "http(s) URL or the path of a file below the working folder."
    ),
    "max_cost": (
        "The most that the job may cost, as a number and the unit that the provider bills in. A job that costs more, "
        "or whose price is not known, is not sent."
    ),
    "idempotency_key": (
        "Your own name for this very job: a second call with the same key gives the task that exists and bills "
        "nothing. Use a new one for each job that is really wanted."
    ),
    "kind": "Only those that make this kind of media (`model`: 3D). All if left out.",
    "search": "Only those with all of these words in their name, title or description. All if left out.",
    "limit": "How many at most, newest first.",
    "statuses": "Only tasks with one of these statuses. All if left out.",
    "folder": (
        "Where to copy the files: a folder below the working folder, made if need be. Left out, they stay in "
        "taskferry's own files folder."
    ),
}
"""What an argument means, by its name; the same in every tool that has it."""
MAX_COST_PATTERN = r"^\s*[0-9]+(\.[0-9]+)?\s*[A-Za-z]+\s*$"


def describe(name: str, longest: float = 45.0) -> str:
    """Give what agents read about a tool; a call of it takes at most `longest` seconds."""
    return inspect.cleandoc(_DESCRIPTIONS[name]).format(longest=longest)


def timeout_text(longest: float) -> str:
    """Say how long a wait may be, in seconds."""
    return f"Seconds to wait at most; more than {longest:.0f} is taken as {longest:.0f}."
