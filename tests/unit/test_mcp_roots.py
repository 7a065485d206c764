"""Which files an agent may read and write."""

from __future__ import annotations

from pathlib import Path

import pytest

from taskferry import Kind, Operation, Typical
from taskferry.tools.roots import OutsideRoots, Roots

PNG = b"\x89PNG\r\n\x1a\n"
EDIT = Operation(
    name="acme/edit",
    title="Edit",
    description="Change pictures.",
    kind=Kind.IMAGE,
    parameters={
        "type": "object",
        "properties": {
            "prompt": {"type": "string"},
            "image": {"type": "string", "format": "media"},
            "task": {"type": "string", "format": "media", "x-takes-ids": True},
            "images": {"type": "array", "items": {"type": "string", "format": "media"}},
        },
    },
    typical=Typical(median=1, slow=2),
)


@pytest.fixture
def roots(tmp_path: Path) -> Roots:
    """A working folder with a picture in it, and taskferry's home beside it."""
    working, home = tmp_path / "work", tmp_path / "home"
    (home / "files").mkdir(parents=True)
    working.mkdir()
    (working / "fox.png").write_bytes(PNG)
    (home / "config.toml").write_text("key")
    (home / "files" / "old.png").write_bytes(PNG)
    return Roots(working=working, home=home)


def test_a_relative_path_starts_in_the_working_folder(roots: Roots) -> None:
    """Agents name files as they see them."""
    assert roots.allow("fox.png") == (roots.working / "fox.png").resolve()


def test_kept_files_may_be_used_again(roots: Roots) -> None:
    """The result of one job is the input of the next."""
    assert roots.allow(roots.files / "old.png").name == "old.png"


@pytest.mark.parametrize("path", ["/etc/passwd", "../home/config.toml", "a/../../secret", "~root/.ssh/id", ".."])
def test_a_path_that_leaves_the_roots_is_refused(roots: Roots, path: str) -> None:
    """Neither absolute paths nor `..` lead out."""
    with pytest.raises(OutsideRoots, match="below"):
        roots.allow(path)


@pytest.mark.parametrize("path", ["a\0b", "~no-such-user-here/x", "loop"])
def test_a_path_that_cannot_be_followed_is_refused(roots: Roots, path: str) -> None:
    """What the operating system cannot resolve is told as a wrong path, not as a defect."""
    (roots.working / "loop").symlink_to("loop")

    with pytest.raises(OutsideRoots, match="can be followed"):
        roots.allow(path)


def test_a_link_that_leads_out_is_refused(roots: Roots) -> None:
    """What counts is where the file really is."""
    (roots.working / "innocent.png").symlink_to("/etc/passwd")

    with pytest.raises(OutsideRoots):
        roots.allow("innocent.png")


def test_the_ledger_and_the_keys_stay_closed_inside_the_working_folder(tmp_path: Path) -> None:
    """A home below the working folder is no way to its config file; its files folder is."""
    roots = Roots(working=tmp_path, home=tmp_path / ".taskferry")

    assert roots.allow(".taskferry/files/fox/model.glb")
    with pytest.raises(OutsideRoots):
        roots.allow(".taskferry/config.toml")


def test_a_working_folder_that_is_the_whole_file_system_is_no_root(tmp_path: Path) -> None:
    """Some clients start servers in `/`."""
    roots = Roots(working=Path("/"), home=tmp_path)

    with pytest.raises(OutsideRoots):
        roots.allow("/etc/passwd")


def test_media_parameters_become_file_urls(roots: Roots) -> None:
    """A plain path and a `file:` URL are the same thing; addresses and ids are left alone."""
    given = {
        "prompt": "fox.png",
        "image": "fox.png",
        "task": "5f0c9b",
        "images": ["https://acme.example/a.png", f"file://{roots.working}/fox.png", "data:image/png;base64,AAAA"],
    }

    admitted = roots.admit(EDIT, given)

    url = (roots.working / "fox.png").resolve().as_uri()
    assert admitted == {**given, "image": url, "images": ["https://acme.example/a.png", url, given["images"][2]]}


@pytest.mark.parametrize(
    "given",
    [
        {"image": "/etc/passwd"},
        {"image": "file:///etc/passwd"},
        {"image": "FILE:///etc/passwd"},
        {"image": "file:/etc/passwd"},
        {"image": "file://localhost/etc/%70asswd"},
        {"image": "file://["},
        {"images": ["fox.png", "/etc/passwd"]},
        {"task": "../secret"},
        {"prompt": "file:///etc/passwd"},
        {"options": {"deep": ["file:///etc/passwd"]}},
    ],
)
def test_no_parameter_takes_a_file_from_elsewhere(roots: Roots, given: dict[str, object]) -> None:
    """Wherever in the parameters a `file:` URL stands, and however it is written."""
    with pytest.raises(OutsideRoots):
        roots.admit(EDIT, given)
