"""What a local file has to be before an agent may send it, and the key that seals an agent's second round."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from mcp.server.request_state import InvalidRequestState

from acme import PNG
from taskferry import UsageError
from taskferry.mcp.state_key import state_security
from taskferry.tools.inputs import check_media
from taskferry.tools.roots import OutsideRoots, Roots

KEY = b"-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAA\n"


@pytest.mark.parametrize(
    ("name", "content", "accepted"),
    [
        ("fox.png", KEY, ()),
        ("fox.png", b"\x00\x01\x02\x03" * 50, ()),
        ("fox.png", b"<!doctype html><html></html>", ()),
        ("fox.mp4", PNG, ()),
        ("fox.png", PNG, ("image/jpeg",)),
        ("secrets.json", b'{"key": "value"}', ()),
    ],
)
def test_what_is_not_the_media_it_claims_is_not_sent(
    tmp_path: Path, name: str, content: bytes, accepted: tuple[str, ...]
) -> None:
    """By its content, whatever its name."""
    path = tmp_path / name
    path.write_bytes(content)

    with pytest.raises(UsageError, match="is not sent"):
        check_media(path, accepted)


@pytest.mark.parametrize(("name", "accepted"), [("fox.png", ()), ("fox.png", ("image/png",)), ("fox", ())])
def test_media_passes(tmp_path: Path, name: str, accepted: tuple[str, ...]) -> None:
    """A picture is a picture, also without a suffix."""
    path = tmp_path / name
    path.write_bytes(PNG)

    checked = check_media(path, accepted)

    assert checked is None


def test_what_is_missing_is_left_to_the_check_of_parameters(tmp_path: Path) -> None:
    """Which says so in the words of the operation."""
    checked = check_media(tmp_path / "nothere.png", ())

    assert checked is None


def test_more_roots_may_be_used_like_the_first(tmp_path: Path) -> None:
    """And nothing beside them; relative paths start in the first."""
    first, second, home = tmp_path / "first", tmp_path / "second", tmp_path / "home"
    roots = Roots(working=first, home=home, more=(second, Path("/")))

    assert roots.allow("fox.png") == first / "fox.png"
    assert roots.allow(second / "fox.png") == second / "fox.png"
    with pytest.raises(OutsideRoots, match=str(second)):
        roots.allow("/etc/hostname")


def test_what_one_process_seals_another_opens(tmp_path: Path) -> None:
    """The key is made once, for this user alone."""
    home = tmp_path / "home"
    sealed = state_security(home).codec.seal(b"0.18 USD")

    opened = state_security(home).codec.unseal(sealed)

    assert opened == b"0.18 USD"
    assert [path.name for path in home.iterdir()] == ["mcp-state.key"]
    assert stat.S_IMODE((home / "mcp-state.key").stat().st_mode) == 0o600


def test_what_another_home_sealed_is_refused(tmp_path: Path) -> None:
    """As is everything made up."""
    sealed = state_security(tmp_path / "one").codec.seal(b"0.18 USD")

    with pytest.raises(InvalidRequestState):
        state_security(tmp_path / "other").codec.unseal(sealed)


def test_a_broken_key_is_told(tmp_path: Path) -> None:
    """With what to do about it."""
    (tmp_path / "mcp-state.key").write_bytes(b"short")

    with pytest.raises(UsageError, match="Delete it"):
        state_security(tmp_path).codec.seal(b"x")
