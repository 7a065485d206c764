"""Which file of a task goes into Blender: a GLB that taskferry fetched and kept, and that is still what it was."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import urlsplit

from taskferry import Artifact, ArtifactError, Kind, Snapshot, UsageError, clean

_GLB = "model/gltf-binary"
_MAGIC = b"glTF"
_CHUNK = 1024 * 1024


def is_glb(artifact: Artifact) -> bool:
    """Tell whether an artifact is a model in the one format that the add-on imports."""
    suffix = "" if artifact.path is None else artifact.path.suffix.lower()
    return artifact.kind is Kind.MODEL and (artifact.media_type == _GLB or suffix == ".glb")


def kept_model(snapshot: Snapshot, artifact: str | None = None) -> Artifact:
    """Give a task's kept GLB, the one of that name or the first.

    Raises UsageError for a task without such a model, ArtifactError for one whose file is not kept.
    """
    found = _model(snapshot, artifact)
    if found.path is None or found.sha256 is None:
        raise ArtifactError(
            f"{clean(found.name, 100)} of task {snapshot.id} is not kept, and only kept files are imported: "
            f"`taskferry resume {snapshot.id}` fetches it."
        )
    return found


def _model(snapshot: Snapshot, artifact: str | None) -> Artifact:
    if not snapshot.status.ok:
        raise UsageError(f"Task {snapshot.id} is {snapshot.status}, so there is no model to import.")
    models = [one for one in snapshot.artifacts if is_glb(one) and artifact in (None, one.name)]
    if not models:
        wanted = "a GLB model" if artifact is None else f"a GLB model named {clean(artifact, 100)!r}"
        names = ", ".join(f"{clean(one.name, 100)} ({one.media_type or one.kind})" for one in snapshot.artifacts)
        raise UsageError(
            f"Task {snapshot.id} has not got {wanted}, only: {names or 'nothing'}. Convert it to GLB first."
        )
    return models[0]


def model_at(url: str, snapshots: Iterable[Snapshot]) -> tuple[Snapshot, Artifact]:
    """Give the task and the GLB, kept or not, that a URL stands for; raise UsageError if no task has it.

    Nothing is ever fetched from the URL. Signed queries are left out of the comparison, since they change with every
    look. A kept file's path or `file://` URI, `artifact://ID/NAME` and a task's id stand for a model as well.
    """
    wanted = _place(url)
    for snapshot in snapshots:
        if url in (snapshot.id, f"task://{snapshot.id}"):
            return snapshot, _model(snapshot, None)
        for artifact in snapshot.artifacts:
            if wanted in _places(snapshot, artifact):
                return snapshot, _model(snapshot, artifact.name)
    raise UsageError(
        f"{clean(url.partition('?')[0], 200)} is no file of your tasks here. Only models that were made through this "
        "server and kept by it are imported: give the URL or the path that a task's status shows, or the task's id."
    )


def _places(snapshot: Snapshot, artifact: Artifact) -> set[str]:
    places = {_place(artifact.url or ""), f"artifact://{snapshot.id}/{artifact.name}"}
    if artifact.path is not None:
        places |= {str(artifact.path), artifact.path.absolute().as_uri()}
    return places - {""}


def _place(url: str) -> str:
    try:
        parts = urlsplit(url.strip())
    except ValueError:  # such as an unfinished IPv6 host; a text that is no URL fits no URL
        return url
    return parts._replace(scheme=parts.scheme.lower(), netloc=parts.netloc.lower(), query="", fragment="").geturl()


def checked_copy(artifact: Artifact, folder: Path) -> Path:
    """Copy a kept model into a private folder, so that nobody changes it between check and import. Blocks.

    Raises ArtifactError if the file is gone, is not the one that was kept, or is no GLB.
    """
    origin, copy = artifact.path, folder / "model.glb"
    assert origin is not None
    found = hashlib.sha256()
    try:
        with origin.open("rb") as source, copy.open("xb") as target:
            while chunk := source.read(_CHUNK):
                found.update(chunk)
                target.write(chunk)
    except OSError as error:
        raise ArtifactError(f"{origin} cannot be imported: {error.strerror or error}. Download it again.") from error
    if (copy.stat().st_size, found.hexdigest()) != (artifact.size, artifact.sha256):
        raise ArtifactError(
            f"{origin} is not the file that was kept any more, so it is not imported. Download it again."
        )
    with copy.open("rb") as file:
        start = file.read(len(_MAGIC))
    if start != _MAGIC:
        raise ArtifactError(f"{origin} is not a GLB: it begins with {start!r}.")
    return copy
