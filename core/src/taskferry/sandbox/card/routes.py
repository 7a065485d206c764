"""The calls of a card, each as what a request to its stand-in may be."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from attrs import evolve, field, frozen

from taskferry.cards.model import ArtifactSpec, CallSpec, Card, FetchSpec, OperationSpec
from taskferry.sandbox.card.addresses import Addresses
from taskferry.sandbox.card.asked import Asked
from taskferry.sandbox.card.inverse import Reading, places_of, read, read_members, read_path
from taskferry.sandbox.card.outputs import specs_of
from taskferry.sandbox.requests_log import Kind

_GIVEN = re.compile(r"\{\+?([A-Za-z_][A-Za-z0-9_]*)\}")
PUT_AT = "/_uploads/{upload}"
"""Where files are put that a call before has asked an address for."""


class Role(StrEnum):
    """What a call is for."""

    SUBMIT = "submit"
    FETCH = "fetch"
    THEN = "then"
    CONTENT = "content"
    """A result below the base URL."""
    CANCEL = "cancel"
    RECENT = "recent"
    BALANCE = "balance"
    PREPARE = "prepare"
    UPLOAD = "upload"

    @property
    def kind(self) -> Kind:
        """Say what the request log calls it."""
        return _KINDS.get(self, "other")


_KINDS: Mapping[Role, Kind] = {
    Role.SUBMIT: "create",
    Role.FETCH: "read",
    Role.THEN: "read",
    Role.CONTENT: "file",
}


@frozen(kw_only=True)
class Route:
    """One call of a card."""

    role: Role
    call: CallSpec
    path: str
    """Below the prefix that all paths share; of an address that the provider gave, the whole path."""
    query: Mapping[str, Any] = field(factory=dict)
    headers: Mapping[str, str] = field(factory=dict)
    given: bool = False
    """Whether it is an address that the provider gave."""
    operation: str = ""
    """Whose jobs it is about; empty for calls about none."""
    hop: int = 0
    """Which of the further reads it is."""
    artifact: ArtifactSpec | None = None
    """The result that it serves."""
    optional: frozenset[str] = frozenset()
    """Places that need not be filled: parameters that a caller may leave out."""

    @property
    def has_document(self) -> bool:
        """Tell whether the request's body is to be read."""
        return self.role is Role.SUBMIT or self.is_form or self.call.body is not None

    @property
    def is_form(self) -> bool:
        """Tell whether it brings a file in a form."""
        return self.role is Role.UPLOAD and self.call.method.upper() == "POST"

    @property
    def pattern(self) -> str:
        """Give the path with its places numbered, as Starlette writes it: the same for calls at one address."""
        number = itertools.count()
        return _GIVEN.sub(lambda place: f"{{p{next(number)}{':path' if place[0][1] == '+' else ''}}}", self.path)

    @property
    def wants_key(self) -> bool:
        """Tell whether the key comes along."""
        if self.role is Role.UPLOAD:
            return not self.given
        return self.artifact is None or self.artifact.needs_key

    def read(self, asked: Asked) -> Reading:
        """Read a request at this path as this call."""
        places = read_path(self.path, asked.path)
        if places is None:
            return Reading(wrong=[f"{asked.path} is not {self.path}"])
        found = Reading(values={**places})
        found.add(read_members(_as_text(self.query), asked.query, "query", self.optional))
        for name, text in self.headers.items():
            if name in asked.headers:
                found.add(read(text, asked.headers[name], f"the header {name}"))
            elif not places_of(text) & self.optional:
                found.wrong.append(f"the header {name} is missing")
        if self.call.body is not None:
            found.add(read(self.call.body, {} if asked.body is None else asked.body, "body", self.optional))
        return found


def routes_of(card: Card, addresses: Addresses) -> list[Route]:
    """List every call of a card, those of each operation by themselves."""
    found = [route for name in card.operations for route in _of_operation(card, name, addresses)]
    for role, spec in ((Role.RECENT, card.recent), (Role.BALANCE, card.balance)):
        if spec is not None:
            found.append(_route(card, role, spec.call))
    if card.upload is not None:
        if card.upload.prepare is not None:
            found.append(_route(card, Role.PREPARE, card.upload.prepare))
        if _GIVEN.fullmatch(card.upload.call.path):
            found.append(Route(role=Role.UPLOAD, call=card.upload.call, path=PUT_AT, given=True))
        else:
            found.append(_route(card, Role.UPLOAD, card.upload.call))
    return found


def _of_operation(card: Card, name: str, addresses: Addresses) -> Iterator[Route]:
    spec = card.operations[name]
    fetch = spec.fetch or card.fetch
    yield evolve(_route(card, Role.SUBMIT, spec.submit.call, operation=name), optional=_optional(spec))
    looks = _at(card, Role.FETCH, fetch.call, name, addresses.remote(name, fetch.call))
    yield looks if fetch.want_body else evolve(looks, headers={})  # a file is fetched without them
    for hop, then in enumerate(fetch.then):
        yield _at(card, Role.THEN, then.call, name, addresses.hop(name, hop, then), hop=hop)
    yield from _contents(fetch, name)
    if card.cancel is not None:
        yield _at(card, Role.CANCEL, card.cancel.call, name, addresses.remote(name, card.cancel.call))


def _optional(spec: OperationSpec) -> frozenset[str]:
    """Name the parameters that need not be sent."""
    always = {name for name, parameter in spec.parameters.items() if parameter.always}
    return frozenset(spec.parameters.keys() - always - set(spec.schema.get("required", ())))


def _contents(fetch: FetchSpec, operation: str) -> Iterator[Route]:
    for artifact in specs_of(fetch):
        if artifact.path is not None and (fetch.want_body or artifact.path != fetch.call.path):
            call = CallSpec(method="GET", path=artifact.path)
            yield Route(role=Role.CONTENT, call=call, path=artifact.path, operation=operation, artifact=artifact)


def _at(card: Card, role: Role, call: CallSpec, operation: str, address: str | None, hop: int = 0) -> Route:
    """Make the route of a call about a job, whose address the provider may have given."""
    if address is None:
        return _route(card, role, call, operation=operation, hop=hop)
    parts = urlsplit(address)
    return Route(
        role=role,
        call=call,
        path=parts.path,
        query={**call.query, **dict(parse_qsl(parts.query))},
        headers={**card.headers, **call.headers},
        given=True,
        operation=operation,
        hop=hop,
    )


def _route(card: Card, role: Role, call: CallSpec, *, operation: str = "", hop: int = 0) -> Route:
    path, _, query = call.path.partition("?")
    return Route(
        role=role,
        call=call,
        path=path,
        query={**dict(parse_qsl(query)), **call.query},
        headers={**card.headers, **call.headers},
        operation=operation,
        hop=hop,
    )


def _as_text(query: Mapping[str, Any]) -> dict[str, str]:
    return {name: value if isinstance(value, str) else json.dumps(value) for name, value in query.items()}
