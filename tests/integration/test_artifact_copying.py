"""Copying kept files into another folder."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from attrs import evolve

from artifact_bench import GLB, names
from taskferry.artifacts import copy_into
from taskferry.errors import ArtifactError
from taskferry.task import Artifact, Kind


def kept_file(folder: Path, name: str, content: bytes) -> Artifact:
    """An artifact that was kept here."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_bytes(content)
    return Artifact(
        name=path.stem,
        kind=Kind.OTHER,
        path=path,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
    )


def test_kept_files_are_copied(tmp_path: Path) -> None:
    """Under their names, with the same bytes, and the originals stay."""
    fox, owl = kept_file(tmp_path / "kept", "fox.glb", GLB), kept_file(tmp_path / "kept", "owl.bin", b"owl")

    copies = copy_into([fox, owl], tmp_path / "deep" / "out")

    assert copies == [
        evolve(fox, path=tmp_path / "deep" / "out" / "fox.glb"),
        evolve(owl, path=tmp_path / "deep" / "out" / "owl.bin"),
    ]
    assert [copy.path.read_bytes() for copy in copies if copy.path] == [GLB, b"owl"]
    assert names(tmp_path / "kept") == ["fox.glb", "owl.bin"]


def test_copying_twice_makes_one_file_and_copying_over_another_two(tmp_path: Path) -> None:
    """The same content is used again, other content is never overwritten."""
    fox = kept_file(tmp_path / "kept", "fox.glb", GLB)
    other = kept_file(tmp_path / "other", "fox.glb", b"another fox")

    copies = copy_into([fox, fox, other], tmp_path / "out")

    assert [copy.path.name for copy in copies if copy.path] == ["fox.glb", "fox.glb", "fox-2.glb"]
    assert names(tmp_path / "out") == ["fox-2.glb", "fox.glb"]


def test_copying_into_the_same_folder_changes_nothing(tmp_path: Path) -> None:
    """The file is where it should be."""
    fox = kept_file(tmp_path / "kept", "fox.glb", GLB)

    assert copy_into([fox], tmp_path / "kept") == [fox]
    assert names(tmp_path / "kept") == ["fox.glb"]


def test_what_cannot_be_copied_says_why(tmp_path: Path) -> None:
    """Not kept, gone since, changed since, no place to go."""
    fox = kept_file(tmp_path / "kept", "fox.glb", GLB)
    gone = evolve(fox, path=tmp_path / "kept" / "gone.glb")
    changed = evolve(fox, sha256="0" * 64)
    cases = {
        "fox has not been kept yet": (evolve(fox, path=None, size=None, sha256=None), tmp_path / "out"),
        "fox was kept, and its file was removed since": (evolve(fox, path=None), tmp_path / "out"),
        "gone.glb is not there any more": (gone, tmp_path / "out"),
        "is not the file that was kept any more": (changed, tmp_path / "out"),
        "cannot be copied to": (fox, tmp_path / "kept" / "fox.glb"),
    }

    for said, (artifact, folder) in cases.items():
        with pytest.raises(ArtifactError, match=said):
            copy_into([artifact], folder)

    assert names(tmp_path / "out") == []
