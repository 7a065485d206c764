"""How parameters travel: the wire's words and forms for values, and where in a body they go."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from taskferry.call import FilePart, InlineFile
from taskferry.cards.expression import Every, Step, plain_steps
from taskferry.cards.model import OperationSpec, ParameterSpec
from taskferry.cards.values import as_text
from taskferry.errors import AdapterError, UsageError
from taskferry.media import media_type_of
from taskferry.parameters import local_file


def wired(spec: ParameterSpec, value: Any) -> Any:
    """Give a value as the wire has it; each item of a list by itself."""
    if isinstance(value, list | tuple):
        return [wired(spec, item) for item in value]
    word = as_text(value)
    if word is not None and word in spec.words:
        return spec.words[word]
    if spec.text is None or word is None:
        return value
    return spec.text.replace("{}", word)


def with_defaults(operation: OperationSpec, given: Mapping[str, Any]) -> dict[str, Any]:
    """Give the parameters with the schema's defaults for those that were not given."""
    properties = operation.schema.get("properties", {})
    defaults = {name: schema["default"] for name, schema in properties.items() if "default" in schema}
    return {**defaults, **given}


def sent_file(spec: ParameterSpec, path: Path, operation: str) -> InlineFile | FilePart:
    """Give a local file as the create call carries it; raise UsageError where the provider takes addresses only."""
    media_type = media_type_of(path.name)
    match spec.send:
        case "base64":
            return InlineFile(path=path, form="base64", media_type=media_type)
        case "data-uri":
            return InlineFile(path=path, form="data-uri", media_type=media_type)
        case "multipart":
            return FilePart(path=path, name=spec.to, media_type=media_type)
        case _:
            raise UsageError(
                f"{operation} takes {spec.name!r} only as an address: put {path} where the provider can read it, and "
                "give its http(s) address."
            )


def local_files(value: Any) -> Sequence[Path]:
    """Give the local files that a parameter names, itself or in a list."""
    if isinstance(value, list | tuple):
        return [path for item in value for path in local_files(item)]
    path = local_file(value)
    return [] if path is None else [path]


def body_steps(under: str, to: str) -> tuple[Step, ...]:
    """Take the path apart that a parameter goes to; raise AdapterError for one that is no plain path."""
    path = f"{under}.{to}" if under and to else under or to
    steps = plain_steps(path)
    if not steps or not isinstance(steps[0], str) or Every.ITEM in steps:
        raise AdapterError(f"{path!r} is no path in a body, such as `input.image` or `images[0].url`.")
    return steps


def put(body: dict[str, Any], steps: Sequence[Step], value: Any) -> None:
    """Set a value in a body, making the tables and lists on the way; raise AdapterError where something is in it."""
    here: Any = body
    for step, following in zip(steps, [*steps[1:], None], strict=True):
        made: Any = value if following is None else [] if isinstance(following, int) else {}
        if isinstance(here, list) and isinstance(step, int) and 0 <= step <= len(here):
            if step == len(here):
                here.append(made)
            elif following is None:
                here[step] = value
        elif isinstance(here, dict) and isinstance(step, str):
            if following is None:
                here[step] = value
            here.setdefault(step, made)
        else:
            raise AdapterError(f"Nothing can be put at {'.'.join(map(str, steps))!r}: something else is there.")
        here = here[step]


def form_fields(body: Any) -> dict[str, Any]:
    """Give a body as the fields of a form: texts, lists of them for fields that come often, and JSON for tables.

    Raise AdapterError for a file, since the form carries those beside its fields.
    """
    fields = body if isinstance(body, dict) else {}
    return {name: _field(name, value) for name, value in fields.items() if value is not None}


def _field(name: str, value: Any) -> Any:
    if isinstance(value, list) and not any(isinstance(item, list | dict) for item in value):
        return [_field(name, item) for item in value]
    try:
        text = json.dumps(value) if isinstance(value, list | dict) else value if value == "" else as_text(value)
    except TypeError:
        text = None
    if text is None:
        raise AdapterError(f"The field {name!r} of a form cannot carry {type(value).__name__}.")
    return text
