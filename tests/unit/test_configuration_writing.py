"""Changing the config file: one setting at a time, and nothing else in it."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskferry import UsageError
from taskferry.configuration import writing
from taskferry.configuration.reading import is_open_to_others, parsed, read_document
from taskferry.configuration.writing import make_profile, set_value, unset_value

MINE = """# my settings
output = "here"  # on the large disk

[caps]  # be careful
day = "20 USD"

[caps.acme]
task = "1 USD"
"""


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_first_setting_makes_folder_and_file_for_the_owner_alone(tmp_path: Path) -> None:
    """Whatever comes into it later."""
    path = set_value(tmp_path / "home", ("caps", "day"), "5 USD")

    assert path.read_text() == '[caps]\nday = "5 USD"\n'
    assert mode(path) == 0o600


def test_comments_and_order_stay(tmp_path: Path) -> None:
    """Only the line that is meant changes."""
    (tmp_path / "config.toml").write_text(MINE)

    set_value(tmp_path, ("caps", "day"), "30 USD")
    set_value(tmp_path, ("caps", "acme", "total"), "9 USD")

    text = (tmp_path / "config.toml").read_text()
    assert text == MINE.replace("20 USD", "30 USD") + 'total = "9 USD"\n'


def test_line_ends_of_windows_stay(tmp_path: Path) -> None:
    """Its editors want them."""
    (tmp_path / "config.toml").write_bytes(MINE.replace("\n", "\r\n").encode())

    set_value(tmp_path, ("caps", "day"), "30 USD")

    assert (tmp_path / "config.toml").read_bytes() == MINE.replace("20 USD", "30 USD").replace("\n", "\r\n").encode()


def test_a_setting_before_all_tables_goes_before_them(tmp_path: Path) -> None:
    """At the end it would belong to the last table."""
    (tmp_path / "config.toml").write_text("[caps]\nday = '1 USD'\n")

    set_value(tmp_path, ("output",), "/srv")

    assert read_document(tmp_path) == {"output": "/srv", "caps": {"day": "1 USD"}}


def test_a_setting_is_taken_out_alone(tmp_path: Path) -> None:
    """What stands around it stays."""
    (tmp_path / "config.toml").write_text(MINE)

    assert unset_value(tmp_path, ("caps", "day"))

    assert read_document(tmp_path) == {"output": "here", "caps": {"acme": {"task": "1 USD"}}}
    assert "# be careful" in (tmp_path / "config.toml").read_text()


@pytest.mark.parametrize("name", [("caps", "total"), ("kees",), ("output", "x"), ("a", "b", "c")])
def test_what_is_not_there_is_not_taken_out(tmp_path: Path, name: tuple[str, ...]) -> None:
    """And the file is left as it is."""
    (tmp_path / "config.toml").write_text(MINE)

    assert not unset_value(tmp_path, name)

    assert (tmp_path / "config.toml").read_text() == MINE


def test_a_file_that_gets_a_key_is_closed_to_others(tmp_path: Path) -> None:
    """Also one that was open before; without a key in it its owner decides."""
    path = tmp_path / "config.toml"
    path.write_text(MINE)
    path.chmod(0o644)

    set_value(tmp_path, ("caps", "day"), "2 USD")
    assert mode(path) == 0o644
    assert is_open_to_others(path)

    set_value(tmp_path, ("profiles", "work", "keys", "acme"), "sesame")
    assert mode(path) == 0o600


def test_what_others_write_at_the_same_moment_is_not_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As when somebody logs in at two terminals."""
    (tmp_path / "config.toml").write_text(MINE)
    fsync = writing.os.fsync

    def interrupted(file: int) -> None:
        monkeypatch.setattr(writing.os, "fsync", fsync)
        set_value(tmp_path, ("keys", "other"), "simsim")
        fsync(file)

    monkeypatch.setattr(writing.os, "fsync", interrupted)

    set_value(tmp_path, ("keys", "acme"), "sesame")

    assert read_document(tmp_path)["keys"] == {"other": "simsim", "acme": "sesame"}
    assert [path.name for path in tmp_path.iterdir()] == ["config.toml"]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    """To where such files are kept together."""
    kept = tmp_path / "dotfiles" / "taskferry.toml"
    kept.parent.mkdir()
    kept.write_text(MINE)
    (tmp_path / "config.toml").symlink_to(kept)

    set_value(tmp_path, ("output",), "there")

    assert (tmp_path / "config.toml").is_symlink()
    assert 'output = "there"' in kept.read_text()


def test_a_profile_is_there_to_be_chosen_although_it_says_nothing(tmp_path: Path) -> None:
    """Its keys may be in the keyring."""
    make_profile(tmp_path, "work")
    make_profile(tmp_path, "work")
    set_value(tmp_path, ("profiles", "work", "output"), "x")
    unset_value(tmp_path, ("profiles", "work", "output"))

    assert read_document(tmp_path) == {"profiles": {"work": {}}}


def test_an_unsound_file_is_not_written(tmp_path: Path) -> None:
    """It is mended by hand first."""
    (tmp_path / "config.toml").write_text("[caps")

    with pytest.raises(UsageError, match="cannot be read as TOML"):
        set_value(tmp_path, ("output",), "x")

    assert (tmp_path / "config.toml").read_text() == "[caps"


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """Nothing is left behind."""
    (tmp_path / "home").write_text("a file where the folder would be")

    with pytest.raises(UsageError, match=r"config\.toml cannot be written: Not a directory|File exists"):
        set_value(tmp_path / "home", ("output",), "x")


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=20)


@given(folder=WORDS, key=WORDS, provider=st.from_regex(r"[a-z][a-z0-9-]{0,9}", fullmatch=True), comment=WORDS)
def test_what_is_written_is_read_again(
    tmp_path_factory: pytest.TempPathFactory, folder: str, key: str, provider: str, comment: str
) -> None:
    """Whatever the texts are, and beside any comment."""
    home = tmp_path_factory.mktemp("home")
    (home / "config.toml").write_text(f"[rates]\n# {comment}\n", "utf-8")

    set_value(home, ("output",), folder)
    path = set_value(home, ("profiles", "p", "keys", provider), key)

    text = path.read_bytes().decode()
    expected = {"rates": {}, "output": folder, "profiles": {"p": {"keys": {provider: key}}}}
    assert parsed(text, path) == expected
    assert f"# {comment}" in text
