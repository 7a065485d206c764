"""What a tool that starts a paid job does: give the job to submit, and say that it was taken in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from attrs import field, frozen

from taskferry import ProfileAnswer, ProfileContext, ProfileTool, Status, Submission
from taskferry_vap.mcp.documents import money
from taskferry_vap.mcp.showing import OPERATION, TASK, answer, document, went_wrong

if TYPE_CHECKING:
    from taskferry import FerryTask

_AGAIN = (
    "This very job was asked for in the last minutes, so nothing was sent or billed again; another one of the same "
    "needs other words in its prompt."
)
_NOT_TAKEN = (Status.PREPARED, Status.SUBMITTING)
_ON_ITS_WAY = (
    "VAP has not answered yet; the job is kept and goes on by itself. Do not start it again: {read} tells what became "
    "of it."
)
_PAYS = (
    "This costs money: VAP reserves the price at once, takes it on success and gives it back on failure. Returns as "
    "soon as VAP has taken or refused the job; then call {read}. Call it only when the user wants it made, and never "
    "again because a call timed out: the same call within minutes gives the job that exists."
)


@frozen(kw_only=True)
class Creating:
    """One tool that starts a job."""

    name: str
    operation: str
    title: str
    description: str
    schema: Mapping[str, Any]
    names: Mapping[str, str] = field(factory=dict)
    """Our name of an argument where it is another."""
    created: str
    """How the answer begins."""
    lines: Mapping[str, str] = field(factory=dict)
    """Lines of the answer that tell an argument, by that argument."""
    gives: str
    """What the link is to, in the answer's last line."""
    label: str = TASK
    """What the vendor calls the job."""

    def tool(self) -> ProfileTool:
        """Make the tool."""
        return ProfileTool(
            name=self.name,
            title=self.title,
            description=f"{self.description} {_PAYS.format(read=self._reader)}",
            parameters=self.schema,
            handler=self.submission,
            creates=True,
            show=self.show,
        )

    async def submission(self, context: ProfileContext, arguments: Mapping[str, Any]) -> Submission:  # noqa: ARG002 -- handlers are given it
        """Give the job that is asked for; arguments that were left out have the defaults that the schema promises."""
        usual = {name: rule["default"] for name, rule in self.schema["properties"].items() if "default" in rule}
        asked = {name: value for name, value in {**usual, **arguments}.items() if value != ""}
        return Submission(
            operation=self.operation, parameters={self.names.get(name, name): value for name, value in asked.items()}
        )

    async def show(self, context: ProfileContext, task: FerryTask) -> ProfileAnswer:
        """Say that the job was taken in, or why not."""
        if went_wrong(task):
            return await answer(context, task, self.label)
        label, asked = self.label, task.record.job.parameters
        told = [line.format(_word(asked.get(self.names.get(name, name)))) for name, line in self.lines.items()]
        hint = f"Use {self._reader} with this {label.lower()}_id to check status and get the {self.gives} URL"
        lines = [
            *([_AGAIN, ""] if task.duplicate else []),
            *([self._on_its_way(context, task), ""] if task.snapshot.status in _NOT_TAKEN else []),
            self.created,
            "",
            f"{label} ID: {task.id}",
            *told,
            f"Estimated Cost: ${money(task.snapshot.cost.estimated) or 'N/A'}",
            "",
            f"{hint} when complete.",
        ]
        return ProfileAnswer(text="\n".join(lines), structured=document(task.snapshot, label))

    def _on_its_way(self, context: ProfileContext, task: FerryTask) -> str:
        return f"{_ON_ITS_WAY.format(read=self._reader)} {context.billing(task)}"

    @property
    def _reader(self) -> str:
        return "get_operation" if self.label == OPERATION else "get_task"


def _word(value: object) -> object:
    return value if not isinstance(value, bool) else "Yes" if value else "No"
