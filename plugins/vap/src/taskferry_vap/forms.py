"""How each operation goes over VAP's wire, as data: where it is created, what the body looks like, what the id is.

Sources: SKILL.md for V3 (`tasks`, `operations`, `execute`, `trial`), its newest form for v1.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from attrs import field, frozen

from taskferry import dig
from taskferry_vap.trial import CREATE


@frozen(kw_only=True)
class Form:
    """What the create call of one operation looks like."""

    path: str
    kind: str
    """VAP's word for what is asked for: `image`, `upscale`, `full_production`."""
    fixed: Mapping[str, str]
    """What every body holds."""
    ids: Mapping[str, str]
    """Fields of the reply that may hold the job's id, the usual one first, by the name that `remote` gives them."""
    names: Mapping[str, str] = field(factory=dict)
    """VAP's name of a parameter where it is not ours."""
    inside: str = ""
    """The object of the body that holds parameters; empty where all stand at its top."""
    top: frozenset[str] = frozenset()
    """VAP's names of the parameters that stand at the top all the same."""


def body_of(form: Form, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Write parameters as the body of a create call; what was not given is not sent."""
    wired = {form.names.get(name, name): given for name, given in parameters.items()}
    if not form.inside:
        return {**form.fixed, **wired}
    inner = {name: given for name, given in wired.items() if name not in form.top}
    outer = {name: given for name, given in wired.items() if name in form.top}
    return {**form.fixed, **outer, **({form.inside: inner} if inner else {})}


def remote_of(form: Form, body: Any) -> dict[str, str] | None:
    """Give the `remote` of the job that a reply names; None where it names none."""
    for name, called in form.ids.items():
        job_id = dig(body, name)
        if isinstance(job_id, str) and job_id.strip():
            return {called: job_id, "kind": form.kind}
    return None


def _task(kind: str) -> Form:
    return Form(
        path="/v3/tasks",
        kind=kind,
        fixed={"type": kind},
        ids={"task_id": "task_id"},
        names={"prompt": "description", "output_format": "audio_format"},
        inside="params",
        top=frozenset({"webhook_url"}),
    )


_MEDIA = {
    "image": "media_url",
    "images": "additional_images",
    "mask": "mask_url",
    "video": "media_url",
    "videos": "media_urls",
}
_TOP = frozenset({"media_url", "media_urls", "prompt", "mask_url"})
"""What stands at the top of an edit's body in both generations."""


def _edit(kind: str) -> Form:
    return Form(
        path="/v3/operations",
        kind=kind,
        fixed={"operation": kind},
        ids={"operation_id": "operation_id", "task_id": "task_id"},
        names=_MEDIA,
        inside="options",
        top=_TOP | {"additional_images", "start_time", "end_time"},
    )


def _preset(kind: str) -> Form:
    return Form(
        path="/v3/execute",
        kind=kind,
        fixed={"preset": kind},
        ids={"task_id": "task_id", "execution_id": "execution_id"},
    )


def _v1_generation(kind: str, **names: str) -> Form:
    return Form(
        path="/api/v1/generations",
        kind=kind,
        fixed={"kind": kind},
        ids={"generation_id": "generation_id"},
        names=names,
        inside="params",
        top=frozenset({"prompt"}),
    )


def _v1_edit(kind: str) -> Form:
    return Form(
        path="/api/v1/operations",
        kind=kind,
        fixed={"operation": kind},
        ids={"operation_id": "operation_id"},
        names=_MEDIA,
        inside="options",
        top=_TOP,
    )


_EDITS = ("upscale", "background_remove", "inpaint", "ai_edit", "video_trim", "video_merge")

FORMS: Mapping[str, Form] = MappingProxyType(
    {form.kind: form for form in map(_task, ("image", "video", "music"))}
    | {form.kind: form for form in map(_edit, _EDITS)}
    | {form.kind: form for form in map(_preset, ("streaming_campaign", "full_production"))}
    | {"trial_image": Form(path=CREATE, kind="image", fixed={}, ids={"task_id": "trial_id"})}
)
"""Of V3, by the operation's name behind the slash, its dashes as underscores."""

V1_FORMS: Mapping[str, Form] = MappingProxyType(
    {
        "image": _v1_generation("image", count="quantity"),
        "video": _v1_generation("video", image="source_image"),
        "music": _v1_generation("music", output_format="audio_format"),
    }
    | {form.kind: form for form in map(_v1_edit, _EDITS)}
)
"""Of the Media API v1, by the same names."""

PLACES: Mapping[str, str] = MappingProxyType(
    {
        "task_id": "/v3/tasks/{id}",
        "operation_id": "/v3/operations/{id}",
        "execution_id": "/v3/executions/{id}",
        "trial_id": "/v3/trial/status/{id}",
    }
)
"""Where V3 shows a job, by what `remote` calls its id. No paper says where a preset's job is shown: one that is named
by a `task_id` is a task, and an `execution_id` is a word of the PyPI client, which looks for it here."""

V1_PLACES: Mapping[str, str] = MappingProxyType(
    {"generation_id": "/api/v1/generations/{id}", "operation_id": "/api/v1/operations/{id}"}
)
"""Where v1 shows a job."""


def form_of(forms: Mapping[str, Form], name: str) -> Form:
    """Give the form of an operation by its full name."""
    return forms[name.partition("/")[2].replace("-", "_")]
