"""Results in a status reply, as a card says where they are."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import urlsplit

from taskferry.cards.expression import compile_expression
from taskferry.cards.model import ArtifactSpec, Card
from taskferry.cards.template import compile_path
from taskferry.cards.values import as_address, as_moment, shown
from taskferry.errors import MalformedReply
from taskferry.hosts import is_loopback
from taskferry.reply import Reply
from taskferry.task import Artifact, Kind
from taskferry.text import clean

Find = Callable[[Reply, Any, Mapping[str, Any], bool], Iterator[Artifact]]
"""Takes a reply, its document, the places of `remote`, and whether the job succeeded."""
Make = Callable[[str, str, Reply, Any], Artifact]
"""Takes a result's name and address, and the reply and the part of its document that tell of it."""


def compile_artifacts(specs: Sequence[ArtifactSpec], card: Card, kind: Kind) -> Find:
    """Make the function that finds every result in a reply; `kind` is that of results that do not name their own."""
    finders = [_finder(spec, _maker(spec, card, spec.kind or kind)) for spec in specs]

    def find(reply: Reply, document: Any, places: Mapping[str, Any], succeeded: bool) -> Iterator[Artifact]:
        for finder in finders:
            yield from finder(reply, document, places, succeeded)

    return find


def _finder(spec: ArtifactSpec, make: Make) -> Find:
    if spec.path is not None:
        return _at_path(spec, make, compile_path(spec.path))
    read = _in_list(spec, make, spec.each) if spec.each is not None else _at_url(spec, make)
    return lambda reply, document, *_: read(reply, document)


def _at_path(spec: ArtifactSpec, make: Make, path: Callable[[Mapping[str, Any]], str]) -> Find:
    def find(reply: Reply, document: Any, places: Mapping[str, Any], succeeded: bool) -> Iterator[Artifact]:
        if succeeded:
            yield make(spec.name, path(places), reply, document)

    return find


def _in_list(spec: ArtifactSpec, make: Make, each: str) -> Callable[[Reply, Any], Iterator[Artifact]]:
    url, items = compile_expression(spec.url or "@"), compile_expression(each)
    what = f"{url.text!r} in {each!r}"

    def find(reply: Reply, document: Any) -> Iterator[Artifact]:
        found = items.of(reply, document)
        if found is not None and not isinstance(found, list):
            raise MalformedReply(f"{each!r} is {shown(found)}, not a list.")
        for place, item in enumerate(found or (), 1):
            address = as_address(url.of(reply, item), what)
            if address is not None:
                yield make(f"{spec.name}-{place}", address, reply, item)

    return find


def _at_url(spec: ArtifactSpec, make: Make) -> Callable[[Reply, Any], Iterator[Artifact]]:
    url = compile_expression(spec.url or "@")
    read, scoped, what = url.read, bool(url.uses), repr(url.text)

    def find(reply: Reply, document: Any) -> Iterator[Artifact]:
        found = url.of(reply, document) if scoped else read(document)
        if found is None:
            return
        named = enumerate(found, 1) if isinstance(found, list) else ((None, found),)
        for place, item in named:
            address = as_address(item, what)
            if address is not None:
                yield make(spec.name if place is None else f"{spec.name}-{place}", address, reply, document)

    return find


def _maker(spec: ArtifactSpec, card: Card, kind: Kind) -> Make:
    """Make the function that fills in one result; a media type with a slash is one itself, else an expression."""
    fixed = spec.media_type if spec.media_type is not None and "/" in spec.media_type else None
    media_type = None if spec.media_type is None or fixed else compile_expression(spec.media_type)
    expires_at = None if spec.expires_at is None else compile_expression(spec.expires_at)

    def make(name: str, url: str, reply: Reply, document: Any) -> Artifact:
        told = None if media_type is None else media_type.of(reply, document)
        return Artifact(
            name=name,
            kind=kind,
            url=url,
            media_type=clean(told, 80) if isinstance(told, str) and told else fixed,
            expires_at=None if expires_at is None else as_moment(expires_at.of(reply, document)),
            needs_key=spec.needs_key and _is_ours(url, card),
        )

    return make


def _is_ours(url: str, card: Card) -> bool:
    """Tell whether a result lies at the provider itself, or at a stand-in of it on this machine."""
    try:
        host = urlsplit(url).hostname
    except ValueError:
        return False
    if host is None:
        return url.startswith("/")
    bases = (urlsplit(base).hostname for base in (card.base_url, *card.regions.values()))
    return host in bases or is_loopback(host) or any(fnmatchcase(host, pattern) for pattern in card.hosts)
