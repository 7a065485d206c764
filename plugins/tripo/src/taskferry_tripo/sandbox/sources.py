"""What an `input` points at, a URL, an uploaded file or an earlier task, and whether the call may begin from it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote, urlsplit

from attrs import frozen

from taskferry.sandbox import Context, Job, Stage
from taskferry_tripo.sandbox.replies import fail
from taskferry_tripo.sandbox.uploads import Uploads, caption_of

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_VIEWS = ("front", "left", "back", "right")
_VIEW_TYPES = ("generate_multiview_image", "edit_multiview_image")


@frozen(kw_only=True)
class Source:
    """What a call may begin from."""

    files: tuple[str, ...] = ()
    """Kinds of the uploads it takes; with none it takes no URL either."""
    types: tuple[str, ...] = ()
    """Types of the tasks it takes."""
    wrong_type: int = 2006
    """The code for a task of another type."""


_IMAGE_TYPES = ("text_to_image", "generate_image", *_VIEW_TYPES)
_GENERATED = ("text_to_model", "image_to_model", "multiview_to_model", "import_model")
_MODEL_TYPES = (
    *_GENERATED,
    "texture_model",
    "convert_model",
    "animate_rig",
    "animate_retarget",
    "mesh_segmentation",
    "mesh_completion",
    "highpoly_to_lowpoly",
    "mesh_uv",
)

IMAGES = Source(files=("image",), types=_IMAGE_TYPES)
MODELS = Source(files=("model",), types=_MODEL_TYPES)
RIGGABLE = Source(files=("model",), types=_MODEL_TYPES, wrong_type=2011)
UPLOADED_MODELS = Source(files=("model",))
PICTURES_OR_MODELS = Source(files=("image", "model"), types=_IMAGE_TYPES + _MODEL_TYPES)
VIEWS = Source(types=_VIEW_TYPES)
SEGMENTS = Source(types=("mesh_segmentation",))
RIGS = Source(types=("animate_rig",), wrong_type=2012)


@frozen
class Resolver:
    """Finds what the inputs of one request point at; ends the request with the service's error where it cannot."""

    context: Context
    task: Callable[[str], Job | None]
    """Finds a task of the account."""
    uploads: Uploads

    def caption(self, value: Any, source: Source) -> str:
        """Say what an input shows, as far as its name or its own prompt tells."""
        if isinstance(value, dict):
            value = value.get("file_token") or value.get("url") or value.get("task_id")
        if not isinstance(value, str) or not value.strip():
            fail(self.context, 1004, f"input must be a URL, a file token or a task id, not {value!r:.100}")
        if value.startswith(("http://", "https://")) and source.files:
            return unquote(caption_of(urlsplit(value).path)) or "picture"
        if upload := self.uploads.get(value, self.context.account.id):
            if not upload.arrived:
                fail(self.context, 1004, f"the file of {value} has not been uploaded")
            if upload.kind not in source.files:
                fail(self.context, 2004)
            return upload.caption
        if not _UUID.fullmatch(value):
            fail(self.context, 1004, f"input is neither a URL nor a valid file token or task id: {value!r:.100}")
        return self._task(value, source).caption

    def views(self, inputs: Any) -> list[str]:
        """Read several views: in the order front, left, back, right, keyed by view, or a task that made them."""
        if not isinstance(inputs, list) or not 1 <= len(inputs) <= len(_VIEWS):
            fail(self.context, 1004, "inputs must be a list of 1 to 4 views")
        if len(inputs) == 1 and isinstance(inputs[0], dict) and "task_id" in inputs[0]:
            return [self._task(str(inputs[0]["task_id"]), VIEWS).caption]
        keyed = [entry for entry in inputs if isinstance(entry, dict) and set(entry) & set(_VIEWS)]
        given = {name: value for entry in keyed for name, value in entry.items()}
        named = given or dict(zip(_VIEWS, inputs, strict=False))
        present = {name: value for name, value in named.items() if value}
        if "front" not in present:
            fail(self.context, 1004, "the front view is required")
        if len(present) < 2:
            fail(self.context, 1004, "at least 2 views are required")
        return [self.caption(value, IMAGES) for value in present.values()]

    def _task(self, task_id: str, source: Source) -> Job:
        job = self.task(task_id)
        if job is None:
            fail(self.context, 2001)
        if job.type not in source.types:
            fail(self.context, source.wrong_type)
        if job.at(self.context.now).stage is not Stage.SUCCEEDED:
            fail(self.context, 2007)
        return job
