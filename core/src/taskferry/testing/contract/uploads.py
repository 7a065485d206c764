"""Cases about local files: sent by reference, before the billed call, or declined; never as a path in a text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from attrs import evolve

from taskferry.call import Call, Purpose
from taskferry.errors import InvalidParameters, ReplyLost, UsageError
from taskferry.media import media_type_of
from taskferry.parameters import validate
from taskferry.testing.contract.base import Contract
from taskferry.testing.contract.driving import Driven, drive
from taskferry.testing.contract.media import PNG
from taskferry.testing.contract.requiring import require, skip, told
from taskferry.testing.contract.samples import OperationSamples

_FOLDER = "taskferry-contract-"
_NAMES = tuple(f"contract.{suffix}" for suffix in ("png", "jpg", "mp4", "mp3", "wav", "glb", "zip"))


class UploadCases(Contract):
    """What becomes of a caller's own files."""

    def test_local_files(self) -> None:
        """A local file goes along by reference, or the caller is told that it cannot: its path never leaves."""
        tried = False
        for what, driven in self._submits():
            tried = True
            texts = [text for call in driven.calls for text in _texts(call)]
            require(
                not any("file:" in text or _FOLDER in text for text in texts),
                f"local-file: {what}: the path of a local file went out as text; send it with Call.upload or as a "
                "FilePart, "
                "or raise UsageError",
            )
            require(
                not any(len(text) > len(PNG) and "iVBORw0KGgo" in text for text in texts),
                f"local-file: {what}: the bytes of a local file went into a call; send it with Call.upload or as a "
                "FilePart, which is read while it is sent",
            )
            declined = isinstance(driven.error, UsageError) and not driven.calls
            require(
                declined or driven.typed,
                f"local-file: {what}: it came to {told(driven.error) if driven.error else ''}; raise UsageError where "
                "the provider takes addresses only",
            )
        if not tried:
            skip("no parameter takes a file")

    def test_uploads_come_before_the_create(self) -> None:
        """Files are up before the job is billed: an upload that fails leaves nothing that costs."""
        tried = False
        for what, driven in self._submits(lost=True):
            first = driven.calls[0] if driven.calls else None
            if first is None or not (first.files or first.body_file) or first.purpose is Purpose.CREATE:
                continue
            tried = True
            creates = [call for call in driven.calls if call.purpose is Purpose.CREATE]
            require(
                not creates and driven.error is not None,
                f"upload: {what}: an upload was lost and the job was created all the same; let the error pass",
            )
        if not tried:
            skip("no file is uploaded by a call of its own")

    def _submits(self, *, lost: bool = False) -> Iterator[tuple[str, Driven]]:
        """Yield a submit for each parameter that takes a file, with a file of a media type that it takes."""
        with TemporaryDirectory(prefix=_FOLDER) as folder:
            for of in self.subject.operations:
                for name, value in _files(of, Path(folder)):
                    try:
                        parameters = validate(of.operation, {**of.parameters, name: value})
                    except InvalidParameters:
                        continue
                    yield f"{of.operation.name}: {name}", self._submit(of, parameters, lost=lost)

    def _submit(self, of: OperationSamples, parameters: Mapping[str, Any], *, lost: bool) -> Driven:
        request = evolve(self.subject.request(of), parameters=parameters)
        adapter, usual = self.subject.adapter, self.subject.submit_answers(of.created)
        if not lost and not self.subject.samples.uploaded:
            lost = True  # nobody says what an upload is answered with

        def answers(place: int, call: Call) -> Any:
            is_upload = call.purpose is not Purpose.CREATE
            return ReplyLost("The reply never came.") if lost and is_upload else usual(place, call)

        return drive(adapter.submit(request), answers, adapter.failure)


def _files(of: OperationSamples, folder: Path) -> Iterator[tuple[str, Any]]:
    for name, schema in of.operation.parameters.get("properties", {}).items():
        items = schema.get("items")
        if schema.get("format") == "media":
            yield name, _file(folder, schema)
        elif isinstance(items, Mapping) and items.get("format") == "media":
            yield name, [_file(folder, items)] * max(1, schema.get("minItems", 1))


def _file(folder: Path, schema: Mapping[str, Any]) -> Path:
    taken = schema.get("x-accepts")
    fitting = [name for name in _NAMES if not taken or media_type_of(name) in taken]
    path = folder / (fitting or list(_NAMES))[0]
    path.write_bytes(PNG)
    return path


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, Call):
        yield from _texts([value.path, value.params, value.json, value.headers])
    elif isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _texts([name, inner])
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _texts(inner)
