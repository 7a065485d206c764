"""Who may speak to the MCP server over HTTP: tokens, Host and Origin, size; and what tokens are."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
import uvicorn

from acme import ferry
from taskferry import UsageError
from taskferry.mcp.http import HttpOptions, OAuth, StaticTokens, application
from taskferry.mcp.server import build_server

FOX = "f" * 32
TOOLS_LIST = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
JSON = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}


@contextmanager
def listening(home: Path, options: HttpOptions) -> Iterator[str]:
    """Serve in a thread of this process; give the origin."""
    built = build_server(ferry(home), working=home, auth=options.auth, verifier=options.verifier)
    config = uvicorn.Config(application(built, options), port=0, log_config=None)
    server, listener = uvicorn.Server(config), config.bind_socket()
    listener.listen()
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="module")
def loopback(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server on loopback that asks for no token."""
    with listening(tmp_path_factory.mktemp("home"), HttpOptions()) as origin:
        yield origin


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server that asks for a token."""
    options = HttpOptions(tokens=StaticTokens([("fox", FOX)]))
    with listening(tmp_path_factory.mktemp("home"), options) as origin:
        yield origin


def post(origin: str, headers: dict[str, str]) -> httpx.Response:
    """Ask for the tools."""
    return httpx.post(f"{origin}/mcp", json=TOOLS_LIST, headers={**JSON, **headers})


@pytest.mark.parametrize("headers", [{}, {"Authorization": f"Bearer {FOX}x"}, {"Authorization": f"Basic {FOX}"}])
def test_nobody_gets_in_without_a_token(guarded: str, headers: dict[str, str]) -> None:
    """And the answer shows none."""
    refused = post(guarded, headers)

    assert refused.status_code == 401
    assert FOX not in refused.text


def test_health_is_told_to_everybody(guarded: str) -> None:
    """What watches over a server has no token."""
    health = httpx.get(f"{guarded}/health")

    assert (health.status_code, health.json()) == (200, {"status": "ok"})


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "evil.example"}, 421),
        ({"Host": "127.0.0.1.evil.example:80"}, 421),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "http://localhost.evil.example"}, 403),
        ({"Origin": "null"}, 403),
    ],
)
def test_a_web_page_cannot_speak_to_it(loopback: str, headers: dict[str, str], status: int) -> None:
    """Neither by a name that leads here nor from a foreign origin."""
    assert post(loopback, headers).status_code == status


def test_a_large_body_is_refused(loopback: str) -> None:
    """Files travel by path or URL."""
    refused = httpx.post(f"{loopback}/mcp", content=b"x" * (1024 * 1024 + 1), headers=JSON)

    assert refused.status_code == 413


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.7", "example.com", "::"])
def test_other_machines_need_tokens(host: str) -> None:
    """An open server would spend the user's money for anybody."""
    with pytest.raises(UsageError, match="TASKFERRY_MCP_TOKEN"):
        HttpOptions(host=host)


def test_a_server_on_every_address_has_to_know_its_name() -> None:
    """Or the Host header could not be held against anything."""
    with pytest.raises(UsageError, match="--allowed-host"):
        HttpOptions(host="0.0.0.0", tokens=StaticTokens([("fox", FOX)]))


def test_names_and_the_resource_are_taken_as_host_and_origin() -> None:
    """With and without a port."""
    oauth = OAuth(issuer="https://id.example", resource="https://mcp.example/mcp", jwks_url="https://id.example/jwks")
    security = HttpOptions(host="0.0.0.0", oauth=oauth, names=["fox.example"]).security

    assert {"fox.example", "fox.example:*", "mcp.example"} <= set(security.allowed_hosts)
    assert "https://mcp.example" in security.allowed_origins
    assert "127.0.0.1" not in security.allowed_hosts


@pytest.mark.parametrize(
    ("text", "words"),
    [("fox", "no name and token"), ("# nobody\n", "no token in it"), ("fox short", "shorter than"),
     (f"fox {FOX}\nhare {FOX}", "the same token")],
)  # fmt: skip
def test_a_token_file_that_is_not_right_is_told(tmp_path: Path, text: str, words: str) -> None:
    """Before anything listens, and without a token in the message."""
    path = tmp_path / "tokens"
    path.write_text(text)

    with pytest.raises(UsageError, match=words) as raised:
        StaticTokens.read({}, path)

    assert FOX not in str(raised.value)


@pytest.mark.parametrize(
    "more",
    [{}, {"jwks_url": "https://id.example/jwks", "introspection_url": "https://id.example/ask"},
     {"jwks_url": "http://id.example/jwks"}, {"jwks_url": "http://localhost.evil.example/jwks"}],
)  # fmt: skip
def test_oauth_that_does_not_go_together_is_told(more: dict[str, str]) -> None:
    """One way of checking, and none that anybody on the way could make up."""
    with pytest.raises(UsageError):
        OAuth(issuer="https://id.example", resource="https://mcp.example/mcp", **more)
