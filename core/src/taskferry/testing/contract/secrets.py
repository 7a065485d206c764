"""Cases about keys: where they may go, and where they may not be seen."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from taskferry.adapter import Accepted, NoKey
from taskferry.errors import WireError
from taskferry.exchange import Refused
from taskferry.reply import Reply
from taskferry.signing import is_own_url
from taskferry.testing.contract.base import Contract
from taskferry.testing.contract.bodies import fresh
from taskferry.testing.contract.driving import drive, in_turn
from taskferry.testing.contract.requiring import require, shown, skip, told
from taskferry.testing.contract.world import KEY, SECRET, World

_ECHO = {"x-echo-authorization": f"Bearer {KEY}", "set-cookie": f"session={KEY}", "x-request-id": "trace-1"}


class SecretCases(Contract):
    """What becomes of the key."""

    def test_service(self) -> None:
        """The service says where the provider lives, over https, and what its key's variable is called."""
        service = self.subject.adapter.service
        base = urlsplit(service.base_url)
        require(
            base.scheme == "https" and base.hostname and not service.base_url.endswith("/"),
            f"service: base_url is {service.base_url!r}; it has to be https, without a trailing slash",
        )
        require(
            isinstance(service.scheme, NoKey) or service.key_variables,
            "service: no variable holds the key; name it in key_variables",
        )
        for name in service.key_variables:
            require(
                name.isupper() and name.replace("_", "").isalnum(),
                f"service: {name!r} is no environment variable's name; use capitals, digits and underscores",
            )
        for header in service.trace_headers:
            require(header == header.lower(), f"service: the trace header {header!r} has to be in small letters")
        rate = service.requests_per_minute
        require(rate is None or rate > 0, f"service: requests_per_minute is {rate!r}; it has to be above 0, or None")

    def test_hosts_are_the_provider_s_own(self) -> None:
        """The key goes to named hosts, never to a pattern that strangers' hosts fit."""
        for host in self.subject.adapter.service.hosts:
            plain = host.removeprefix("*.")
            require(
                "*" not in plain
                and "?" not in plain
                and "[" not in plain
                and plain.count(".") >= 1
                and "/" not in host,
                f"hosts: {host!r} lets the key go to hosts that are not the provider's; write names, as "
                "api.acme.example or "
                "*.acme.example",
            )

    def test_key_stays_with_the_provider(self) -> None:
        """Whatever a submit, a look and its results ask for, the key goes to the provider's own hosts alone."""
        service = self.subject.adapter.service
        for of in self.subject.operations:
            remote = self.subject.remote(of)
            for word, look, seen in self.subject.statuses(of):
                for call in self.subject.fetch(remote, look).calls:
                    require(
                        not call.signed or _is_own(call.path, service),
                        f"foreign-host: {word!r}: {call!r} would take the key to a host that is not the "
                        "provider's; name "
                        "the host in Service.hosts, or send the call with signed=False",
                    )
                for artifact in seen.artifacts:
                    require(
                        not artifact.needs_key or _is_own(str(artifact.url), service),
                        f"foreign-host: the result {artifact.name!r} wants the key at a host that is not the "
                        "provider's; "
                        "leave needs_key out, or name the host in Service.hosts",
                    )
        of = self.subject.first
        world = World(self.subject, of)
        accepted = world.submit()
        if isinstance(accepted, Accepted):
            world.fetch(accepted.remote)
        for sent in world.sent:
            own = _is_own(str(sent.request.url), service)
            require(
                own or SECRET not in _written(sent.request),
                f"foreign-host: the key went to {sent.request.url.host}; name hosts in Service.hosts alone",
            )

    def test_no_secret_in_remote_and_results(self) -> None:
        """A reply that repeats the key in its headers leaves none of it in what is kept and shown."""
        for of in self.subject.operations:
            created = [_echoing(reply) for reply in of.created]
            accepted = self.subject.submit(of, created).result
            require(
                SECRET not in repr(accepted),
                f"secrets: the key is in what submit returned: {shown(accepted).replace(KEY, '[key]')}; keep ids, not "
                "headers",
            )
            remote = self.subject.remote(of)
            for word, look in of.looks.items():
                driven = self.subject.fetch(remote, tuple(map(_echoing, look)))
                require(
                    SECRET not in f"{driven.result!r} {driven.error}",
                    f"secrets: the key is in what fetch made of {word!r}; copy nothing from headers but what is "
                    "documented",
                )

    def test_no_secret_in_errors(self) -> None:
        """A refusal that repeats the key, in its headers or in its text, is told without it."""
        adapter = self.subject.adapter
        refused = self.subject.samples.refused or (Reply(401, b'{"message": "no"}'),)
        for reply in (*refused, Reply(401, b"<h1>Sorry</h1>", {"content-type": "text/html"})):
            failed = adapter.failure(_echoing(reply))
            require(
                SECRET not in f"{failed!r} {failed}",
                "secrets: the key is in a failure; give the provider's message and code, and no headers",
            )
        body = (
            b'{"message": "wrong key: ' + KEY.encode() + b'", "error": {"message": "wrong key: ' + KEY.encode() + b'"}}'
        )
        outcome = World(self.subject, self.subject.first, creates=[Reply(401, body)]).submit()
        told_of = outcome.failure if isinstance(outcome, Refused) else outcome
        require(SECRET not in f"{told_of!r} {told_of}", f"secrets: the key is in a refusal: {type(told_of).__name__}")

    def test_no_secret_in_the_adapter(self) -> None:
        """An adapter holds no key: it does not look for one, and shows none."""
        names = self.subject.adapter.service.key_variables
        with _set(dict.fromkeys(names, KEY)):
            adapter = self.subject.make()
            self.subject.submit(self.subject.first, adapter=adapter)
        held = f"{adapter!r} {getattr(adapter, '__dict__', {})!r} {adapter.service!r}"
        require(
            SECRET not in held,
            f"secrets: the adapter holds the value of {' or '.join(names)}; leave keys to taskferry, which signs "
            "the calls",
        )

    def test_given_addresses_are_checked(self) -> None:
        """A status address that the provider gave is not followed with the key to a stranger's host."""
        adapter, of = self.subject.adapter, self.subject.first
        remote = _abroad(self.subject.remote(of))
        if remote == self.subject.remote(of):
            skip("`remote` holds no address")
        driven = drive(
            adapter.fetch(remote), in_turn([fresh(reply) for reply in self.subject.done(of)]), adapter.failure
        )
        world = World(self.subject, of)
        try:
            world.fetch(remote)
        except WireError as error:
            require(
                not world.sent or SECRET not in _written(world.sent[-1].request),
                f"foreign-host: the key went: {told(error)}",
            )
        for sent in world.sent:
            require(
                SECRET not in _written(sent.request),
                f"foreign-host: {shown(list(driven.calls))} took the key to {sent.request.url.host}; send calls to "
                "given "
                "addresses signed=False, or leave the check to taskferry",
            )


def _is_own(path: str, service: Any) -> bool:
    try:
        return path.startswith("/") or is_own_url(path, service, service.base_url)
    except Exception:  # noqa: BLE001 -- an address that may not be called at all is nobody's own
        return False


def _echoing(reply: Reply) -> Reply:
    return Reply(reply.status, reply.content, {**dict(reply.headers), **_ECHO}, trace_headers=("x-request-id",))


def _written(request: Any) -> str:
    return f"{request.url} {request.headers.raw} {request.content!r}"


def _abroad(remote: Any) -> Any:
    """Give a `remote` whose addresses are at a stranger's."""
    if isinstance(remote, Mapping):
        return {name: _abroad(value) for name, value in remote.items()}
    if isinstance(remote, str) and remote.startswith("https://"):
        return urlsplit(remote)._replace(netloc="stranger.example").geturl()
    return remote


@contextmanager
def _set(variables: Mapping[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
