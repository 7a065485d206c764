"""Access tokens of an authorization server: which are taken, and whom they stand for."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from typing import Any

import jwt
import pytest
import uvicorn
from cryptography.hazmat.primitives.asymmetric import ec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from taskferry.mcp.http import OAuth

ISSUER, RESOURCE = "https://id.example", "https://mcp.example/mcp"
KEY, OTHER = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
CLAIMS = {"iss": ISSUER, "aud": RESOURCE, "sub": "fox", "client_id": "agent", "scope": "jobs read"}


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    """An authorization server's keys, and its word about a token that is claims as JSON."""
    published = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(KEY.public_key()))

    async def keys(_: Request) -> Response:
        return JSONResponse({"keys": [{**published, "kid": "1", "use": "sig", "alg": "ES256"}]})

    async def introspect(request: Request) -> Response:
        token = str((await request.form())["token"])
        return JSONResponse({"active": True, **CLAIMS, "aud": token} if token != "unknown" else {"active": False})

    app = Starlette(routes=[Route("/jwks", keys), Route("/ask", introspect, methods=["POST"])])
    config = uvicorn.Config(app, port=0, log_config=None, lifespan="off")
    server, listener = uvicorn.Server(config), config.bind_socket()
    listener.listen()
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join()


def signed(key: Any = KEY, **more: Any) -> str:
    """Give a token; a claim of None is left out."""
    claims = {**CLAIMS, "exp": time.time() + 600, **more}
    present = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode(present, key, algorithm="ES256", headers={"kid": "1"})


async def test_a_signed_token_stands_for_its_subject(issuer: str) -> None:
    """With client, issuer, subject and scopes."""
    verifier = OAuth(issuer=ISSUER, resource=RESOURCE, jwks_url=f"{issuer}/jwks").verifier()

    access = await verifier.verify_token(signed())

    assert access is not None
    assert (access.client_id, access.subject, access.scopes) == ("agent", "fox", ["jobs", "read"])
    assert access.claims == {"iss": ISSUER}


@pytest.mark.parametrize(
    "token",
    [
        signed(OTHER),
        signed(iss="https://evil.example"),
        signed(aud="https://other.example/mcp"),
        signed(aud=None),
        signed(exp=None),
        signed(exp=time.time() - 3600),
        jwt.encode({**CLAIMS, "exp": time.time() + 600}, key="", algorithm="none", headers={"kid": "1"}),
        "no.token.at.all",
        "",
    ],
)
async def test_a_token_that_is_not_ours_is_refused(issuer: str, token: str) -> None:
    """Another's signature, issuer, audience, or none, or none that still holds."""
    verifier = OAuth(issuer=ISSUER, resource=RESOURCE, jwks_url=f"{issuer}/jwks").verifier()

    assert await verifier.verify_token(token) is None


@pytest.mark.parametrize(("audience", "taken"), [("https://ours", True), ("unknown", False), ("https://other", False)])
async def test_the_issuer_is_asked_about_opaque_tokens(issuer: str, audience: str, taken: bool) -> None:
    """An active one for this server alone is taken."""
    verifier = OAuth(issuer=ISSUER, resource="https://ours", introspection_url=f"{issuer}/ask").verifier()

    access = await verifier.verify_token(audience)

    assert (access is not None) is taken


async def test_an_issuer_that_does_not_answer_lets_nobody_in() -> None:
    """It fails closed."""
    verifier = OAuth(issuer=ISSUER, resource=RESOURCE, introspection_url="http://127.0.0.1:9/ask").verifier()

    assert await verifier.verify_token("token") is None
