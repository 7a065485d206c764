"""A request in Tripo's words: the body of the create call, before local files have become tokens."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from taskferry import Request, local_file
from taskferry_tripo.schemas import DEFAULT_MODEL

WIRE: Mapping[str, str] = {"image": "input", "seed": "model_seed"}
"""Tripo's names for the parameters that taskferry calls otherwise."""


def body_of(request: Request) -> dict[str, Any]:
    """Give the body; it always names a model, because v3 refuses a job without one."""
    named = {WIRE.get(name, name): value for name, value in request.parameters.items()}
    return {"model": DEFAULT_MODEL, **named}


def local_files(request: Request) -> Mapping[str, Path]:
    """Give the local files of a request by Tripo's name of the parameter; each has to be uploaded first."""
    properties = request.operation.parameters["properties"]
    media = (name for name in request.parameters if properties.get(name, {}).get("format") == "media")
    paths = {WIRE.get(name, name): local_file(request.parameters[name]) for name in media}
    return {name: path for name, path in paths.items() if path is not None}
