"""Adapters that mistreat a caller's own files."""

from __future__ import annotations

import base64
from typing import Any

from attrs import evolve

from contract.kit.breaking import Broken
from taskferry import Accepted, Call, FilePart, WireError, local_file


class SendsThePath(Broken):
    """The path of a local file goes out as it is."""

    caught_by = "test_local_files"

    def submit(self, request: Any) -> Any:
        return (yield from self.create(request))


class SendsBytes(Broken):
    """The bytes of a local file go into the call."""

    caught_by = "test_local_files"

    def submit(self, request: Any) -> Any:
        images = [local_file(image) for image in request.parameters.get("references", ())]
        packed = [base64.b64encode(path.read_bytes()).decode() for path in images if path]
        return (yield from self.create(evolve(request, parameters={**request.parameters, "references": packed})))


class CreatesWithoutTheFile(Broken):
    """An upload that was lost is passed over."""

    caught_by = "test_uploads_come_before_the_create"
    given = {"uploaded": {"url": "https://files.sound.example/1"}}  # noqa: RUF012 -- read only

    def submit(self, request: Any) -> Any:
        path = next(filter(None, map(local_file, request.parameters.get("references", ()))), None)
        urls = []
        try:
            if path is not None:
                uploaded = yield Call.upload("/files", FilePart(path=path))
                urls = [uploaded.at("url", str)]
        except WireError:
            urls = []
        reply = yield Call.create("/jobs", json={**request.parameters, "references": urls})
        return Accepted(remote={"id": reply.at("id", str)})
