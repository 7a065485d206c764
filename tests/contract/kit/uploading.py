"""A sound adapter that uploads local files before it creates a job."""

from __future__ import annotations

from typing import Any

from attrs import evolve

from contract.kit.sound import Sound
from taskferry import Accepted, Call, Exchange, FilePart, Request, local_file


class Uploading(Sound):
    """Keeps every rule, and takes files as well as addresses."""

    def submit(self, request: Request) -> Exchange[Accepted]:
        references: list[Any] = []
        for image in request.parameters.get("references", ()):
            path = local_file(image)
            if path is None:
                references.append(image)
            else:
                uploaded = yield Call.upload("/files", FilePart(path=path))
                references.append(uploaded.at("url", str))
        parameters = {**request.parameters, "references": references} if references else request.parameters
        return (yield from self.create(evolve(request, parameters=parameters)))
