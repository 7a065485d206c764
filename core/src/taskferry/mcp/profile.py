"""A profile: another server's tools, by their names and words, over this ledger; what plugins write one with.

async def create_picture(context: ProfileContext, prompt: Annotated[str, Field(description="What to show.")]):
    \"\"\"Make a picture. This costs money.\"\"\"
    return Submission(operation="acme/image", parameters={"prompt": prompt})

async def show(context: ProfileContext, task: FerryTask) -> Mapping[str, Any]:
    return {"task_id": task.id, "status": str(task.snapshot.status)}

PROFILE = Profile(
    name="acme",
    instructions="Makes pictures.",
    tools=[ProfileTool(name="create_picture", handler=create_picture, creates=True, wait=45)],
    show=show,
)
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import Any, Protocol, TypeAlias

from attrs import frozen

from taskferry.ferry import Ferry
from taskferry.handle import FerryTask
from taskferry.ledger.record import Record
from taskferry.status import Status
from taskferry.task import Artifact
from taskferry.tools.roots import Roots


@frozen(kw_only=True)
class Submission:
    """A job that a creating tool wants submitted; the server checks files and price, asks the user, and submits it."""

    operation: str
    """Full name, as `provider/operation`."""
    parameters: Mapping[str, Any]
    """A media parameter may be a path below the roots."""
    max_cost: str | None = None
    """As `"1.50 USD"`."""
    allow_unpriced: bool = False
    idempotency_key: str | None = None


@frozen(kw_only=True)
class ProfileAnswer:
    """What a tool answers, where a text or a mapping alone does not do."""

    text: str
    structured: Mapping[str, Any] | None = None
    artifacts: Sequence[Artifact] = ()
    """Kept files to link."""
    is_error: bool = False


Answer: TypeAlias = str | Mapping[str, Any] | ProfileAnswer
"""A text; or a mapping, which goes out as JSON text and as structured content; or both by hand."""


class ProfileContext(Protocol):
    """What a tool is given: the ferry in the name of who calls, and where files may be."""

    @property
    def ferry(self) -> Ferry:
        """Give the open ferry; what it submits belongs to who calls."""
        ...

    @property
    def roots(self) -> Roots:
        """Give the folders that tools may touch: `roots.allow(path)` gives the real path or raises a UsageError."""
        ...

    @property
    def caller(self) -> str:
        """Name who calls, as rows have it."""
        ...

    async def task(self, task_id: str) -> FerryTask:
        """Give a task of who calls, taken up where its server has gone; raise UnknownName for anybody else's."""
        ...

    async def recent(
        self, limit: int = 20, *, statuses: Collection[Status] | None = None, provider: str | None = None
    ) -> Sequence[Record]:
        """Give the newest tasks of who calls, without a look; of some statuses or one provider only if asked."""
        ...

    async def fresh_urls(self, task: FerryTask) -> Sequence[Artifact]:
        """Look at a task that succeeded once more, for newly signed URLs of its results; the row stays as it is."""
        ...

    def billing(self, task: FerryTask) -> str:
        """Say what a task costs, as far as that is known: `Nothing was billed.`"""
        ...

    async def wait(self, task: FerryTask, seconds: float) -> bool:
        """Wait for a task's end, files kept, telling the client its progress; say whether the end was seen.

        Longer than 50 seconds is taken as 50: many clients give a call up after 60.
        """
        ...


Handler: TypeAlias = Callable[..., Awaitable[Any]]
"""`async def (context, ...)`: a creating tool gives a Submission, any other an Answer; raised errors become results."""
Show: TypeAlias = Callable[[ProfileContext, FerryTask], Awaitable[Answer]]


@frozen(kw_only=True)
class ProfileTool:
    """One tool of a profile."""

    name: str
    handler: Handler
    """Its first parameter is called `context`, a ProfileContext; the others are the tool's, annotated for pydantic.

    With `parameters` it takes `(context, arguments)` instead.
    """
    description: str = ""
    """The handler's docstring if left out."""
    title: str | None = None
    parameters: Mapping[str, Any] | None = None
    """JSON Schema of an object, in the place of one made from the handler's annotations; its defaults are filled in."""
    creates: bool = False
    """Whether it starts a paid job: it becomes a protocol task for clients that can have those."""
    wait: float = 0.0
    """Seconds that a plain call of a creating tool waits for the end before it answers; 45 at most."""
    show: Show | None = None
    """How a plain call of a creating tool answers; the profile's `show` if left out."""
    read_only: bool = False
    destructive: bool = False
    idempotent: bool = False
    open_world: bool = True
    """Whether it asks a provider."""


@frozen(kw_only=True)
class Profile:
    """A set of tools that stands in for another server."""

    name: str
    """As given to `taskferry mcp --profile`."""
    instructions: str
    """What an agent reads once about all of them."""
    tools: Sequence[ProfileTool]
    show: Show
    """How a task is shown: its end as a protocol task's result, and what creating tools answer."""
