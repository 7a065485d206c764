"""Kept files over HTTP: which are given out, and how."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from acme import PNG
from taskferry import Artifact, Kind
from web_desk import Desk, a_file, desk, filled

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
FILM = bytes(range(256)) * 100


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with results of several types."""
    return tmp_path_factory.mktemp("files")


@pytest.fixture(scope="module")
def task_id(files: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A task with these results, the last of which was changed after it was kept."""
    home = tmp_path_factory.mktemp("home")
    changed = a_file(files, "changed.png", PNG, "image/png")
    artifacts = (
        a_file(files, "image.png", PNG, "image/png"),
        a_file(files, "film.mp4", FILM, "video/mp4", Kind.VIDEO),
        a_file(files, "drawing.svg", SVG, "image/svg+xml"),
        a_file(files, "page.html", b"<script>alert(1)</script>", "text/html", Kind.DOCUMENT),
        a_file(files, "boat.glb", b"glTF", "model/gltf-binary", Kind.MODEL),
        a_file(files, "boat.fbx", b"Kaydara", "model/fbx", Kind.MODEL),
        Artifact(name="missing", kind=Kind.IMAGE, sha256="00" * 32),
        Artifact(name="not kept", kind=Kind.IMAGE, url="https://files.acme.example/2.png"),
        changed,
    )
    [record] = filled(home, {"artifacts": artifacts})
    assert changed.path is not None, "it was kept"
    changed.path.write_bytes(b"something else")
    files.joinpath("home").write_text(str(home))
    return record.id


@pytest.fixture(scope="module")
def found(task_id: str, files: Path) -> Iterator[Desk]:
    """One gallery for all."""
    with desk(Path(files.joinpath("home").read_text())) as served:
        yield served


@pytest.mark.parametrize(
    ("name", "media_type", "how"),
    [
        ("image", "image/png", "inline"),
        ("film", "video/mp4", "inline"),
        ("boat", "model/gltf-binary", "inline"),
        ("drawing", "image/svg+xml", "attachment"),
        ("page", "text/html; charset=utf-8", "attachment"),
    ],
)
def test_only_what_cannot_run_is_shown_inline(found: Desk, task_id: str, name: str, media_type: str, how: str) -> None:
    """All else is saved; nothing in any of them may do anything."""
    reply = found.get(f"/files/{task_id}/{name}")

    assert reply.status_code == 200
    assert reply.headers["content-type"] == media_type
    assert reply.headers["content-disposition"].startswith(f"{how}; filename*=")
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in reply.headers["content-security-policy"]
    assert "script" not in reply.headers["content-security-policy"]


def test_a_film_comes_in_parts(found: Desk, task_id: str) -> None:
    """As players ask for it; a part beyond the end is refused."""
    middle = found.get(f"/files/{task_id}/film", range="bytes=256-511")
    end = found.get(f"/files/{task_id}/film", range="bytes=-10")
    beyond = found.get(f"/files/{task_id}/film", range=f"bytes={len(FILM)}-")

    assert (middle.status_code, middle.content) == (206, FILM[256:512])
    assert middle.headers["content-range"] == f"bytes 256-511/{len(FILM)}"
    assert end.content == FILM[-10:]
    assert beyond.status_code == 416


def test_a_browser_keeps_what_it_has(found: Desk, task_id: str) -> None:
    """For ever under the address that pages use, which names the content; else it asks again, for nothing."""
    plain = found.get(f"/files/{task_id}/image")
    version = plain.headers["etag"].strip('"')[:12]

    lasting = found.get(f"/files/{task_id}/image?v={version}")
    same = found.get(f"/files/{task_id}/image", if_none_match=plain.headers["etag"])

    assert plain.headers["cache-control"] == "private, no-cache"
    assert "immutable" in lasting.headers["cache-control"]
    assert (same.status_code, same.content) == (304, b"")


def test_a_file_can_be_saved(found: Desk, task_id: str) -> None:
    """Under its own name."""
    reply = found.get(f"/files/{task_id}/image?download")

    assert reply.headers["content-disposition"] == "attachment; filename*=utf-8''image.png"


@pytest.mark.parametrize(
    "name", ["..%2f..%2fledger.sqlite3", "../../ledger.sqlite3", "%2fetc%2fpasswd", "image.png", ""]
)
def test_nothing_is_found_by_path(found: Desk, task_id: str, name: str) -> None:
    """Only by the task and the name of its result."""
    assert found.get(f"/files/{task_id}/{name}").status_code == 404


@pytest.mark.parametrize(
    ("name", "why"),
    [("changed", "not the file that was kept"), ("missing", "removed since"), ("not%20kept", "not kept yet")],
)
def test_what_is_not_the_kept_file_is_not_given_out(found: Desk, task_id: str, name: str, why: str) -> None:
    """Whatever has come to lie in its place."""
    reply = found.get(f"/files/{task_id}/{name}", accept="application/json")

    assert reply.status_code == 410
    assert why in reply.json()["error"]


def test_style_sheets_and_scripts_are_kept_for_ever_by_version(found: Desk) -> None:
    """Any other address of theirs is asked for again, at the cost of nothing; compressed where that is taken."""
    address = next(word for word in found.page("/").split('"') if word.startswith("/static/style.css?v="))

    lasting, plain = found.get(address), found.get("/static/style.css", accept_encoding="identity")
    same = found.get("/static/style.css", if_none_match=plain.headers["etag"])

    assert "immutable" in lasting.headers["cache-control"]
    assert lasting.headers["content-encoding"] == "gzip"
    assert lasting.text == plain.text
    assert plain.headers["cache-control"] == "no-cache"
    assert same.status_code == 304
    assert found.get("/static/../serving.py").status_code == 404


def test_the_library_that_draws_models_is_served_from_here(found: Desk) -> None:
    """As a script, compressed as it lies in the wheel."""
    reply = found.get("/static/model-viewer.js")

    assert reply.headers["content-type"] == "text/javascript; charset=utf-8"
    assert "model-viewer" in reply.text
