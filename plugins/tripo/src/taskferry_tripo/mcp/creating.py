"""The tools that start a paid job."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from attrs import frozen

from taskferry import ProfileAnswer, ProfileContext, ProfileTool, Submission
from taskferry_tripo.mcp.answers import answer
from taskferry_tripo.mcp.documents import created_document, status_document, went_wrong

if TYPE_CHECKING:
    from taskferry import FerryTask

_PAYS = (
    "This costs Tripo credits, which are held at once, taken on success and released on failure. Returns as soon as "
    "Tripo has taken or refused the job, with its task_id; then call get_task_status until the status is SUCCESS or an "
    "end such as FAILED or BANNED. Call it only when the user wants the model made, and never again because a call "
    "timed out: the same call within minutes gives the job that exists."
)
_FACES: Mapping[str, Any] = {
    "type": "integer",
    "default": -1,
    "minimum": -1,
    "maximum": 1_500_000,
    "description": "At most this many faces; -1 leaves the number to Tripo.",
    "examples": [10_000],
}


@frozen(kw_only=True)
class Creating:
    """One tool that starts a job."""

    name: str
    title: str
    operation: str
    description: str
    argument: str
    """The argument that says what to make."""
    parameter: str
    """Our name of it."""
    schema: Mapping[str, Any]
    """Of that argument."""

    def tool(self) -> ProfileTool:
        """Make the tool."""
        return ProfileTool(
            name=self.name,
            title=self.title,
            description=f"{self.description} {_PAYS}",
            parameters={
                "type": "object",
                "properties": {self.argument: self.schema, "face_limit": _FACES},
                "required": [self.argument],
                "additionalProperties": False,
            },
            handler=self.submission,
            creates=True,
            show=self.show,
        )

    async def submission(self, context: ProfileContext, arguments: Mapping[str, Any]) -> Submission:  # noqa: ARG002 -- handlers are given it
        """Give the job that is asked for; no limit is sent for a number of faces that is none."""
        faces = arguments.get("face_limit", -1)
        limit = {"face_limit": faces} if faces > 0 else {}
        return Submission(operation=self.operation, parameters={self.parameter: arguments[self.argument], **limit})

    async def show(self, context: ProfileContext, task: FerryTask) -> ProfileAnswer:
        """Say that the job was taken in, or why not."""
        if went_wrong(task):
            return answer(status_document(task, (), context.billing(task)), is_error=True)
        return answer(created_document(task, self.name, context.billing(task)))


TABLE: Sequence[Creating] = (
    Creating(
        name="create_3d_model_from_text",
        title="3D model from text",
        operation="tripo/text-to-model",
        description="Make a textured 3D model (GLB) from a description: 20 credits by Tripo's price list.",
        argument="describe_the_look_of_object",
        parameter="prompt",
        schema={
            "type": "string",
            "minLength": 1,
            "maxLength": 1024,
            "description": "What the object looks like, in words; no emoji.",
            "examples": ["a small red fox sitting on a mossy stone"],
        },
    ),
    Creating(
        name="create_3d_model_from_image",
        title="3D model from image",
        operation="tripo/image-to-model",
        description="Make a textured 3D model (GLB) from one picture: 30 credits by Tripo's price list.",
        argument="image",
        parameter="image",
        schema={
            "type": "string",
            "minLength": 1,
            "maxLength": 4096,
            "description": (
                "The local path or URL of the picture: JPEG, PNG or WebP, at most 20 MB. A path has to be below the "
                "folders that this server may read."
            ),
            "examples": ["fox.png", "https://example.com/fox.png"],
        },
    ),
)
CREATING: Sequence[ProfileTool] = tuple(row.tool() for row in TABLE)
