"""What can be asked for without naming a provider, in the words that all providers share."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from taskferry.errors import UnknownName
from taskferry.operation import Operation, Typical
from taskferry.task import Kind

PROVIDER = "any"
"""The name that stands for whoever fits; no provider may have it."""

_MEDIA = {"type": "string", "format": "media"}
_WORDS: Mapping[str, Mapping[str, Any]] = {
    "prompt": {"type": "string", "minLength": 1, "description": "What to make."},
    "negative_prompt": {"type": "string", "description": "What to avoid."},
    "image": {**_MEDIA, "description": "A picture to start from."},
    "images": {"type": "array", "items": _MEDIA, "minItems": 1, "description": "Pictures to start from."},
    "model": {"type": "string", "description": "Which model; only providers that have it are left."},
    "seed": {"type": "integer", "description": "The same number gives about the same result again."},
    "duration": {"type": "integer", "minimum": 1, "description": "Length in seconds."},
    "aspect_ratio": {"type": "string", "pattern": "^[0-9]+:[0-9]+$", "description": "Width to height, as `16:9`."},
    "resolution": {"type": "string", "description": "As providers write it, such as `720p`."},
    "count": {"type": "integer", "minimum": 1, "description": "How many."},
    "output_format": {"type": "string", "description": "The kind of file, such as `png`."},
    "webhook_url": {"type": "string", "format": "uri", "description": "An address that the provider tells the end."},
}
_PICTURE = "prompt negative_prompt image images model seed aspect_ratio resolution count output_format webhook_url"
_KINDS: Mapping[str, tuple[Kind, str, str, Typical]] = {
    "image": (Kind.IMAGE, "A picture", _PICTURE, Typical(median=15, slow=60)),
    "video": (Kind.VIDEO, "A video", f"{_PICTURE} duration", Typical(median=90, slow=300)),
    "music": (
        Kind.AUDIO,
        "Music",
        "prompt negative_prompt model seed duration output_format webhook_url",
        Typical(median=60, slow=240),
    ),
    "model": (
        Kind.MODEL,
        "A 3D model",
        "prompt negative_prompt image images model seed output_format webhook_url",
        Typical(median=90, slow=300),
    ),
}
_NEEDS: Mapping[str, Mapping[str, Any]] = {
    "model": {"anyOf": [{"required": ["prompt"]}, {"required": ["image"]}, {"required": ["images"]}]},
}
"""What has to be given; elsewhere it is the prompt."""


def _made(name: str) -> Operation:
    kind, title, words, typical = _KINDS[name]
    needs = _NEEDS.get(name, {"required": ["prompt"]})
    return Operation(
        name=f"{PROVIDER}/{name}",
        title=f"{title}, by any provider",
        description=(
            f"{title} by whichever installed provider takes these parameters, has a key, keeps to the caps and is the "
            "cheapest, or the fastest if that is asked for. The task says who was chosen."
        ),
        kind=kind,
        parameters={
            "type": "object",
            "additionalProperties": False,
            **needs,
            "properties": {word: dict(_WORDS[word]) for word in words.split()},
        },
        typical=typical,
        price_note="Depends on the provider that is chosen; `taskferry route` shows all.",
        example={"prompt": "a small red fox in the snow"},
    )


_ROUTES: Mapping[str, Operation] = MappingProxyType({f"{PROVIDER}/{name}": _made(name) for name in _KINDS})


def is_route(name: str) -> bool:
    """Tell whether an operation's full name leaves the provider open."""
    return name.partition("/")[0] == PROVIDER


def route_operation(name: str) -> Operation:
    """Give what is asked for as an operation; raise UnknownName."""
    if name not in _ROUTES:
        raise UnknownName("operation", name, _ROUTES, f"Without a provider there are: {', '.join(_ROUTES)}.")
    return _ROUTES[name]


def route_operations() -> Sequence[Operation]:
    """List all that can be asked for without naming a provider."""
    return tuple(_ROUTES.values())


def takes_part(operation: Operation, asked: Operation) -> bool:
    """Tell whether an operation makes what is asked for, and is no trial without an account.

    Its name has to say so, as `video` or `image-to-video`: an upscaler makes pictures, too.
    """
    word = asked.name.partition("/")[2]
    short = operation.name.partition("/")[2]
    return (
        operation.needs_key
        and operation.kind is asked.kind
        and re.fullmatch(rf"([a-z]+-to-)?{word}", short) is not None
    )
