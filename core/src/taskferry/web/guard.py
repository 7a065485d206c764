"""What stands before every page: the Host header, the token, where a POST comes from, and the headers of each reply."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from taskferry.web.options import WebOptions
from taskferry.web.policy import PAGE_HEADERS
from taskferry.web.session import Session

SIGN_IN = "/sign-in"
_OPEN = (SIGN_IN, "/static/")
"""What is given out without a token."""
_SAFE = ("GET", "HEAD")
_OURS = ("same-origin", "none")
"""What browsers say of a request (Sec-Fetch-Site) that no other site has caused."""


class Guard:
    """Lets a request pass or answers it itself; streams are passed on as they come."""

    def __init__(self, application: ASGIApp, *, options: WebOptions, session: Session) -> None:
        self._application = application
        self._options = options
        self._session = session

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._application(scope, receive, send)
            return

        async def send_with_headers(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in PAGE_HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        answer = self._refusal(Request(scope)) or self._application
        await answer(scope, receive, send_with_headers)

    def _refusal(self, request: Request) -> Response | None:
        host = request.headers.get("host", "")
        if not self._options.answers_to(host):
            return PlainTextResponse(
                f"The gallery does not answer to the name {host[:100]!r}: open it by the address that it printed, or "
                "start it with --allowed-host.",
                status_code=421,
            )
        if request.method not in _SAFE and not _is_from_here(request, host):
            return PlainTextResponse("This was not sent from a page of the gallery.", status_code=403)
        return None if self._admitted(request) else self._sign_in(request)

    def _admitted(self, request: Request) -> bool:
        if request.url.path.startswith(_OPEN) or self._session.admits(request.cookies.get(self._session.cookie, "")):
            return True
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        return scheme.lower() == "bearer" and self._session.knows(token)

    def _sign_in(self, request: Request) -> Response:
        """Take a token out of the address, so that it stays neither there nor in the history; else ask for it."""
        given = dict(parse_qsl(request.url.query))
        token = given.pop("token", None)
        if token is not None and self._session.knows(token):
            query = f"?{urlencode(given)}" if given else ""
            return signed_in(f"{request.url.path}{query}", self._session)
        if "text/html" not in request.headers.get("accept", ""):
            return JSONResponse({"error": "This gallery asks for its token."}, status_code=401)
        return RedirectResponse(f"{SIGN_IN}?next={quote(request.url.path)}", status_code=303)


def signed_in(place: str, session: Session) -> Response:
    """Go to a page of ours with the cookie that lets a browser in until the server stops."""
    response = RedirectResponse(own_path(place), status_code=303)
    response.set_cookie(session.cookie, session.pass_word, httponly=True, samesite="strict", path="/")
    return response


def own_path(place: str) -> str:
    """Give a path of this server; the first page for what would lead elsewhere."""
    try:
        parts = urlsplit(place)
    except ValueError:
        return "/"
    strange = parts.scheme or parts.netloc or not place.startswith("/") or place.startswith(("//", "/\\"))
    return "/" if strange or not place.isprintable() else place


def _is_from_here(request: Request, host: str) -> bool:
    if request.headers.get("sec-fetch-site", "none") not in _OURS:
        return False
    origin = request.headers.get("origin")
    return origin is None or origin == f"{request.url.scheme}://{host}"
