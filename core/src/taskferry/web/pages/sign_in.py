"""Where a browser shows the token of a gallery that other machines can reach."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from taskferry.web.guard import own_path, signed_in
from taskferry.web.state import state_of


async def page(request: Request) -> Response:
    """Ask for the token."""
    state = state_of(request)
    if state.session.admits(request.cookies.get(state.session.cookie, "")):
        return RedirectResponse(own_path(request.query_params.get("next", "/")), status_code=303)
    return _asking(request, request.query_params.get("next", "/"))


async def enter(request: Request) -> Response:
    """Take the token, and let the browser in with a cookie."""
    async with request.form(max_files=0, max_fields=10) as given:
        token, place = str(given.get("token", "")), str(given.get("next", "/"))
    session = state_of(request).session
    if session.knows(token.strip()):
        return signed_in(place, session)
    return _asking(request, place, "That is not the token. It was printed where the gallery was started.", status=403)


def _asking(request: Request, place: str, problem: str = "", *, status: int = 200) -> Response:
    renderer = state_of(request).renderer
    return renderer.page(request, "sign_in.html", status=status, next=own_path(place), problem=problem, csrf="")
