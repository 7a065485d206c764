"""The operations that make several things at once: VAP's presets, with what is in their replies."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from taskferry import Artifact, Kind, Operation, Typical
from taskferry_vap.prices import PRICES, READ
from taskferry_vap.schemas import parameters, prompt

_LAUNCH = "Launch of a small coffee roastery by the sea"
_TIER = (
    "Its price is above what VAP's papers let an account of Tier 2 spend on one task, so it may need an account of"
    " Tier 3."
)

STREAMING_CAMPAIGN = Operation(
    name="vap/streaming-campaign",
    title="Streaming campaign",
    description=f"Make a video, a piece of music, a thumbnail and their metadata from one description. {_TIER}",
    kind=Kind.VIDEO,
    parameters=parameters({"prompt": prompt("What the campaign is about.", _LAUNCH)}),
    typical=Typical(median=180, slow=900, queue=5),
    price=PRICES["streaming_campaign"],
    price_note=f"Price list of {READ}: 5.90 USD.",
    example={"prompt": _LAUNCH},
)

FULL_PRODUCTION = Operation(
    name="vap/full-production",
    title="Full production",
    description="Make a video, a piece of music, a thumbnail, their metadata and texts for search engines from one"
    f" description. {_TIER}",
    kind=Kind.VIDEO,
    parameters=parameters({"prompt": prompt("What the production is about.", _LAUNCH)}),
    typical=Typical(median=240, slow=1200, queue=5),
    price=PRICES["full_production"],
    price_note=f"Price list of {READ}: 7.90 USD.",
    example={"prompt": _LAUNCH},
)

PRESETS: Sequence[Operation] = (STREAMING_CAMPAIGN, FULL_PRODUCTION)

KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "video": Kind.VIDEO,
        "music": Kind.AUDIO,
        "audio": Kind.AUDIO,
        "narration": Kind.AUDIO,
        "image": Kind.IMAGE,
        "thumbnail": Kind.IMAGE,
        "cover": Kind.IMAGE,
        "metadata": Kind.DOCUMENT,
        "seo": Kind.DOCUMENT,
    }
)
"""What the outputs are, by their names in a map (SKILL.md) or their types in a list (PyPI client)."""

_UNTYPED = frozenset({"output", "result", "url"})
"""Names that say nothing; a URL that is there under another name as well goes by that one."""


def preset_artifacts(body: Mapping[str, Any]) -> tuple[Artifact, ...]:
    """Collect every output of a preset; texts that are no URL, such as metadata, stay in the raw reply."""
    result = body.get("result")
    inner = result.get("outputs") if isinstance(result, Mapping) else None
    for place in (body.get("outputs"), inner, result):
        found = sorted(_outputs(place), key=lambda pair: pair[0] in _UNTYPED)
        if found:
            return tuple(_artifacts(found))
    return ()


def _outputs(place: object) -> Iterator[tuple[str, str]]:
    """Give names and URLs, from `{"video": URL}`, `{"video": {"url": URL}}` or `[{"type": "video", "url": URL}]`."""
    for name, value in _pairs(place):
        for one in value if isinstance(value, list) else (value,):
            url = one.get("url") if isinstance(one, Mapping) else one
            if isinstance(url, str) and url.startswith(("https://", "http://")):
                yield _plain(name), url


def _pairs(place: object) -> Iterable[tuple[object, object]]:
    if isinstance(place, list):
        return [(item.get("type"), item) for item in place if isinstance(item, Mapping)]
    return place.items() if isinstance(place, Mapping) else ()


def _artifacts(found: Sequence[tuple[str, str]]) -> Iterator[Artifact]:
    names: dict[str, str] = {}
    for name, url in found:
        names.setdefault(url, name)
    taken: set[str] = set()
    for url, name in names.items():
        free = next(one for one in _numbered(name) if one not in taken)
        taken.add(free)
        yield Artifact(name=free, kind=KINDS.get(name, Kind.OTHER), url=url)


def _numbered(name: str) -> Iterator[str]:
    yield name
    yield from (f"{name}-{number}" for number in itertools.count(2))


def _plain(name: object) -> str:
    """Make an output's name fit to be an artifact's."""
    words = re.sub(r"[^a-z0-9]+", "-", name.lower().removesuffix("_url")) if isinstance(name, str) else ""
    return words.strip("-")[:40] or "output"
