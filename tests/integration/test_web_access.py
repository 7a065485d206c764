"""Who may see the gallery and who may act: names, tokens, forms of our own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.routing import Route

from acme import ferry
from taskferry import LedgerError
from taskferry.errors import UsageError
from taskferry.web import WebOptions, serving
from taskferry.web.application import application
from web_desk import KEY, Desk, desk, filled

TOKEN = "a-token-of-some-length"
ALL = {"id": "01jd3", "action": "cancel", "provider": "acme", "operation": "image", "name": "image"}
ROUTES = [route for route in application(ferry(Path()), WebOptions()).routes if isinstance(route, Route)]
POSTS = [route.path for route in ROUTES if "POST" in (route.methods or ()) and route.path != "/sign-in"]


def filled_in(path: str) -> str:
    """Put something in each place of a route's path."""
    return path.replace(":path", "").format(**ALL)


@pytest.fixture(scope="module")
def open_desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """One gallery for this machine alone; no test changes what it shows."""
    with desk(tmp_path_factory.mktemp("open")) as found:
        yield found


@pytest.fixture(scope="module")
def shared_desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """One gallery that asks for a token."""
    with desk(tmp_path_factory.mktemp("shared"), WebOptions(port=0, token=TOKEN)) as found:
        yield found


@pytest.fixture
def stranger(shared_desk: Desk) -> Iterator[Desk]:
    """The same gallery, seen by a browser that has no cookie."""
    shared_desk.client.cookies.clear()
    yield shared_desk
    shared_desk.client.cookies.clear()


def test_another_name_is_refused(open_desk: Desk) -> None:
    """A page elsewhere that makes its own name lead here sees nothing."""
    reply = open_desk.get("/", host="evil.example")

    assert reply.status_code == 421
    assert "evil.example" in reply.text


@pytest.mark.parametrize("path", POSTS)
def test_a_form_that_is_not_ours_changes_nothing(open_desk: Desk, path: str) -> None:
    """Every form carries a word that a page elsewhere cannot read."""
    without = open_desk.client.post(filled_in(path), data={"p.prompt": "a fox"})
    wrong = open_desk.client.post(filled_in(path), data={"p.prompt": "a fox", "csrf": "x" * 32})

    assert (without.status_code, wrong.status_code) == (403, 403)
    assert "load it again" in without.text


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
    ids=str,
)
def test_a_form_from_elsewhere_is_refused_even_with_the_word(open_desk: Desk, headers: dict[str, str]) -> None:
    """By what the browser says of where it comes from."""
    reply = open_desk.post("/quote/acme/image", {"p.prompt": "a fox"}, headers=headers)

    assert reply.status_code == 403


def test_a_form_from_here_is_taken(open_desk: Desk) -> None:
    """As browsers send it."""
    origin = str(open_desk.client.base_url).rstrip("/")
    headers = {"origin": origin, "sec-fetch-site": "same-origin"}

    reply = open_desk.post("/quote/acme/image", {"p.prompt": "a fox"}, headers=headers)

    assert reply.json() == {"price": "$0.18", "text": "$0.18", "errors": {}}


def test_no_reply_lets_a_page_do_more_than_it_needs(open_desk: Desk) -> None:
    """No script in a page, nothing from elsewhere, in nobody's frame; errors keep to it too."""
    for path in ("/", "/nothing", "/static/nothing", "/spend.json"):
        headers = open_desk.get(path).headers

        policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
        assert policy["default-src"] == "'none'"
        assert policy["script-src"] == "'self'"
        assert "unsafe" not in headers["content-security-policy"]
        assert policy["frame-ancestors"] == "'none'"
        assert headers["x-content-type-options"] == "nosniff"


def test_pages_have_no_script_and_no_style_of_their_own(open_desk: Desk) -> None:
    """The policy would stop it."""
    for path in ("/", "/new", "/new/acme/image", "/spend", "/speed", "/providers", "/nothing"):
        page = open_desk.client.get(path, headers={"accept": "text/html"}).text

        assert "<script>" not in page
        assert " style=" not in page
        assert " on" + "click=" not in page
        assert "http://" not in page.replace(str(open_desk.client.base_url), "").replace("http://www.w3.org", "")


def test_without_the_token_a_browser_is_asked_for_it(stranger: Desk) -> None:
    """And a program told so; what the page itself needs is given out."""
    page = stranger.get("/tasks/1", accept="text/html")
    program = stranger.get("/events", accept="*/*")

    assert (page.status_code, page.headers["location"]) == (303, "/sign-in?next=/tasks/1")
    assert (program.status_code, program.json()) == (401, {"error": "This gallery asks for its token."})
    assert stranger.get("/static/style.css").status_code == 200
    assert 'content=""' in stranger.page("/sign-in")


def test_the_token_in_the_address_becomes_a_cookie(stranger: Desk) -> None:
    """It stays neither in the address nor in the history, and no script can read the cookie."""
    reply = stranger.get(f"/spend?days=7&token={TOKEN}", accept="text/html")

    cookie = reply.headers["set-cookie"].lower()
    assert (reply.status_code, reply.headers["location"]) == (303, "/spend?days=7")
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert TOKEN not in cookie
    assert stranger.get("/spend").status_code == 200


def test_the_token_can_be_typed(stranger: Desk) -> None:
    """A wrong one is said to be wrong."""
    wrong = stranger.client.post("/sign-in", data={"token": "another-token-of-length", "next": "/spend"})
    right = stranger.client.post("/sign-in", data={"token": f" {TOKEN}\n", "next": "//evil.example"})

    assert wrong.status_code == 403
    assert "not the token" in wrong.text
    assert (right.status_code, right.headers["location"]) == (303, "/")
    assert stranger.get("/", accept="text/html").status_code == 200


def test_programs_show_the_token_as_a_bearer(stranger: Desk) -> None:
    """A wrong one is refused; so is a wrong one in the address."""
    assert stranger.get("/spend.json", authorization=f"Bearer {TOKEN}").status_code == 200
    assert stranger.get("/spend.json", authorization="Bearer wrong").status_code == 401
    assert stranger.get("/spend.json?token=wrong").status_code == 401
    assert stranger.get("/spend.json", cookie="taskferry-ui-00000000=wrong").status_code == 401


def test_no_secret_is_on_any_page(tmp_path: Path) -> None:
    """Neither the key nor the token; the providers' page names where the key was found."""
    [record] = filled(tmp_path, {})

    with desk(tmp_path, WebOptions(port=0, token=TOKEN)) as found:
        found.get(f"/?token={TOKEN}")
        paths = ("/", "/new", "/new/acme/image", "/spend", "/speed", "/providers", f"/tasks/{record.id}")
        pages = "".join(map(found.page, paths))

    assert "ACME_KEY of the environment" in pages
    assert KEY not in pages
    assert TOKEN not in pages


def test_a_port_that_is_taken_is_said_so_in_one_line(tmp_path: Path) -> None:
    """With what to do."""
    with desk(tmp_path) as found:
        taken = found.client.base_url.port or 0
        again = serving(WebOptions(port=taken), home=tmp_path)
        with pytest.raises(UsageError, match=f"Cannot listen on port {taken}.*--port") as error, again:
            pytest.fail("it must not serve")

    assert "\n" not in str(error.value)


def test_a_ledger_that_cannot_be_used_is_raised_and_nothing_is_served(tmp_path: Path) -> None:
    """As one of a later version, or no ledger at all."""
    (tmp_path / "ledger.sqlite3").write_bytes(b"this is no ledger" * 100)

    with pytest.raises(LedgerError, match="not a sound ledger"), serving(WebOptions(port=0), home=tmp_path):
        pytest.fail("it must not serve")
