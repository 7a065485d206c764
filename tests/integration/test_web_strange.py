"""Whatever a browser, or somebody else, sends: an answer, never a defect."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

import pytest

from web_desk import Desk, desk, filled

STRANGE = [
    "\x00",
    "\ud800",
    "\udcff",
    "\u202e" * 50,
    "a" * 5000,
    "'; DROP TABLE tasks; --",
    "{{ 7919 * 7919 }}",
    "%s%n",
    "../../../etc/passwd",
    "[" * 2000,
    "1e999",
    "NaN",
    "-1",
    '{"a": ' * 500,
]
PATHS = [
    "/?text={}", "/?status={}&provider={}&kind={}&since={}", "/?before={}",
    "/tasks/{}", "/tasks/{}/card", "/tasks/{}/part", "/tasks/KNOWN?said={}",
    "/files/{}/image", "/files/KNOWN/{}", "/files/KNOWN/image?v={}",
    "/new/{}/image", "/new/acme/{}", "/new/acme/image?from={}",
    "/spend?days={}", "/spend.json?days={}", "/static/{}", "/sign-in?next={}", "/{}",
]  # fmt: skip


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Desk, str]]:
    """One gallery with one task."""
    home = tmp_path_factory.mktemp("home")
    [record] = filled(home, {})
    with desk(home) as served:
        yield served, record.id


@pytest.mark.parametrize("path", PATHS)
def test_no_address_leads_to_a_defect(found: tuple[Desk, str], path: str) -> None:
    """It is found, or it is not."""
    served, known = found

    for strange in STRANGE:
        written = quote(strange.encode("utf-8", "surrogatepass"), safe="")
        reply = served.get(path.replace("KNOWN", known).replace("{}", written), accept="text/html")
        assert reply.status_code in (200, 303, 307, 400, 404, 405, 410), (path, strange, reply.status_code)
        assert "62710561" not in reply.text


@pytest.mark.parametrize("strange", STRANGE, ids=lambda text: ascii(text)[:20])
def test_no_form_leads_to_a_defect(found: tuple[Desk, str], strange: str) -> None:
    """It is said what is wrong with it, or that nothing is."""
    served, _ = found
    text = strange.encode("utf-8", "replace").decode()
    fields = {"p.prompt": text, "p.model": text, "p.nothing": text, "from": text, "once": text, "max_cost": text}

    quoted = served.post("/quote/acme/image", fields)
    sent = served.post("/new/acme/image", {**fields, "allow_unpriced": text})

    assert quoted.status_code == 200
    assert sent.status_code == 422


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multipart/form-data; boundary=x", b"--x\r\nnonsense"),
        ("multipart/form-data", b"--x"),
        ("application/json", b"{}"),
        ("application/x-www-form-urlencoded", b"&".join(b"a=1" for _ in range(5000))),
        ("text/plain", b"\xff" * 1000),
    ],
    ids=str,
)
def test_no_body_leads_to_a_defect(found: tuple[Desk, str], kind: str, body: bytes) -> None:
    """What is no form of ours is refused."""
    served, _ = found

    reply = served.client.post("/new/acme/image", content=body, headers={"content-type": kind})

    assert reply.status_code in (400, 403)
