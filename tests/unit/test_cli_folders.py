"""Folders for results are checked before anything is paid for."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from taskferry import UsageError
from taskferry.cli.folders import usable


def test_a_folder_that_can_be_made_is_usable_and_not_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is made when there is a file to put into it."""
    monkeypatch.chdir(tmp_path)

    found = usable(Path("out/fox"))

    assert found == tmp_path / "out" / "fox"
    assert not (tmp_path / "out").exists()


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    """Nor can one be made below it."""
    (tmp_path / "file").write_text("")

    with pytest.raises(UsageError, match="is not a folder"):
        usable(tmp_path / "file" / "out")


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write everywhere")
def test_a_folder_of_others_is_not_usable(tmp_path: Path) -> None:
    """The folder that is in the way is named."""
    tmp_path.chmod(0o500)

    with pytest.raises(UsageError, match="cannot be written"):
        usable(tmp_path / "out")
