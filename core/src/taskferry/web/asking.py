"""A filled-in form as parameters: what was typed, and the files that came with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import field, frozen
from starlette.datastructures import FormData, UploadFile

from taskferry.errors import InvalidParameters, Problem
from taskferry.operation import Operation
from taskferry.web.fields import read_value, takes_files
from taskferry.web.uploads import Uploads

_SOME_FILE = "https://a-file-that-was-chosen.invalid/{name}"
"""Stands for a file of which only the name is known, while a price is asked for; nothing is ever fetched from it."""
_NOT_GIVEN = "This is a file of this machine: choose it with the button, so that no other can be asked for."


@frozen(kw_only=True)
class Asked:
    """What a form asks for."""

    parameters: Mapping[str, Any]
    values: Mapping[str, Any]
    """To fill the form again."""
    strange: Sequence[Problem] = field(factory=list)
    """Files that were named and not given."""


async def asked_for(
    operation: Operation, form: FormData, uploads: Uploads, *, known: Mapping[str, Any], keep: bool = True
) -> Asked:
    """Read a form; `known` are the parameters that it began with, whose files it may name again.

    Without `keep`, files are only counted: for a price.
    """
    parameters: dict[str, Any] = {}
    strange: list[Problem] = []
    for name, schema in operation.parameters.get("properties", {}).items():
        typed = form.get(f"p.{name}", "")
        value = read_value(schema, typed) if isinstance(typed, str) else None
        if takes_files(schema):
            several = schema.get("type") == "array"
            files = await _files(form, name, uploads, keep=keep)
            before = value if isinstance(value, list) else [] if value is None else [value]
            strange += [
                Problem(path=name, value=one, message=_NOT_GIVEN)
                for one in before
                if _is_local(one) and one not in _listed(known.get(name)) and not uploads.holds(one)
            ]
            value = ([*before, *files] or None) if several else (files[0] if files else value)
        if value is not None:
            parameters[name] = value
    return Asked(parameters=parameters, values=parameters, strange=strange)


def refuse_strange(operation: Operation, asked: Asked) -> None:
    """Raise InvalidParameters if the form names files of this machine that nobody gave."""
    if asked.strange:
        raise InvalidParameters(operation.name, asked.strange)


def by_field(error: InvalidParameters) -> dict[str, str]:
    """Give what is wrong by parameter; what is about none of them stands under an empty name."""
    found: dict[str, str] = {}
    for problem in error.problems:
        name = problem.path.partition("[")[0].partition(".")[0]
        found[name] = f"{found[name]} {problem.message}" if name in found else problem.message
    return found


async def _files(form: FormData, name: str, uploads: Uploads, *, keep: bool) -> list[str]:
    if not keep:
        chosen = [text for text in form.getlist(f"n.{name}") if isinstance(text, str) and text]
        return [_SOME_FILE.format(name=number) for number, _ in enumerate(chosen)]
    given = [one for one in form.getlist(f"f.{name}") if isinstance(one, UploadFile) and one.filename]
    return [await uploads.keep(one) for one in given]


def _is_local(value: object) -> bool:
    return isinstance(value, str) and value.lower().startswith("file:")


def _listed(value: object) -> Sequence[object]:
    return value if isinstance(value, list) else [value]
